"""A handshake over memory, step by step: what each call says, and who has something to send."""
import ssl

from ends import TLS12, Memory, client_context, raised, server_context
from observe import observe, observing


def steps(**client):
    pair = Memory(client_context(**client))
    seen = []
    for end, out in [(pair.client, pair.to_server), (pair.server, pair.to_client)] * 3:
        outcome = raised(end.do_handshake)
        seen.append(["server" if end.server_side else "client", outcome, out.pending > 0, end.version(), end.cipher() is not None])
    return seen


observe("TLS 1.3", lambda: steps())
observe("TLS 1.2", lambda: steps(**TLS12))


@observing("the server begins, and has nothing to say")
def _():
    pair = Memory()
    return [raised(pair.server.do_handshake), pair.to_client.pending, raised(pair.server.read, 1), raised(pair.server.write, b"x"), raised(pair.server.unwrap)]


@observing("records that arrive byte by byte")
def _():
    pair = Memory()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context().wrap_bio(incoming, outgoing, server_side=True)
    raised(pair.client.do_handshake)
    hello = pair.to_server.read()
    outcomes = set()
    for byte in hello[:-1]:
        incoming.write(bytes([byte]))
        outcomes.add(raised(server.do_handshake))
    before = outgoing.pending
    incoming.write(hello[-1:])
    outcomes.add(raised(server.do_handshake))
    return [sorted(outcomes), before, outgoing.pending > 1000]


@observing("a handshake that is done")
def _():
    pair = Memory().handshake()
    return [pair.client.do_handshake(), pair.server.do_handshake()]


@observing("reading does the handshake, too")
def _():
    pair = Memory()
    for _ in range(3):
        seen = [raised(pair.client.read, 1), raised(pair.server.read, 1)]
    pair.client.write(b"ping")
    return [seen, pair.server.read(9), pair.client.version()]


@observing("what is left in the buffers afterwards")
def _():
    pair = Memory(client_context(**TLS12)).handshake()
    return [pair.to_client.pending, pair.to_server.pending]


for label, junk in {"text": b"GET / HTTP/1.1\r\n\r\n", "zeros": bytes(32), "an unknown content type": b"\x63\3\3\0\1x", "a huge record": b"\x16\3\1\xff\xff" + bytes(40)}.items():

    @observing(f"{label} instead of a ClientHello")
    def _():
        pair = Memory()
        pair.to_server.write(junk)
        first = raised(pair.server.do_handshake)
        return [first, raised(pair.server.do_handshake), raised(pair.server.read, 1), pair.to_client.pending > 0]

    @observing(f"{label} instead of a ServerHello")
    def _():
        pair = Memory()
        raised(pair.client.do_handshake)
        pair.to_client.write(junk)
        return [raised(pair.client.do_handshake), raised(pair.client.do_handshake)]


@observing("a record that was changed on the way")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"secret")
    record = bytearray(pair.to_server.read())
    record[-1] ^= 1
    pair.to_server.write(record)
    return [raised(pair.server.read, 9), raised(pair.server.read, 9), raised(pair.client.read, 1)]


@observing("a record that is sent twice")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"once")
    record = pair.to_server.read()
    pair.to_server.write(record * 2)
    return [pair.server.read(9), raised(pair.server.read, 9)]
