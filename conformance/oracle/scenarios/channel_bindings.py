"""get_channel_binding."""
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe


def pair_of(version, session=None, contexts=None):
    client, server = contexts or (client_context(version), server_context(version))
    return Pair(client, server, session=session)


def bindings(pair):
    client, server = pair.client.get_channel_binding("tls-unique"), pair.server.get_channel_binding("tls-unique")
    return [client == server, client and len(client), type(client).__name__]


for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    observe(f"{version.name}: before", lambda: bindings(pair_of(version)))
    observe(f"{version.name}: after", lambda: bindings(pair_of(version).handshake()))
    observe(f"{version.name}: of two connections", lambda: pair_of(version).handshake().client.get_channel_binding() == pair_of(version).handshake().client.get_channel_binding())


def resumed():
    contexts = client_context(ssl.TLSVersion.TLSv1_2), server_context(ssl.TLSVersion.TLSv1_2)
    first = pair_of(None, contexts=contexts).handshake()
    second = pair_of(None, first.client.session, contexts).handshake()
    return [second.client.session_reused, *bindings(second), second.client.get_channel_binding() == first.client.get_channel_binding()]


observe("a resumed session's", resumed)
observe("names", lambda: ssl.CHANNEL_BINDING_TYPES)
for kind in ("tls-unique", "tls-exporter", "tls-server-end-point", "tls-foo", "", "TLS-UNIQUE"):
    observe(f"{kind!r}", lambda: Pair().handshake().client.get_channel_binding(kind) is None)
    observe(f"{kind!r} of _ssl", lambda: Pair().handshake().client._sslobj.get_channel_binding(kind) is None)
for kind in (None, 5, b"tls-unique", "a\0b", "\ud800"):
    observe(f"of _ssl: {kind!r}", lambda: Pair().client._sslobj.get_channel_binding(kind))
observe("by name", lambda: Pair().client._sslobj.get_channel_binding(cb_type="tls-unique"))
