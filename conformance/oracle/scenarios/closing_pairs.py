"""The end of connections: close_notify from one side, the other, both; the end of the stream without."""
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe, observing


def steps(*operations):
    seen = []
    for operation in operations:
        try:
            seen.append(operation())
        except Exception as error:
            seen.append(error)
    return seen


for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):

    def fresh():
        return Pair(client_context(version), server_context(version)).handshake()

    @observing(f"{version.name}: the client first")
    def _():
        pair = fresh()
        return steps(pair.client.unwrap, lambda: pair.server.read(1), lambda: pair.server.write(b"late"), pair.server.unwrap, lambda: pair.client.read(10), pair.client.unwrap, pair.client.unwrap, pair.server.unwrap)

    @observing(f"{version.name}: data under way")
    def _():
        pair = fresh()
        pair.client.write(b"data")
        return steps(pair.client.unwrap, pair.server.unwrap, lambda: pair.server.read(4), pair.server.unwrap, pair.client.unwrap)

    @observing(f"{version.name}: both at once")
    def _():
        pair = fresh()
        return steps(pair.client.unwrap, pair.server.unwrap, pair.client.unwrap, pair.server.unwrap)

    @observing(f"{version.name}: operations after one's own end")
    def _():
        pair = fresh()
        return steps(pair.client.unwrap, lambda: pair.client.write(b"x"), lambda: pair.client.read(1), pair.client.do_handshake)

    @observing(f"{version.name}: operations after the other's end")
    def _():
        pair = fresh()
        return steps(pair.client.unwrap, lambda: pair.server.read(1), lambda: pair.server.read(1), lambda: pair.server.read(5, bytearray(5)), pair.server.pending, pair.server.do_handshake)

    @observing(f"{version.name}: the stream ends")
    def _():
        pair = fresh()
        pair.to_client.write_eof()
        return steps(lambda: pair.client.read(1), lambda: pair.client.read(1), lambda: pair.client.write(b"x"), pair.client.unwrap)

    @observing(f"{version.name}: the stream ends after data")
    def _():
        pair = fresh()
        pair.server.write(b"data")
        pair.to_client.write_eof()
        return steps(lambda: pair.client.read(2), lambda: pair.client.read(2), lambda: pair.client.read(2), pair.client.unwrap)

    @observing(f"{version.name}: the stream ends, which is to be ignored")
    def _():
        client = client_context(version)
        client.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
        pair = Pair(client, server_context(version)).handshake()
        pair.to_client.write_eof()
        return steps(lambda: pair.client.read(1), lambda: pair.client.read(1), pair.client.unwrap)

    @observing(f"{version.name}: plain text after the end")
    def _():
        pair = fresh()
        seen = steps(pair.client.unwrap, pair.server.unwrap)
        pair.to_client.write(b"plain text")
        return [*seen, *steps(pair.client.unwrap, pair.to_client.read)]

    @observing(f"{version.name}: a changed record")
    def _():
        pair = fresh()
        pair.to_server.read()
        pair.client.write(b"data")
        record = bytearray(pair.to_server.read())
        record[-1] ^= 1
        pair.to_server.write(record)
        return steps(lambda: pair.server.read(10), lambda: pair.server.read(10), lambda: pair.client.read(1))

    @observing(f"{version.name}: a repeated record")
    def _():
        pair = fresh()
        pair.to_server.read()
        pair.client.write(b"data")
        record = pair.to_server.read()
        pair.to_server.write(record + record)
        return steps(lambda: pair.server.read(10), lambda: pair.server.read(10), lambda: pair.client.read(1))


observe("unwrap before the handshake", lambda: Pair().client.unwrap())
