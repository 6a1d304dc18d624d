"""The end of a connection over memory: close_notify in each order, ends without it, and what still works afterwards."""
import ssl

from ends import TLS12, Memory, client_context, raised
from observe import observe, observing


def ends(**client):
    pair = Memory(client_context(**client)).handshake().settle()
    seen = [raised(pair.client.unwrap), raised(pair.client.write, b"late")]
    seen += [raised(pair.server.read, 9), raised(pair.server.read, 9), raised(pair.server.write, b"answer")]
    seen += [raised(pair.client.read, 9), raised(pair.server.unwrap), raised(pair.client.unwrap), raised(pair.client.unwrap)]
    return seen + [raised(pair.client.read, 1), raised(pair.server.write, b"x"), pair.client.version(), pair.client.pending()]


observe("the client ends first, TLS 1.3", lambda: ends())
observe("the client ends first, TLS 1.2", lambda: ends(**TLS12))


@observing("both end at once")
def _():
    pair = Memory().handshake().settle()
    return [raised(end.unwrap) for end in (pair.client, pair.server, pair.client, pair.server)]


@observing("the end comes after bytes that nobody has read")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"unread")
    seen = [raised(pair.client.unwrap), raised(pair.server.unwrap)]
    return seen + [raised(pair.server.read, 9), raised(pair.server.unwrap), raised(pair.client.unwrap)]


def cut(when, **client):
    pair = Memory(client_context(**client))
    if when == "before":
        pair.to_server.write_eof()
        return [raised(pair.server.do_handshake), raised(pair.server.do_handshake), raised(pair.server.read, 1)]
    if when == "amid":
        raised(pair.client.do_handshake)
        raised(pair.server.do_handshake)
        begun = pair.to_client.read(20)
        pair.to_client.read()
        pair.to_client.write(begun)
        pair.to_client.write_eof()
        return [raised(pair.client.do_handshake), raised(pair.client.read, 1), raised(pair.client.write, b"x"), raised(pair.client.unwrap)]
    pair.handshake().settle()
    pair.server.write(b"part")
    pair.to_client.write_eof()
    seen = [pair.client.read(9), raised(pair.client.read, 9), raised(pair.client.read, 9), raised(pair.client.unwrap)]
    return seen + [raised(pair.client.write, b"x"), raised(pair.server.read, 1)]


for when in ("before", "amid", "after"):
    observe(f"cut {when} the handshake, TLS 1.3", lambda: cut(when))
    observe(f"cut {when} the handshake, TLS 1.2", lambda: cut(when, **TLS12))


@observing("cut inside of a record")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"x" * 100)
    record = pair.to_server.read()
    pair.to_server.write(record[:50])
    seen = [raised(pair.server.read, 9)]
    pair.to_server.write_eof()
    return seen + [raised(pair.server.read, 9)]


@observing("cut, read into a buffer")
def _():
    pair = Memory().handshake().settle()
    pair.to_client.write_eof()
    pair.client.read(5, bytearray(5))


@observing("cut, unwrap")
def _():
    pair = Memory().handshake().settle()
    pair.to_client.write_eof()
    pair.client.unwrap()


@observing("where the records of one side can't be kept")
def _():
    pair = Memory().handshake().settle()
    pair.to_server.write_eof()
    return [raised(pair.client.write, b"x"), raised(pair.client.unwrap), raised(pair.server.read, 1)]


@observing("an alert ends both sides")
def _():
    pair = Memory(hostname="wrong.test")
    seen = []
    for _ in range(2):
        seen += [raised(pair.client.do_handshake), raised(pair.server.do_handshake)]
    return seen + [raised(pair.client.unwrap), raised(pair.server.unwrap), raised(pair.server.read, 1), raised(pair.server.write, b"x")]
