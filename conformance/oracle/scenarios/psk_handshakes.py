"""Handshakes with pre-shared keys, with TLS 1.2 and 1.3."""
import ssl

from memory_pair import Pair, Unraisable, bare_contexts
from observe import observe, observing

KEY = bytes.fromhex("deadbeef" * 4)
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def attempt(version, client=lambda hint: ("identity", KEY), server=lambda identity: KEY, hint=None, ciphers="PSK"):
    client_context, server_context = bare_contexts(version)
    asked = []
    if ciphers:
        client_context.set_ciphers(ciphers)
        server_context.set_ciphers(ciphers)
    if client:
        client_context.set_psk_client_callback(lambda hint: (asked.append(["client", hint]), client(hint))[1])
    if server:
        server_context.set_psk_server_callback(lambda identity: (asked.append(["server", identity]), server(identity))[1], hint)
    pair = Pair(client_context, server_context, None)
    with Unraisable() as unraisable:
        outcome = pair.outcome()
    seen = [asked, outcome, unraisable.told]
    if not any(outcome.values()):
        seen.append([pair.exchange(), pair.client.version(), pair.client.getpeercert(), pair.server.getpeercert(), pair.client.session_reused])
    return seen


for version in VERSIONS:
    name = version.name
    observe(f"{name}: the same key", lambda: attempt(version))
    observe(f"{name}: with a hint", lambda: attempt(version, hint="a hint"))
    observe(f"{name}: a hint of other letters", lambda: attempt(version, hint="häßlich"))
    observe(f"{name}: no identity", lambda: attempt(version, lambda hint: (None, KEY)))
    observe(f"{name}: an empty identity", lambda: attempt(version, lambda hint: ("", KEY)))
    observe(f"{name}: an identity of other letters", lambda: attempt(version, lambda hint: ("Zoë", KEY)))
    observe(f"{name}: an identity of bytes", lambda: attempt(version, lambda hint: (b"bytes", KEY)))
    observe(f"{name}: an identity that is no UTF-8", lambda: attempt(version, lambda hint: (b"\xff\xfe", KEY)))
    observe(f"{name}: other keys", lambda: attempt(version, server=lambda identity: KEY[::-1]))
    observe(f"{name}: keys of other lengths", lambda: attempt(version, server=lambda identity: KEY + b"x"))
    observe(f"{name}: a key of 64 bytes", lambda: attempt(version, lambda hint: ("x", KEY * 4), lambda identity: KEY * 4))
    observe(f"{name}: a bytearray for a key", lambda: attempt(version, lambda hint: ("x", bytearray(KEY)), lambda identity: KEY))
    observe(f"{name}: no key on the client", lambda: attempt(version, lambda hint: ("x", b"")))
    observe(f"{name}: no key on the server", lambda: attempt(version, server=lambda identity: b""))
    observe(f"{name}: no callback on the client", lambda: attempt(version, None))
    observe(f"{name}: no callback on the server", lambda: attempt(version, server=None))


@observing("TLS 1.2 with a key exchange")
def _():
    client, server = bare_contexts(ssl.TLSVersion.TLSv1_2)
    for context in (client, server):
        context.set_ciphers("ECDHE-PSK-AES128-CBC-SHA256")
    client.set_psk_client_callback(lambda hint: ("x", KEY))
    server.set_psk_server_callback(lambda identity: KEY)
    pair = Pair(client, server, None).handshake()
    return [pair.client.cipher(), pair.server.cipher()]


@observing("TLS 1.3's cipher")
def _():
    client, server = bare_contexts(ssl.TLSVersion.TLSv1_3)
    client.set_psk_client_callback(lambda hint: ("x", KEY))
    server.set_psk_server_callback(lambda identity: KEY)
    return Pair(client, server, None).handshake().client.cipher()


@observing("taken away again")
def _():
    client, server = bare_contexts(ssl.TLSVersion.TLSv1_2)
    for context in (client, server):
        context.set_ciphers("PSK")
    client.set_psk_client_callback(lambda hint: ("x", KEY))
    server.set_psk_server_callback(lambda identity: KEY)
    server.set_psk_server_callback(None)
    return Pair(client, server, None).outcome()
