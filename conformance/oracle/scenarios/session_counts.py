"""session_stats."""
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe, observing


@observing("a new context's")
def _():
    stats = client_context().session_stats()
    return [list(stats), stats]


def counts(version):
    client, server = client_context(version), server_context(version)
    seen = []

    def note():
        seen.append([{name: count for name, count in side.session_stats().items() if count} for side in (client, server)])

    first = Pair(client, server).handshake()
    note()
    first.exchange()
    note()
    Pair(client, server, session=first.client.session).handshake().exchange()
    note()
    Pair(client, server).handshake()
    note()
    return seen


observe("TLS 1.2", lambda: counts(ssl.TLSVersion.TLSv1_2))
observe("TLS 1.3", lambda: counts(ssl.TLSVersion.TLSv1_3))


@observing("without tickets")
def _():
    client, server = client_context(ssl.TLSVersion.TLSv1_2), server_context(ssl.TLSVersion.TLSv1_2)
    server.options |= ssl.OP_NO_TICKET
    first = Pair(client, server).handshake()
    second = Pair(client, server, session=first.client.session).handshake()
    return [second.client.session_reused, first.client.session.has_ticket, client.session_stats(), server.session_stats()]


@observing("a failed handshake")
def _():
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), server_context()
    Pair(client, server).outcome()
    return [client.session_stats(), server.session_stats()]


@observing("a session whose server has ended the connection")
def _():
    client, server = client_context(ssl.TLSVersion.TLSv1_2), server_context(ssl.TLSVersion.TLSv1_2)
    first = Pair(client, server).handshake()
    session = first.client.session
    del first
    return [Pair(client, server, session=session).handshake().client.session_reused, server.session_stats()["hits"]]
