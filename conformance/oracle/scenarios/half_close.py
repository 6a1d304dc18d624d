"""One direction ended, the other not: by TLS's close_notify, and by the socket's own shutdown."""
import socket
import ssl

from ends import TLS12, Sockets, arrived, client_context, raised
from observe import observe, observing


def notified(**attributes):
    with Sockets(client_context(**attributes), timeout=0) as pair:
        seen = [raised(pair.client.unwrap), raised(arrived(pair.server).recv, 9), raised(pair.server.send, b"still here")]
        seen += [raised(arrived(pair.client).recv, 99), raised(pair.client.send, b"x"), type(raised(pair.server.unwrap)).__name__]
        return seen + [raised(arrived(pair.client).recv, 9), type(raised(pair.client.unwrap)).__name__]


observe("close_notify, then an answer, TLS 1.3", lambda: notified())
observe("close_notify, then an answer, TLS 1.2", lambda: notified(**TLS12))


@observing("shutdown ends TLS on this side, whichever way")
def _():
    seen = []
    for how in (socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR):
        with Sockets() as pair:
            pair.client.shutdown(how)
            seen.append([pair.client.version(), pair.client._sslobj, raised(pair.client.unwrap), raised(pair.client.read, 1), raised(pair.client.write, b"x")])
    return seen


@observing("shutdown for writing is a ragged end for the peer")
def _():
    with Sockets() as pair:
        pair.client.shutdown(socket.SHUT_WR)
        return [pair.server.recv(9), pair.server.recv(9), raised(pair.server.unwrap)]


@observing("and an error when ragged ends are not suppressed")
def _():
    with Sockets(suppress_ragged_eofs=False) as pair:
        pair.client.shutdown(socket.SHUT_WR)
        return [raised(pair.server.recv, 9), raised(pair.server.recv_into, bytearray(3))]


@observing("after shutdown for writing, what the peer sends is ciphertext")
def _():
    with Sockets() as pair:
        pair.client.shutdown(socket.SHUT_WR)
        pair.server.sendall(b"secret")
        record = pair.client.recv(99)
        return [record[:3], len(record), b"secret" in record]


@observing("the peer shuts its reading down")
def _():
    with Sockets() as pair:
        pair.server.shutdown(socket.SHUT_RD)
        return [pair.server.version(), raised(pair.server.recv, 1)]


@observing("shutdown of a wrong kind")
def _():
    with Sockets() as pair:
        seen = [raised(pair.client.shutdown, 9), pair.client.version()]
        return seen + [raised(pair.client.shutdown, "x")]


@observing("shutdown of an unconnected socket")
def _():
    with client_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        tls.shutdown(socket.SHUT_RDWR)


@observing("the order: unread bytes, then the end")
def _():
    with Sockets() as pair:
        pair.server.sendall(b"last words")
        pair.server.settimeout(0)
        raised(pair.server.unwrap)
        pair.server.close()
        return [pair.client.recv(4), pair.client.recv(99), pair.client.recv(9), pair.client.recv(9)]


@observing("unwrap with a peer that has gone")
def _():
    with Sockets() as pair:
        pair.server.close()
        pair.client.unwrap()


@observing("unwrap with a peer that sends bytes instead")
def _():
    with Sockets() as pair:
        pair.server.sendall(b"not yet")
        pair.client.unwrap()
