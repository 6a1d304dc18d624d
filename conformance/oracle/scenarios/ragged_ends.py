"""Connections that end without close_notify, with and without `suppress_ragged_eofs`, in each way to read."""
import socket
import ssl
import struct

from ends import TLS12, Sockets, arrived, client_context, raised
from observe import observe, observing

READS = {
    "recv": lambda tls: tls.recv(9),
    "read": lambda tls: tls.read(9),
    "recv_into": lambda tls: tls.recv_into(bytearray(9)),
    "read into": lambda tls: tls.read(9, bytearray(9)),
    "makefile": lambda tls: tls.makefile("rb").read(9),
    "makefile lines": lambda tls: tls.makefile("rb").readline(),
    "the inner object": lambda tls: tls._sslobj.read(9),
    "send": lambda tls: tls.send(b"x"),
    "unwrap": lambda tls: type(tls.unwrap()).__name__,
    "pending": lambda tls: tls.pending(),
}


def ragged(read, suppress, **attributes):
    with Sockets(client_context(**attributes), suppress_ragged_eofs=suppress) as pair:
        pair.server.sendall(b"last")
        pair.server.close()
        seen = [pair.client.recv(9)]
        arrived(pair.client)
        return [*seen, raised(read, pair.client), raised(pair.client.recv, 9), pair.client.version()]


for name, read in READS.items():
    for suppress in (True, False):
        observe(f"{name}, suppressed {suppress}", lambda: ragged(read, suppress))
    observe(f"{name}, not suppressed, TLS 1.2", lambda: ragged(read, False, **TLS12))


@observing("set later")
def _():
    with Sockets() as pair:
        pair.server.close()
        seen = [pair.client.recv(9)]
        pair.client.suppress_ragged_eofs = False
        return [*seen, raised(pair.client.recv, 9)]


def reset(suppress, read):
    with Sockets(suppress_ragged_eofs=suppress) as pair:
        pair.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        pair.server.close()
        arrived(pair.client)
        return [raised(read, pair.client), raised(pair.client.recv, 9)]


for name in ("recv", "recv_into", "makefile", "the inner object"):
    for suppress in (True, False):
        observe(f"a reset in {name}, suppressed {suppress}", lambda: reset(suppress, READS[name]))


@observing("an end in order is an end whatever the setting")
def _():
    with Sockets(suppress_ragged_eofs=False) as pair:
        pair.server.settimeout(0)
        raised(pair.server.unwrap)
        pair.server.close()
        return [pair.client.recv(9), pair.client.recv_into(bytearray(3)), raised(pair.client._sslobj.read, 9)]
