"""set_ecdh_curve, and what is agreed on then."""
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe


def setting(*names):
    context = server_context()
    for name in names:
        context.set_ecdh_curve(name)


def agreed(server, client, version=ssl.TLSVersion.TLSv1_3):
    messages = []
    server_side, client_side = server_context(version), client_context(version)
    for side in (server_side, client_side):
        side.set_ciphers("ECDHE+AESGCM")
    if server:
        server_side.set_ecdh_curve(server)
    if client:
        client_side.set_ecdh_curve(client)
    client_side._msg_callback = lambda connection, direction, version, content_type, message_type, data: messages.append((direction, getattr(message_type, "name", None)))
    pair = Pair(client_side, server_side)
    outcome = pair.outcome()
    return [outcome, messages.count(("write", "CLIENT_HELLO")), pair.client.version()]


for name in ("prime256v1", "secp384r1", "secp521r1", "X25519", "X448", "secp256k1", b"prime256v1", "P-256", "P-384", "nosuchcurve", b"nosuchcurve", "", "RSA", "sha256", "a\0b", b"a\0b", None, 5, bytearray(b"prime256v1"), "ü", "prime256v1:X25519"):
    observe(f"{name!r}", lambda: setting(name))
observe("two", lambda: setting("prime256v1", "X25519"))
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    observe(f"{version.name}: the server's", lambda: agreed("secp384r1", None, version))
    observe(f"{version.name}: the client's", lambda: agreed(None, "secp521r1", version))
    observe(f"{version.name}: the same", lambda: agreed("prime256v1", "prime256v1", version))
    observe(f"{version.name}: others", lambda: agreed("prime256v1", "secp384r1", version))
