"""`recv_into` and `read` with every kind of buffer and number."""
import array
import mmap
import socket
import ssl

from ends import Sockets
from observe import observe, observing


def filled(buffer, *parameters, method="recv_into", text=b"0123456789"):
    with Sockets() as pair:
        pair.server.sendall(text)
        count = getattr(pair.client, method)(buffer, *parameters)
        return [count, bytes(buffer), pair.client.pending()]


BUFFERS = {
    "bytearray": lambda: bytearray(4),
    "a larger bytearray": lambda: bytearray(16),
    "an empty bytearray": lambda: bytearray(),
    "array of bytes": lambda: array.array("B", bytes(4)),
    "array of numbers": lambda: array.array("I", [0, 0]),
    "view": lambda: memoryview(bytearray(8))[2:6],
    "view of two dimensions": lambda: memoryview(bytearray(8)).cast("B", (2, 4)),
    "view with gaps": lambda: memoryview(bytearray(8))[::2],
    "bytes": lambda: b"1234",
    "read-only view": lambda: memoryview(b"1234"),
    "text": lambda: "1234",
    "number": lambda: 4,
    "list": lambda: [1, 2],
    "anonymous map": lambda: mmap.mmap(-1, 8),
}
for name, make in BUFFERS.items():
    observe(f"recv_into {name}", lambda: filled(make()))
    observe(f"read into {name}", lambda: read_into(make()))


def read_into(buffer, length=1024):
    with Sockets() as pair:
        pair.server.sendall(b"0123456789")
        count = pair.client.read(length, buffer)
        return [count, bytes(buffer), pair.client.pending()]


for length in (None, 0, 1, 4, 5, -1, 1 << 40, "1", 1.5, True):
    observe(f"recv_into with nbytes {length!r}", lambda: filled(bytearray(4), length))
for flags in (0, 1, socket.MSG_PEEK, -1, None):
    observe(f"recv_into with flags {flags!r}", lambda: filled(bytearray(4), 4, flags))
for length in (0, 3, 99, -1):
    observe(f"read {length} into a buffer", lambda: read_into(bytearray(4), length))
for length in (0, 1, 99, -1, None, "1", 1 << 31):
    observe(f"recv {length!r}", lambda: received("recv", length))
    observe(f"read {length!r}", lambda: received("read", length))


def received(method, *parameters):
    with Sockets() as pair:
        pair.server.sendall(b"0123456789")
        return [getattr(pair.client, method)(*parameters), pair.client.pending()]


observe("recv without a number", lambda: received("recv"))
observe("recv_into nothing", lambda: received("recv_into", None))
observe("recv_into nothing, with a number", lambda: received("recv_into", None, 5))


@observing("a buffer can't be resized while it is read into, but afterwards")
def _():
    with Sockets() as pair:
        buffer = bytearray(4)
        pair.server.sendall(b"0123")
        pair.client.recv_into(buffer)
        buffer += b"more"
        return bytes(buffer)


@observing("at the end")
def _():
    with Sockets() as pair:
        pair.server.close()
        buffer = bytearray(b"kept")
        return [pair.client.recv_into(buffer), bytes(buffer), pair.client.read(4, buffer), pair.client.recv(9), pair.client.read()]
