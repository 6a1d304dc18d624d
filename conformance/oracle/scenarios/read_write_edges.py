"""read and write of a connection at their edges."""
import array
import ssl

from memory_pair import Pair, server_context
from observe import observe, observing

pair = Pair().handshake()


def received(data=b"0123456789"):
    fresh = Pair().handshake()
    fresh.client.write(data)
    return fresh.server


def raw(*args):
    return received()._sslobj.read(*args)


def into(buffer, *size):
    count = received().read(*(size or (1024,)), buffer)
    return [count, bytes(buffer)]


for size in (0, 1, 5, 10, 100, 1 << 20):
    observe(f"read {size}", lambda: received().read(size))
for size in (-1, -5, None, 1.5, "1", True, 1 << 64):
    observe(f"read {size!r} of _ssl", lambda: raw(size))
observe("read by default", lambda: received().read())
observe("into a bytearray", lambda: into(bytearray(20)))
observe("into a short one", lambda: into(bytearray(4)))
observe("into an empty one", lambda: into(bytearray()))
observe("into a part", lambda: into(bytearray(20), 3))
observe("into one, size 0", lambda: into(bytearray(20), 0))
observe("into one, size -1", lambda: into(bytearray(20), -1))
observe("into one, size too large", lambda: into(bytearray(4), 100))
observe("into an array", lambda: into(array.array("i", [0, 0, 0])))
observe("into a view", lambda: into(memoryview(bytearray(20))[5:]))
observe("into bytes", lambda: raw(10, b"1234567890"))
observe("into a text", lambda: raw(10, "1234567890"))
observe("into every second byte", lambda: raw(10, memoryview(bytearray(20))[::2]))
observe("into None", lambda: raw(10, None))
observe("into None of ssl", lambda: received().read(5, None))
observe("nothing to read", lambda: pair.client.read(1))
observe("nothing to read of nothing", lambda: pair.client.read(0))
observe("nothing to read into nothing", lambda: pair.client.read(10, bytearray()))
for data in (b"", b"x", bytearray(b"ab"), memoryview(b"abc"), array.array("i", [1, 2]), bytes(16384), bytes(16385), bytes(100_000)):
    observe(f"write a {type(data).__name__} of {memoryview(data).nbytes}", lambda: pair.client.write(data))
for data in ("x", None, 5, memoryview(b"abcd")[::2], [1]):
    observe(f"write a {type(data).__name__}", lambda: pair.client.write(data))


@observing("records as they come")
def _():
    fresh = Pair().handshake()
    for data in (b"a" * 10, b"b" * 20000, b"c"):
        fresh.client.write(data)
    seen = []
    while True:
        try:
            data = fresh.server.read(100_000)
        except ssl.SSLWantReadError:
            return seen
        seen.append([len(data), data[:1], fresh.server.pending()])


@observing("what is pending")
def _():
    fresh = received()
    seen = [fresh.pending()]
    for size in (3, 3, 10):
        seen.append([len(fresh.read(size)), fresh.pending()])
    return seen


@observing("before the handshake")
def _():
    fresh = Pair()
    seen = []
    for operation in (lambda: fresh.client.read(1), lambda: fresh.client.write(b"x"), fresh.client.unwrap, lambda: fresh.server.read(1), lambda: fresh.server.write(b"x"), fresh.client.pending, fresh.client.getpeercert, fresh.client.version, fresh.client.cipher):
        try:
            seen.append(operation())
        except Exception as error:
            seen.append(error)
    return seen


@observing("reading does the handshake")
def _():
    fresh = Pair()
    for _ in range(5):
        for side in (fresh.client, fresh.server):
            try:
                side.read(1)
            except ssl.SSLWantReadError:
                pass
    return [fresh.client.version() is not None, fresh.server.version() is not None]


@observing("after a failure")
def _():
    fresh = Pair(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), server_context())
    fresh.outcome()
    seen = []
    for operation in (fresh.client.do_handshake, lambda: fresh.client.read(1), lambda: fresh.client.write(b"x"), fresh.client.unwrap, fresh.server.do_handshake, lambda: fresh.server.read(1)):
        try:
            seen.append(operation())
        except Exception as error:
            seen.append(error)
    return seen
