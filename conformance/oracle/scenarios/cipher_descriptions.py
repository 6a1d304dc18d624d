"""get_ciphers, cipher and shared_ciphers."""
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe, observing

NAMES = ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "DHE-RSA-AES128-SHA256", "AES128-SHA", "ECDHE-RSA-AES128-SHA", "PSK-AES128-GCM-SHA256", "AES256-CCM8", "ECDHE-ECDSA-ARIA128-GCM-SHA256", "DHE-RSA-CAMELLIA128-SHA", "AECDH-AES128-SHA", "NULL-SHA256")


def described(names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(names)
    return context.get_ciphers()


for name in NAMES:
    observe(name, lambda: described(f"{name}:@SECLEVEL=0"))
observe("order", lambda: [cipher["name"] for cipher in described("AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=1")])
observe("order by strength", lambda: [cipher["name"] for cipher in described("AES128-GCM-SHA256:AES256-GCM-SHA384:@STRENGTH:@SECLEVEL=1")])
observe("an alias", lambda: [cipher["name"] for cipher in described("ECDHE+AESGCM")])
observe("without TLS 1.3", lambda: [setattr(context := ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "maximum_version", ssl.TLSVersion.TLSv1_2), context.set_ciphers("AESGCM:!aDSS:@SECLEVEL=2"), [cipher["name"] for cipher in context.get_ciphers()]][2])
observe("keys", lambda: list(described("AES128-SHA:@SECLEVEL=1")[0]))
for name in ("", "nothing", "AES128-SHA:nothing", "ALL:!ALL", ":", "-", "@SECLEVEL=9", "TLS_AES_128_GCM_SHA256", "DEFAULT", "a\0b", "\ud800", "ü", None, 5, b"ALL"):
    observe(f"setting {name!r}", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(name))


@observing("the level of security")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    seen = []
    for level in range(5):
        context.set_ciphers(f"ALL:@SECLEVEL={level}")
        seen.append(context.security_level)
    return seen


@observing("the agreed one, TLS 1.2")
def _():
    client, server = client_context(ssl.TLSVersion.TLSv1_2), server_context(ssl.TLSVersion.TLSv1_2)
    client.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256")
    server.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305")
    pair = Pair(client, server)
    before = [pair.client.cipher(), pair.client.shared_ciphers(), pair.server.shared_ciphers()]
    pair.handshake()
    return [before, pair.client.cipher(), pair.server.cipher(), pair.client.shared_ciphers(), pair.server.shared_ciphers()]


@observing("the client's preference")
def _():
    client, server = client_context(ssl.TLSVersion.TLSv1_2), server_context(ssl.TLSVersion.TLSv1_2)
    client.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256")
    server.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384")
    server.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    return Pair(client, server).handshake().client.cipher()


@observing("the agreed one, TLS 1.3")
def _():
    pair = Pair(client_context(ssl.TLSVersion.TLSv1_3), server_context(ssl.TLSVersion.TLSv1_3)).handshake()
    return [pair.client.cipher(), pair.server.cipher(), pair.client.shared_ciphers(), [name for name, *_ in pair.server.shared_ciphers()][:3]]


observe("compression", lambda: [Pair().client.compression(), Pair().handshake().client.compression()])
