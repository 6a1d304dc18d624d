"""Post-handshake authentication of TLS 1.3."""
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe, observing, pki


def contexts(leaf="client", offers=True, wants=ssl.CERT_REQUIRED, version=ssl.TLSVersion.TLSv1_3, asks=True):
    client, server = client_context(version), server_context(version)
    if leaf:
        client.load_cert_chain(pki[f"{leaf}.chain"], pki[f"{leaf}.key"])
    client.post_handshake_auth = offers
    server.load_verify_locations(pki["ca"])
    server.verify_mode = wants
    server.post_handshake_auth = asks
    return client, server


def attempt(**parameters):
    pair = Pair(*contexts(**parameters)).handshake()
    seen = [pair.server.getpeercert()]
    for step in (
        lambda: pair.server.verify_client_post_handshake(),
        lambda: pair.server.write(b"a"),
        lambda: pair.client.read(1),
        lambda: pair.client.write(b"b"),
        lambda: pair.server.read(1),
        lambda: pair.server.getpeercert()["subject"],
        lambda: len(pair.server.get_verified_chain()),
        lambda: pair.client.read(1),
    ):
        try:
            seen.append(step())
        except Exception as error:
            seen.append(error)
    return seen


observe("a certificate", lambda: attempt())
observe("a certificate of nobody", lambda: attempt(leaf="client-unknown"))
observe("no certificate", lambda: attempt(leaf=None))
observe("no certificate, and none needed", lambda: attempt(leaf=None, wants=ssl.CERT_OPTIONAL))
observe("not offered", lambda: attempt(offers=False))
observe("asked at once", lambda: attempt(asks=False))
observe("TLS 1.2", lambda: attempt(version=ssl.TLSVersion.TLSv1_2))
observe("not verifying", lambda: attempt(wants=ssl.CERT_NONE))
observe("by a client", lambda: Pair(*contexts()).handshake().client.verify_client_post_handshake())
observe("before the handshake", lambda: Pair(*contexts()).server.verify_client_post_handshake())


@observing("asked twice")
def _():
    pair = Pair(*contexts()).handshake()
    pair.server.verify_client_post_handshake()
    pair.server.verify_client_post_handshake()
