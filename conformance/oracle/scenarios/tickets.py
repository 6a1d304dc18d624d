"""num_tickets, and how many tickets a client is sent."""
import ssl

import _ssl
from memory_pair import Pair, client_context, server_context
from observe import observe, observing


def sent(count, version=ssl.TLSVersion.TLSv1_3, **settings):
    messages = []
    client = client_context(version)
    client._msg_callback = lambda connection, direction, version, content_type, message_type, data: messages.append(getattr(message_type, "name", None))
    server = server_context(version, **settings)
    if count is not None:
        server.num_tickets = count
    pair = Pair(client, server).handshake()
    pair.exchange()
    return [server.num_tickets, messages.count("NEWSESSION_TICKET"), pair.client.session.has_ticket, pair.server.session.has_ticket]


observe("at first", lambda: [_ssl._SSLContext(17).num_tickets, _ssl._SSLContext(16).num_tickets])
for count in (None, 0, 1, 2, 4, 10):
    observe(f"TLS 1.3, {count}", lambda: sent(count))
observe("TLS 1.2", lambda: sent(None, ssl.TLSVersion.TLSv1_2))
observe("TLS 1.2, none", lambda: sent(0, ssl.TLSVersion.TLSv1_2))
observe("TLS 1.3, by an option", lambda: sent(None, options=ssl.OP_ALL | ssl.OP_NO_TICKET))
observe("TLS 1.2, by an option", lambda: sent(None, ssl.TLSVersion.TLSv1_2, options=ssl.OP_ALL | ssl.OP_NO_TICKET))


def setting(value, protocol=17):
    context = _ssl._SSLContext(protocol)
    context.num_tickets = value
    return context.num_tickets


for value in (-1, 1 << 31, 1 << 62, 1 << 64, None, "1", 1.0, True):
    observe(f"set to {value!r}", lambda: setting(value))
observe("set on a client", lambda: setting(1, 16))
observe("set on a client, negative", lambda: setting(-1, 16))


@observing("each ticket resumes")
def _():
    client, server = client_context(ssl.TLSVersion.TLSv1_3), server_context(ssl.TLSVersion.TLSv1_3)
    first = Pair(client, server).handshake()
    first.exchange()
    seen = []
    for _ in range(2):
        pair = Pair(client, server, session=first.client.session).handshake()
        seen.append([pair.client.session_reused, pair.server.session_reused])
    return seen
