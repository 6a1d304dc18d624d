"""Every pair of version ranges: what is agreed on, or what both sides raise."""
import ssl

from ends import Memory, client_context, raised, server_context
from observe import observe

RANGES = {
    "1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
    "1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
    "1.2 to 1.3": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    "any": (ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.MAXIMUM_SUPPORTED),
    "highest": (ssl.TLSVersion.MAXIMUM_SUPPORTED, ssl.TLSVersion.MAXIMUM_SUPPORTED),
}


def agreed(client, server):
    (low, high), (least, most) = RANGES[client], RANGES[server]
    pair = Memory(
        client_context(minimum_version=low, maximum_version=high),
        server_context(minimum_version=least, maximum_version=most),
    )
    outcomes = []
    for _ in range(3):
        outcomes += [raised(pair.client.do_handshake), raised(pair.server.do_handshake)]
    return [outcomes, pair.client.version(), pair.server.version(), pair.client.version() and pair.client.cipher()[1]]


for client in RANGES:
    for server in RANGES:
        observe(f"client {client}, server {server}", lambda: agreed(client, server))
