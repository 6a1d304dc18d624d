"""set_alpn_protocols, and the choice."""
import ssl

import _ssl
from memory_pair import Pair, client_context, server_context
from observe import observe


def chosen(client, server, version=ssl.TLSVersion.TLSv1_3):
    client_side, server_side = client_context(version), server_context(version)
    if client is not None:
        client_side.set_alpn_protocols(client)
    if server is not None:
        server_side.set_alpn_protocols(server)
    pair = Pair(client_side, server_side)
    before = [pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol()]
    outcome = pair.outcome()
    return [before, outcome, pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol()]


for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    for client, server in (
        (["h2"], ["h2"]),
        (["h2", "http/1.1"], ["http/1.1", "h2"]),
        (["foo"], ["bar"]),
        (["foo"], None),
        (None, ["foo"]),
        ([], ["foo"]),
        (["foo"], []),
        (["foo", "bar", "baz"], ["baz", "bar"]),
        (["a" * 255], ["b", "a" * 255]),
    ):
        observe(f"{version.name}: {str(client):.25} and {str(server):.25}", lambda: chosen(client, server, version))
    observe(f"{version.name}: bytes and a tuple", lambda: chosen(("foo",), ("foo",), version))


def setting(protocols):
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_alpn_protocols(protocols)


def raw(protocols):
    return _ssl._SSLContext(16)._set_alpn_protocols(protocols)


observe("too long", lambda: setting(["a" * 256]))
observe("empty", lambda: setting([""]))
observe("many", lambda: setting([f"protocol-{number}" for number in range(5000)]))
observe("no text", lambda: setting([5]))
observe("other letters", lambda: setting(["ü"]))
observe("None", lambda: setting(None))
observe("a text", lambda: setting("h2"))
for protocols in (b"\x02h2", b"", b"\x05h2", b"\x00", b"\x02h2\x00", bytearray(b"\x02h2"), memoryview(b"\x02h2"), "h2", None, 5):
    observe(f"of _ssl: {type(protocols).__name__} {bytes(protocols) if isinstance(protocols, memoryview) else protocols}", lambda: raw(protocols))
observe("NPN", lambda: [ssl.HAS_NPN, hasattr(ssl.SSLContext, "set_npn_protocols"), hasattr(ssl.SSLObject, "selected_npn_protocol")])
