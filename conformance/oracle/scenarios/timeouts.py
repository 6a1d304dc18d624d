"""A server that never answers: the class of what is raised, not the time."""
import socket

from observe import connected, observe, observing, peers, trusting_context


@observing("in the handshake")
def _():
    with connected("never-answers", timeout=0.3):
        pass


@observing("while reading")
def _():
    with connected("reversing") as tls:
        tls.settimeout(0.3)
        tls.recv(1)


@observing("while reading into a buffer")
def _():
    with connected("reversing") as tls:
        tls.settimeout(0.3)
        tls.recv_into(bytearray(10))


@observing("a plain socket")
def _():
    with socket.create_connection(("127.0.0.1", peers["never-answers"]), timeout=0.3) as plain:
        plain.recv(1)


@observing("while waiting for the answer to a request")
def _():
    with connected("good") as tls:
        tls.settimeout(0.5)
        tls.sendall(b"GET /silent HTTP/1.1\r\nHost: localhost\r\n\r\n")
        tls.recv(1)


@observing("is the same class by its names")
def _():
    return [socket.timeout is TimeoutError, issubclass(TimeoutError, OSError)]


@observing("the connection goes on after it")
def _():
    with connected("reversing") as tls:
        tls.settimeout(0.2)
        try:
            tls.recv(1)
        except TimeoutError:
            pass
        tls.settimeout(20)
        tls.sendall(b"olleh\n")
        return tls.recv(6)
