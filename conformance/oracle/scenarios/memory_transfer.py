"""How much one call takes and gives: writes larger than a record, reads smaller than one, `pending`."""
import ssl

from ends import TLS12, Memory, client_context, drained, raised
from observe import observe, observing


def sizes(*lengths, **client):
    pair = Memory(client_context(**client)).handshake().settle()
    seen = []
    for length in lengths:
        written = pair.client.write(bytes(length))
        first = raised(pair.server.read, 1 << 20)
        seen.append([length, written, len(first) if isinstance(first, bytes) else first, pair.server.pending(), len(drained(pair.server))])
    return seen


observe("sizes of TLS 1.3", lambda: sizes(0, 1, 100, 16383, 16384, 16385, 40_000, 200_000))
observe("sizes of TLS 1.2", lambda: sizes(0, 1, 16384, 16385, 100_000, **TLS12))


@observing("pending counts what is left of a record")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"0123456789")
    pair.client.write(b"abc")
    seen = [pair.server.pending()]
    for length in (1, 4, 0, 100, 2, 100):
        seen.append([pair.server.read(length), pair.server.pending()])
    return seen + [raised(pair.server.read, 1)]


@observing("reads into buffers")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"0123456789" * 3)
    buffer = bytearray(10)
    view = memoryview(buffer)
    seen = [pair.server.read(4, buffer), bytes(buffer), pair.server.read(3, view[6:]), bytes(buffer), pair.server.read(100, buffer), bytes(buffer)]
    return seen + [raised(pair.server.read, 0, buffer), raised(pair.server.read, -1, buffer), bytes(buffer), raised(pair.server.read, 5, bytearray()), pair.server.pending()]


for label, use in {
    "into bytes": lambda end: end.read(3, b"abc"),
    "into a read-only view": lambda end: end.read(3, memoryview(b"abc")),
    "into a view with gaps": lambda end: end.read(3, memoryview(bytearray(6))[::2]),
    "into a number": lambda end: end.read(3, 5),
    "into None": lambda end: end.read(3, None),
    "a negative number": lambda end: end.read(-1),
    "text for a number": lambda end: end.read("1"),
    "a fraction": lambda end: end.read(1.5),
    "a number too large": lambda end: end.read(1 << 70),
    "without a number": lambda end: end.read(),
    "by keyword": lambda end: end.read(len=2),
    "text written": lambda end: end.write("x"),
    "None written": lambda end: end.write(None),
    "a view with gaps written": lambda end: end.write(memoryview(b"abcdef")[::2]),
    "numbers written": lambda end: end.write([1, 2]),
    "an array written": lambda end: end.write(__import__("array").array("H", [1, 2, 3])),
}.items():

    @observing(label)
    def _():
        pair = Memory().handshake().settle()
        pair.client.write(b"hello")
        return use(pair.server)


@observing("many small records")
def _():
    pair = Memory().handshake().settle()
    for number in range(300):
        pair.client.write(str(number).encode())
    one_by_one = [pair.server.read(1024) for _ in range(300)]
    return [b"".join(one_by_one)[-12:], raised(pair.server.read, 1)]


@observing("both directions at once")
def _():
    pair = Memory().handshake().settle()
    pair.client.write(b"c" * 50_000)
    pair.server.write(b"s" * 60_000)
    return [len(drained(pair.server)), len(drained(pair.client)), pair.to_client.pending, pair.to_server.pending]
