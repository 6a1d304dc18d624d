"""`smtplib` against a server that goes over to TLS on STARTTLS."""
import email.message
import smtplib
import ssl

from observe import observe, observing, peers, trusting_context


def session(use, host="localhost", **parameters):
    with smtplib.SMTP(host, peers["smtp"], local_hostname="client.test", timeout=20) as client:
        return use(client)


@observing("STARTTLS, a login and a message")
def _():
    def use(client):
        before = client.ehlo()
        seen = [before, client.has_extn("starttls"), client.starttls(context=trusting_context()), client.sock.version(), client.sock.server_hostname]
        seen += [client.ehlo(), client.has_extn("starttls"), client.login("user", "password")]
        message = email.message.EmailMessage()
        message["Subject"], message["From"], message["To"] = "Hello", "a@example.test", "b@example.test"
        message.set_content("first\n.second\n")
        return [*seen, client.send_message(message), client.noop(), client.sock.getpeercert()["subject"][-1]]

    return session(use)


observe("another name than the certificate's", lambda: session(lambda client: client.starttls(context=trusting_context()), host="127.0.0.1"))


@observing("a name that the certificate does not have")
def _():
    client = smtplib.SMTP(local_hostname="client.test", timeout=20)
    client.connect("127.0.0.1", peers["smtp"])
    client._host = "wrong.test"
    try:
        return client.starttls(context=trusting_context())
    finally:
        client.close()


observe("a root that is not trusted", lambda: session(lambda client: client.starttls(context=ssl.create_default_context())))
observe("without a context", lambda: session(lambda client: [client.starttls(), client.sock.context.verify_mode, client.sock.context.check_hostname]))
observe("twice", lambda: session(lambda client: [client.starttls(context=trusting_context())[0], client.starttls(context=trusting_context())]))
observe("mail without TLS", lambda: session(lambda client: client.sendmail("a@example.test", ["b@example.test"], "text")))
observe("a login without TLS", lambda: session(lambda client: client.login("user", "password")))
observe("TLS from the beginning where there is none", lambda: smtplib.SMTP_SSL("localhost", peers["smtp"], context=trusting_context(), timeout=20))
