"""An SNI callback that changes the connection's context."""
import ssl

from memory_pair import Pair, Unraisable, client_context, server_context
from observe import observe, observing


def switching(choose, client=None, hostname="localhost"):
    first = server_context()
    seen = []
    first.sni_callback = lambda connection, name, context: choose(connection, name, seen)
    with Unraisable() as unraisable:
        pair = Pair(client or client_context(), first, hostname)
        outcome = pair.outcome()
    return pair, seen, outcome, unraisable.told, first


@observing("to one with another certificate")
def _():
    other = server_context(leaf="sni-one")

    def choose(connection, name, seen):
        connection.context = other
        seen.append([name, connection.context is other])

    pair, seen, outcome, told, first = switching(choose, hostname="one.example.test")
    return [seen, outcome, told, pair.client.getpeercert()["subject"], pair.server.context is other, pair.server.context is first]


@observing("to one with another callback, which is not asked")
def _():
    other = server_context()
    asked = []
    other.sni_callback = lambda *parameters: asked.append(1)

    def choose(connection, name, seen):
        connection.context = other

    pair, seen, outcome, told, _ = switching(choose)
    return [outcome, asked, told]


@observing("to one with other protocols")
def _():
    other = server_context()
    other.set_alpn_protocols(["h2", "http/1.1"])
    client = client_context()
    client.set_alpn_protocols(["http/1.1", "h2"])

    def choose(connection, name, seen):
        connection.context = other

    pair, seen, outcome, told, _ = switching(choose, client)
    return [outcome, pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol()]


@observing("to one that wants a certificate")
def _():
    other = server_context(verify_mode=ssl.CERT_REQUIRED)

    def choose(connection, name, seen):
        connection.context = other

    pair, seen, outcome, told, _ = switching(choose)
    return [outcome, pair.server.context.verify_mode]


@observing("to one with another oldest version")
def _():
    other = server_context(ssl.TLSVersion.TLSv1_2)

    def choose(connection, name, seen):
        connection.context = other

    pair, seen, outcome, told, _ = switching(choose)
    return [outcome, pair.client.version()]


@observing("to none")
def _():
    def choose(connection, name, seen):
        connection.context = None

    _, seen, outcome, told, _ = switching(choose)
    return [outcome, told]


@observing("to a client's")
def _():
    def choose(connection, name, seen):
        connection.context = client_context()

    _, seen, outcome, told, _ = switching(choose)
    return [outcome, told]


@observing("what a callback may ask the connection")
def _():
    def choose(connection, name, seen):
        seen.append([connection.server_side, connection.server_hostname, connection.version(), connection.cipher(), connection.selected_alpn_protocol()])
        seen.append([connection.session_reused, connection.pending(), connection.shared_ciphers() is None])
        try:
            connection.getpeercert()
        except ValueError as error:
            seen.append(error)

    _, seen, outcome, told, _ = switching(choose)
    return [seen, outcome, told]


observe("the callback itself", lambda: [server_context().sni_callback, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).sni_callback])
observe("on a client", lambda: setattr(client_context(), "sni_callback", len))
observe("on a client, none", lambda: setattr(client_context(), "sni_callback", None))
observe("not to be called", lambda: setattr(server_context(), "sni_callback", 4))
observe("deleted", lambda: delattr(server_context(), "sni_callback"))
observe("by its old name", lambda: [server_context().set_servername_callback(len), server_context().set_servername_callback(None)])
observe("by its old name, not to be called", lambda: server_context().set_servername_callback("x"))


@observing("set and taken away")
def _():
    context = server_context()
    context.sni_callback = len
    seen = [context.sni_callback is len]
    try:
        context.sni_callback = 4
    except TypeError:
        seen.append(context.sni_callback)
    context.sni_callback = max
    context.sni_callback = None
    return [*seen, context.sni_callback]
