"""`ftplib.FTP_TLS`: the control connection and the data connections under TLS."""
import ftplib
import ssl

from observe import observe, observing, peers, trusting_context


def session(use, context=None, **parameters):
    client = ftplib.FTP_TLS(context=context or trusting_context(), timeout=20, **parameters)
    try:
        client.connect("localhost", peers["ftp"])
        return use(client)
    finally:
        client.close()


def files(client):
    received = []
    seen = [client.welcome, client.login("user", "password"), client.sock.version(), client.prot_p(), client.pwd()]
    seen += [client.nlst(), client.retrbinary("RETR file", received.append), sum(map(len, received))]
    lines = []
    seen += [client.retrlines("NLST", lines.append), lines]
    return [*seen, client.quit()]


observe("files", lambda: session(files))
observe("auth twice", lambda: session(lambda client: [client.auth(), client.auth()]))
observe("protection without TLS", lambda: session(lambda client: client.prot_p()))
observe("a login without TLS", lambda: session(lambda client: client.login("user", "password", secure=False)))
observe("a root that is not trusted", lambda: session(lambda client: client.auth(), ssl.create_default_context()))


@observing("a data connection by hand")
def _():
    def use(client):
        client.login("user", "password")
        client.prot_p()
        with client.transfercmd("RETR file") as data:
            seen = [type(data).__name__, data.version()]
            total = 0
            while chunk := data.recv(65536):
                total += len(chunk)
            plain = data.unwrap()
            return [*seen, total, plain is data, client.voidresp()]

    return session(use)
