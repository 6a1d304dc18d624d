"""`MemoryBIO` as a buffer."""
import ssl

from observe import observe, observing


@observing("bytes go in and come out")
def _():
    bio = ssl.MemoryBIO()
    seen = [bio.pending, bio.eof, bio.write(b"hello"), bio.pending, bio.read(2), bio.pending, bio.read(), bio.read(), bio.pending]
    return seen + [bio.write(bytearray(b"ab")), bio.write(memoryview(b"cd")), bio.read(100)]


@observing("the end comes after the bytes")
def _():
    bio = ssl.MemoryBIO()
    bio.write(b"x")
    bio.write_eof()
    return [bio.eof, bio.read(), bio.eof, bio.read()]


@observing("writing after the end")
def _():
    bio = ssl.MemoryBIO()
    bio.write_eof()
    bio.write(b"x")


@observing("reading parts")
def _():
    bio = ssl.MemoryBIO()
    bio.write(bytes(range(100)))
    return [bio.read(0), bio.read(10), bio.read(-1)]


observe("writing nothing", lambda: ssl.MemoryBIO().write(b""))
observe("writing text", lambda: ssl.MemoryBIO().write("text"))
observe("writing None", lambda: ssl.MemoryBIO().write(None))
observe("writing a number", lambda: ssl.MemoryBIO().write(1))
observe("reading a wrong size", lambda: ssl.MemoryBIO().read("x"))
observe("a parameter", lambda: ssl.MemoryBIO(1))
observe("setting pending", lambda: setattr(ssl.MemoryBIO(), "pending", 1))


@observing("much")
def _():
    bio = ssl.MemoryBIO()
    for _ in range(64):
        bio.write(b"x" * 65536)
    total = 0
    while bio.pending:
        total += len(bio.read(10_000))
    return total
