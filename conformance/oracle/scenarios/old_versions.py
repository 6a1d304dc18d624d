"""TLS 1.0 and 1.1: there at the lowest level of security, and nowhere else."""
import ssl
import warnings

from memory_pair import Pair, client_context, server_context
from observe import observe, pki

warnings.simplefilter("ignore")


def attempt(version, level, server_version=None, server_level=None):
    client, server = client_context(version), server_context(server_version or version)
    client.set_ciphers(f"ALL:@SECLEVEL={level}")
    server.set_ciphers(f"ALL:@SECLEVEL={level if server_level is None else server_level}")
    pair = Pair(client, server)
    outcome = pair.outcome()
    return [outcome, pair.client.version(), pair.server.version(), pair.client.cipher()]


def fixed(protocol, level):
    client, server = ssl.SSLContext(protocol), ssl.SSLContext(protocol)
    return [context.set_ciphers(f"ALL:@SECLEVEL={level}") or context.security_level for context in (client, server)]


for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
    for level in (0, 1, 2):
        observe(f"{version.name} at level {level}", lambda: attempt(version, level))
    observe(f"{version.name}, the server's level alone is too high", lambda: attempt(version, 0, server_level=1)[0])
    observe(f"{version.name} to a server of TLS 1.2", lambda: attempt(version, 0, ssl.TLSVersion.TLSv1_2))
    observe(f"TLS 1.2 to a server of {version.name}", lambda: attempt(ssl.TLSVersion.TLSv1_2, 0, version))
for protocol in (ssl.PROTOCOL_TLSv1, ssl.PROTOCOL_TLSv1_1, ssl.PROTOCOL_TLSv1_2):
    observe(f"contexts of {protocol.name}", lambda: fixed(protocol, 0))


def with_old_protocol(protocol):
    client, server = ssl.SSLContext(protocol), ssl.SSLContext(protocol)
    server.load_cert_chain(pki["good.chain"], pki["good.key"])
    for context in (client, server):
        context.set_ciphers("ALL:@SECLEVEL=0")
    pair = Pair(client, server)
    return [pair.outcome(), pair.client.version(), pair.exchange()]


for protocol in (ssl.PROTOCOL_TLSv1, ssl.PROTOCOL_TLSv1_1, ssl.PROTOCOL_TLSv1_2):
    observe(f"a connection of {protocol.name}", lambda: with_old_protocol(protocol))
