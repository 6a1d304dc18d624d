"""Megabytes in one call, to an end that reads now and then: all arrive, in order, whatever the sizes."""
import hashlib
import io
import os
import socket
import ssl
import tempfile

from ends import TLS12, Sockets, client_context, raised, together
from observe import observe, observing

DATA = hashlib.shake_128(b"large").digest(3_000_000)


def pour(step, **attributes):
    """Send all of DATA in writes of a size, with the other end reading in between."""
    with Sockets(client_context(**attributes), timeout=0) as pair:
        view, received, digest = memoryview(DATA), 0, hashlib.sha256()
        while received < len(DATA):
            if view:
                try:
                    view = view[pair.client.send(view[:step]):]
                except ssl.SSLWantWriteError:
                    pass
            while True:
                try:
                    chunk = pair.server.recv(50_000)
                except ssl.SSLWantReadError:
                    break
                received += len(chunk)
                digest.update(chunk)
        return [received, digest.digest() == hashlib.sha256(DATA).digest()]


observe("in one piece", lambda: pour(len(DATA)))
observe("in pieces of 100,000 bytes", lambda: pour(100_000))
observe("in pieces of a record and a byte", lambda: pour(16385))
observe("in one piece, TLS 1.2", lambda: pour(len(DATA), **TLS12))


def sent_file(length=60_000, **how):
    """`sendfile` of a file, all of which fits into what lies between the ends."""
    with tempfile.TemporaryFile() as file, Sockets() as pair:
        file.write(DATA[:length])
        file.seek(how.pop("at", 0))
        sent = pair.client.sendfile(file, **how)
        position = file.tell()
        received = b""
        while len(received) < sent:
            received += pair.server.recv(1 << 16)
        start = DATA.find(received[:50]) if received else None
        return [sent, position, start, received == DATA[start : start + sent] if received else None]


observe("sendfile", lambda: sent_file())
observe("sendfile from an offset", lambda: sent_file(offset=1000))
observe("sendfile of a part", lambda: sent_file(offset=1000, count=20_000))
observe("sendfile from the file's position", lambda: sent_file(at=500))
observe("sendfile of more than there is", lambda: sent_file(count=90_000))
observe("sendfile of nothing", lambda: sent_file(0))
observe("sendfile beyond the end", lambda: sent_file(offset=70_000))
observe("sendfile of a negative part", lambda: sent_file(count=-1))
observe("sendfile of zero bytes", lambda: sent_file(count=0))


def refuse(file, **how):
    with Sockets() as pair:
        return pair.client.sendfile(file, **how)


observe("sendfile of a text file", lambda: refuse(io.StringIO("text")))
observe("sendfile of a buffer", lambda: refuse(io.BytesIO(b"in memory")))
observe("sendfile of a number", lambda: refuse(5))


@observing("sendfile without blocking")
def _():
    with Sockets(timeout=0) as pair:
        return pair.client.sendfile(io.BytesIO(b"x"))


@observing("sendfile of a plain socket")
def _():
    a, b = socket.socketpair()
    with a, b, tempfile.TemporaryFile() as file:
        file.write(b"plain bytes")
        file.flush()
        return [a.sendfile(file, 2, 5), b.recv(99), file.tell()]
