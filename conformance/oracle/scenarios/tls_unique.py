"""`tls-unique` on both sides, of full and of resumed handshakes."""
import ssl

from ends import TLS12, Memory, Sockets, client_context, raised, server_context
from observe import observe, observing


def bindings(pair):
    return pair.client.get_channel_binding(), pair.server.get_channel_binding("tls-unique")


for label, attributes in {"TLS 1.2": TLS12, "TLS 1.3": {}}.items():

    @observing(f"a full handshake, {label}")
    def _():
        one, other = bindings(Memory(client_context(**attributes)).handshake())
        again = bindings(Memory(client_context(**attributes)).handshake())[0]
        return [one == other, len(one), again == one]

    @observing(f"a resumed handshake, {label}")
    def _():
        client, server = client_context(**attributes), server_context()
        first = Memory(client, server).handshake().settle()
        second = Memory(client, server, session=first.client.session).handshake()
        one, other = bindings(second)
        return [second.client.session_reused, one == other, len(one), one == bindings(first)[0]]

    @observing(f"over sockets, {label}")
    def _():
        with Sockets(client_context(**attributes)) as pair:
            one, other = bindings(pair)
            return [one == other, len(one)]


for kind in ("tls-unique", "tls-server-end-point", "tls-exporter", "", "TLS-UNIQUE", None, 5, b"tls-unique"):
    observe(f"of type {kind!r}", lambda: len(Memory(client_context(**TLS12)).handshake().client.get_channel_binding(kind)))
    observe(f"of type {kind!r}, before the handshake", lambda: Memory().client.get_channel_binding(kind))

observe("the list of types", lambda: ssl.CHANNEL_BINDING_TYPES)
