"""`makefile` of TLS sockets: modes, buffering, text, and who closes the connection."""
import io

from ends import Sockets, raised
from observe import observe, observing


def opened(use, *parameters, **keywords):
    with Sockets() as pair:
        with pair.client.makefile(*parameters, **keywords) as file:
            return use(file, pair)


for mode in ("r", "w", "rw", "rb", "wb", "rwb", "wr", "a", "r+", "x", "", "b"):
    observe(f"mode {mode!r}", lambda: opened(lambda file, _: [type(file).__name__, getattr(file, "mode", None), raised(file.readable), raised(file.writable)], mode))
for buffering in (None, -1, 0, 1, 16, -2):
    observe(f"buffering {buffering!r}", lambda: opened(lambda file, _: type(file).__name__, "rb", buffering))
observe("text without a buffer", lambda: opened(lambda file, _: type(file).__name__, "r", 0))


@observing("lines of text")
def _():
    def use(file, pair):
        pair.server.sendall("eins\r\nzwei\ndr\u00e4i".encode())
        pair.server.close()
        return [file.readline(), file.readline(), file.read(), file.read(), file.encoding, file.newlines]

    return opened(use, "r", encoding="utf-8")


@observing("lines of text as they came")
def _():
    def use(file, pair):
        pair.server.sendall(b"one\r\ntwo\r\n")
        pair.server.close()
        return list(file)

    return opened(use, "r", encoding="latin-1", newline="")


@observing("text that is none")
def _():
    def use(file, pair):
        pair.server.sendall(b"\xff\xfe\n")
        return file.readline()

    return opened(use, "r", encoding="utf-8")


@observing("reading in every way")
def _():
    def use(file, pair):
        pair.server.sendall(b"0123456789abcdefghij\nline\n")
        pair.server.close()
        buffer = bytearray(3)
        return [file.read(2), file.read1(3), file.readinto(buffer), bytes(buffer), file.peek(1)[:1], file.readline(), file.readlines(), file.read()]

    return opened(use, "rb")


@observing("writing is seen after flush")
def _():
    def use(file, pair):
        written = file.write(b"held back")
        pair.server.settimeout(0)
        before = raised(pair.server.recv, 99)
        file.flush()
        return [written, before, pair.server.recv(99)]

    return opened(use, "wb")


@observing("closing flushes")
def _():
    with Sockets() as pair:
        file = pair.client.makefile("w", encoding="ascii")
        file.write("text")
        file.close()
        return [pair.server.recv(99), file.closed, pair.client.fileno() >= 0, raised(file.write, "x")]


@observing("the connection lives as long as its files")
def _():
    with Sockets() as pair:
        reader, writer = pair.client.makefile("rb"), pair.client.makefile("wb")
        pair.client.close()
        pair.server.sendall(b"hello\n")
        seen = [pair.client._closed, pair.client.fileno() >= 0, reader.readline(), writer.write(b"answer"), writer.flush(), pair.server.recv(99)]
        reader.close()
        seen.append(pair.client.fileno() >= 0)
        writer.close()
        return [*seen, pair.client.fileno() >= 0, pair.server.recv(9)]


@observing("a file of a socket that does not block")
def _():
    with Sockets(timeout=0) as pair:
        with pair.client.makefile("rb") as file:
            return file.read(4)


@observing("a raw file of a socket that does not block")
def _():
    with Sockets(timeout=0) as pair:
        with pair.client.makefile("rb", buffering=0) as file:
            return [file.read(4), file.readinto(bytearray(3)), file.name >= 0, file.mode, file.seekable(), raised(file.write, b"x"), raised(file.tell)]


@observing("a file whose socket timed out")
def _():
    with Sockets(timeout=0.05) as pair:
        with pair.client.makefile("rb") as file:
            return [raised(file.readline), raised(file.readline), raised(file.read)]


@observing("a ragged end in a file")
def _():
    with Sockets(suppress_ragged_eofs=False) as pair:
        with pair.client.makefile("rb") as file:
            pair.server.sendall(b"half a li")
            pair.server.close()
            return file.readline()


@observing("a file detached, and wrapped again")
def _():
    def use(file, pair):
        raw = file.detach()
        pair.server.sendall(b"hello\n")
        again = io.BufferedReader(raw)
        return [type(raw).__name__, again.readline(), raised(file.read)]

    with Sockets() as pair:
        return use(pair.client.makefile("rb"), pair)


@observing("a file of a closed socket")
def _():
    with Sockets() as pair:
        pair.client.close()
        with pair.client.makefile("rb") as file:
            return raised(file.read, 1)
