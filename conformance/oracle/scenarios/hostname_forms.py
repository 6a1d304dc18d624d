"""Forms of server_hostname, right and wrong."""
import ssl

from memory_pair import Pair, client_context
from observe import observe, observing


def wrap(hostname, **parameters):
    side = client_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=hostname, **parameters)
    return [side.server_hostname, side.server_side]


for hostname in ("localhost", "EXAMPLE.test", "a" * 63 + ".test", "a" * 64 + ".test", "a." * 126 + "a", "a." * 127 + "a", "", ".", ".example.test", "example.test.", "a..b", "königsgäßchen.example", "xn--knigsgsschen-lcb0w.example", "xn--.com", "中文.example", "127.0.0.1", "::1", "[::1]", "fe80::1%eth0", "1", "with space", "under_score", "a\0b", "\ud800", "\x80"):
    observe(f"{hostname!r:.60} ({len(hostname)})", lambda: wrap(hostname))
for hostname in (None, b"localhost", bytearray(b"localhost"), 1, ["localhost"], b"\xff", b"a\0b", b"", memoryview(b"localhost")):
    observe(f"a {type(hostname).__name__} {bytes(hostname) if isinstance(hostname, (bytes, bytearray, memoryview)) else hostname}", lambda: wrap(hostname))


@observing("none where names are checked")
def _():
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return client.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())


@observing("none where names are not checked")
def _():
    client = client_context(check_hostname=False)
    return Pair(client, hostname=None).handshake().client.server_hostname


@observing("of the type of _ssl")
def _():
    context = ssl._ssl._SSLContext(16)
    seen = []
    for hostname in ("localhost", b"localhost", bytearray(b"localhost"), "ü", 5, "", ".x", "a\0b", memoryview(b"x")):
        try:
            seen.append(context._wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), False, hostname).server_hostname)
        except Exception as error:
            seen.append(error)
    return seen


@observing("on a server")
def _():
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return server.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True, server_hostname="localhost").server_hostname


observe("of the sides", lambda: [Pair().client.server_hostname, Pair().server.server_hostname])
