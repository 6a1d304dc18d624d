"""What `_msg_callback` is told of handshakes, on both sides."""
import ssl
from ssl import TLSVersion

from memory_pair import Pair, client_context, server_context
from observe import observe, observing


def recorded(context, messages, with_data=False):
    def callback(connection, direction, version, content_type, message_type, data):
        kind = [type(connection).__name__, direction, getattr(version, "name", version), getattr(content_type, "name", content_type), getattr(message_type, "name", message_type)]
        messages.append([*kind, len(data) if with_data else type(data).__name__])

    context._msg_callback = callback
    return context


def told(version, **server):
    client_messages, server_messages = [], []
    client = recorded(client_context(version), client_messages)
    pair = Pair(client, recorded(server_context(version, **server), server_messages)).handshake()
    pair.exchange()
    for side in (pair.client, pair.server):
        try:
            side.unwrap()
        except ssl.SSLWantReadError:
            pass
    return {"client": client_messages, "server": server_messages}


observe("TLS 1.3", lambda: told(TLSVersion.TLSv1_3))
observe("TLS 1.2", lambda: told(TLSVersion.TLSv1_2))
observe("TLS 1.3 without tickets", lambda: told(TLSVersion.TLSv1_3, num_tickets=0))
observe("TLS 1.3, a certificate asked for", lambda: told(TLSVersion.TLSv1_3, verify_mode=ssl.CERT_OPTIONAL))


@observing("a failure's alerts")
def _():
    messages = []
    client = recorded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), messages)
    pair = Pair(client, recorded(server_context(TLSVersion.TLSv1_2), messages))
    outcome = pair.outcome()
    return [outcome, messages]


@observing("the data of a ClientHello")
def _():
    seen = []
    client = client_context()
    client._msg_callback = lambda connection, direction, version, content_type, message_type, data: seen.append(data)
    Pair(client).outcome()
    return [len(seen[0]), seen[0][0] == 22, seen[1][0] == 1, b"localhost" in seen[1], seen[1] == seen[1][:4] + seen[1][4:]]


@observing("set while the connection exists")
def _():
    messages = []
    client = client_context()
    pair = Pair(client)
    recorded(client, messages)
    pair.handshake()
    return len(messages)


@observing("taken away between")
def _():
    messages = []
    client = recorded(client_context(), messages)
    pair = Pair(client).handshake()
    count = len(messages)
    client._msg_callback = None
    pair.exchange()
    return [count > 0, len(messages) == count, client._msg_callback]


@observing("of a new context")
def _():
    messages = []
    other = recorded(client_context(), messages)
    pair = Pair()
    pair.client.context = other
    pair.handshake()
    return [len(messages) > 0, pair.client.context is other]


observe("not to be called", lambda: setattr(client_context(), "_msg_callback", 4))
observe("of the type of _ssl", lambda: setattr(ssl._ssl._SSLContext(16), "_msg_callback", "x"))
observe("deleted", lambda: delattr(ssl._ssl._SSLContext(16), "_msg_callback"))
observe("none", lambda: [client_context()._msg_callback, ssl._ssl._SSLContext(16)._msg_callback])
