"""MemoryBIO at its edges."""
import array
import copy
import pickle
import ssl
import weakref

from observe import observe, observing


def filled(data=b"0123456789"):
    bio = ssl.MemoryBIO()
    bio.write(data)
    return bio


def read(*args):
    return filled().read(*args)


observe("read all", lambda: read())
observe("read some", lambda: read(3))
observe("read nothing", lambda: read(0))
observe("read more than there is", lambda: read(100))
observe("read -1", lambda: read(-1))
observe("read -5", lambda: read(-5))
observe("read None", lambda: read(None))
observe("read by a float", lambda: read(1.5))
observe("read by a text", lambda: read("1"))
observe("read by True", lambda: read(True))
observe("read too much", lambda: read(1 << 40))
observe("write", lambda: ssl.MemoryBIO().write(b"abc"))
observe("write nothing", lambda: ssl.MemoryBIO().write(b""))
observe("write a bytearray", lambda: ssl.MemoryBIO().write(bytearray(b"abc")))
observe("write a view", lambda: filled(memoryview(b"abcdef")[1:3]).read())
observe("write an array", lambda: len(filled(array.array("i", [1, 2, 3])).read()))
observe("write every second byte", lambda: ssl.MemoryBIO().write(memoryview(b"abcdef")[::2]))
observe("write a text", lambda: ssl.MemoryBIO().write("abc"))
observe("write None", lambda: ssl.MemoryBIO().write(None))
observe("write a number", lambda: ssl.MemoryBIO().write(5))
observe("write much", lambda: [ssl.MemoryBIO().write(bytes(1_000_000)), filled(bytes(1_000_000)).pending])
observe("pending set", lambda: setattr(ssl.MemoryBIO(), "pending", 1))
observe("eof set", lambda: setattr(ssl.MemoryBIO(), "eof", True))
observe("eof deleted", lambda: delattr(ssl.MemoryBIO(), "eof"))
observe("copied", lambda: copy.copy(ssl.MemoryBIO()))
observe("pickled", lambda: pickle.dumps(ssl.MemoryBIO()))
observe("a weak reference", lambda: weakref.ref(ssl.MemoryBIO()))
observe("derived", lambda: type("Derived", (ssl.MemoryBIO,), {}))
observe("text", lambda: repr(ssl.MemoryBIO()).split(" at ")[0])


@observing("the end")
def _():
    bio = filled()
    bio.write_eof()
    seen = [bio.eof, bio.pending]
    bio.read()
    return [*seen, bio.eof, bio.read(), bio.pending]


@observing("writing after the end")
def _():
    bio = ssl.MemoryBIO()
    bio.write_eof()
    bio.write(b"x")


@observing("the end, twice")
def _():
    bio = ssl.MemoryBIO()
    bio.write_eof()
    bio.write_eof()
    return bio.eof


@observing("bit by bit")
def _():
    bio = ssl.MemoryBIO()
    seen = []
    for count in range(5):
        bio.write(bytes(count))
        seen.append([bio.pending, len(bio.read(2)), bio.pending, bio.eof])
    return seen
