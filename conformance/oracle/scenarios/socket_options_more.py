"""`getsockopt` and `setsockopt` of more options, in each form, on fresh, listening and connected sockets."""
import socket
import struct

from ends import Sockets, connection, raised
from observe import observe, observing

SWITCHES = ("SO_REUSEADDR", "SO_KEEPALIVE", "SO_BROADCAST", "SO_OOBINLINE")
for name in SWITCHES:

    @observing(name)
    def _():
        with socket.socket() as sock:
            option = getattr(socket, name)
            seen = [sock.getsockopt(socket.SOL_SOCKET, option)]
            for value in (1, 0, -5, b"\1\0\0\0", struct.pack("i", 0)):
                sock.setsockopt(socket.SOL_SOCKET, option, value)
                seen.append(bool(sock.getsockopt(socket.SOL_SOCKET, option)))
            return seen


@observing("TCP_NODELAY")
def _():
    with socket.socket() as sock:
        seen = [bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))]
        for value in (True, 0, 1):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, value)
            seen.append(bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        return seen


@observing("SO_LINGER")
def _():
    with socket.socket() as sock:
        seen = [struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))]
        for value in ((1, 0), (1, 5), (0, 0)):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", *value))
            seen.append(struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))
        return seen


@observing("what a socket is")
def _():
    names = ("SO_TYPE", "SO_DOMAIN", "SO_PROTOCOL", "SO_ACCEPTCONN", "SO_ERROR")
    with socket.socket() as fresh, socket.create_server(("127.0.0.1", 0)) as listening:
        return [[sock.getsockopt(socket.SOL_SOCKET, getattr(socket, name)) for name in names] for sock in (fresh, listening)]


@observing("forms")
def _():
    with socket.socket() as sock:
        get = lambda *parameters: raised(sock.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE, *parameters)
        return [get(), get(4), get(0), get(-1), get(2048), get("x"), raised(sock.getsockopt, "x", 1)]


for label, arguments in {
    "text": (socket.SOL_SOCKET, socket.SO_REUSEADDR, "1"),
    "a fraction": (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1.5),
    "None": (socket.SOL_SOCKET, socket.SO_REUSEADDR, None),
    "None and a size": (socket.SOL_SOCKET, socket.SO_REUSEADDR, None, 4),
    "too few bytes": (socket.SOL_SOCKET, socket.SO_REUSEADDR, b"\1"),
    "a number too large": (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 << 40),
    "a level that is none": (12345, 1, 1),
    "an option that is none": (socket.SOL_SOCKET, 12345, 1),
    "an option of TCP that is none": (socket.IPPROTO_TCP, 12345, 1),
}.items():

    @observing(f"set to {label}")
    def _():
        with socket.socket() as sock:
            return sock.setsockopt(*arguments)


@observing("buffers are at least what was asked for")
def _():
    with socket.socket() as sock:
        seen = []
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, 20_000)
            seen.append(sock.getsockopt(socket.SOL_SOCKET, option) >= 20_000)
        return seen


@observing("options of a TLS socket are the socket's")
def _():
    with Sockets() as pair:
        pair.client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return [bool(pair.client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)), pair.client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), pair.client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]


@observing("an accepted socket")
def _():
    a, b = connection()
    with a, b:
        return [sock.getsockopt(socket.SOL_SOCKET, option) for sock in (a, b) for option in (socket.SO_TYPE, socket.SO_ACCEPTCONN, socket.SO_ERROR)]


@observing("of a closed socket")
def _():
    sock = socket.socket()
    sock.close()
    return [raised(sock.getsockopt, 1, 2), raised(sock.setsockopt, 1, 2, 1)]
