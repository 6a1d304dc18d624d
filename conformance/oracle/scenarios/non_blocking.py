"""TLS over a socket that does not block."""
import select
import socket
import ssl

from observe import observe, observing, peers, trusting_context


def handshake(tls):
    wants = set()
    while True:
        try:
            tls.do_handshake()
            return sorted(wants)
        except ssl.SSLWantReadError:
            wants.add("read")
            select.select([tls], [], [], 20)
        except ssl.SSLWantWriteError:
            wants.add("write")
            select.select([], [tls], [], 20)


def open_tls(peer):
    plain = socket.create_connection(("127.0.0.1", peers[peer]), timeout=20)
    plain.setblocking(False)
    return trusting_context().wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False)


@observing("the first call wants to read")
def _():
    with open_tls("never-answers") as tls:
        tls.do_handshake()


@observing("a whole handshake, a request and its answer")
def _():
    with open_tls("good") as tls:
        wants = handshake(tls)
        tls.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while True:
            try:
                chunk = tls.recv(4096)
            except ssl.SSLWantReadError:
                select.select([tls], [], [], 20)
                continue
            if not chunk:
                break
            received += chunk
        return [wants in ([], ["read"]), tls.gettimeout(), received.split(b"\r\n")[0], received.endswith(b"hello from nginx\n")]


@observing("nothing to read yet")
def _():
    with open_tls("reversing") as tls:
        handshake(tls)
        try:
            tls.recv(1)
        except ssl.SSLWantReadError as error:
            return [error, error.args[0] == ssl.SSL_ERROR_WANT_READ, isinstance(error, BlockingIOError)]


@observing("wrapping with a handshake is refused")
def _():
    plain = socket.create_connection(("127.0.0.1", peers["good"]), timeout=20)
    plain.setblocking(False)
    with plain, trusting_context().wrap_socket(plain, server_hostname="localhost"):
        pass


@observing("asking for TLS of a connection that has not begun")
def _():
    plain = socket.socket()
    plain.setblocking(False)
    with plain:
        return plain.connect_ex(("127.0.0.1", peers["good"])) != 0
