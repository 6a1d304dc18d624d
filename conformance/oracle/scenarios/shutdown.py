"""Ending TLS in order: `unwrap`, and what the server's end looks like."""
import socket

from observe import connected, get, observe, observing


@observing("unwrap gives the plain socket back")
def _():
    with connected("reversing") as tls:
        tls.sendall(b"olleh\n")
        answer = tls.recv(100)
        plain = tls.unwrap()
        return [answer, type(plain).__name__, plain.fileno() == tls.fileno(), tls.version()]


@observing("unwrap twice")
def _():
    with connected("reversing") as tls:
        tls.unwrap()
        tls.unwrap()


@observing("unwrap before the handshake")
def _():
    from observe import peers, trusting_context

    with socket.create_connection(("127.0.0.1", peers["good"]), timeout=20) as plain:
        with trusting_context().wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False) as tls:
            tls.unwrap()


@observing("the server's end is an empty read, again and again")
def _():
    with connected("good") as tls:
        status, body = get(tls)
        return [status, body, tls.recv(10), tls.recv(10), tls.recv_into(bytearray(4))]


@observing("shutdown of the socket")
def _():
    with connected("good") as tls:
        tls.shutdown(socket.SHUT_RDWR)
        return [tls.version(), tls.cipher()]


@observing("half of it")
def _():
    with connected("reversing") as tls:
        tls.shutdown(socket.SHUT_WR)
        return tls.version()


@observing("detach")
def _():
    with connected("good") as tls:
        number = tls.detach()
        answer = [number > 0, tls.fileno()]
        socket.socket(fileno=number).close()
        return answer
