"""What an SNI callback returns, and what both sides make of it."""
import ssl

from memory_pair import Pair, Unraisable, client_context, server_context
from observe import observe, observing


class Index:
    def __index__(self):
        return int(ssl.ALERT_DESCRIPTION_ACCESS_DENIED)


class Raising:
    def __index__(self):
        raise LookupError("no index")

    def __repr__(self):
        return "<Raising>"


def answering(value, version=ssl.TLSVersion.TLSv1_3, hostname="localhost"):
    server = server_context(version)
    asked = []

    def callback(connection, name, context):
        asked.append([type(connection).__name__, name, context is server])
        return value

    server.sni_callback = callback
    with Unraisable() as unraisable:
        outcome = Pair(client_context(version), server, hostname).outcome()
    return [asked, outcome, unraisable.told]


for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    observe(f"{version.name}: nothing", lambda: answering(None, version))
    observe(f"{version.name}: an alert", lambda: answering(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME, version))
for alert in ssl.AlertDescription:
    if alert != ssl.ALERT_DESCRIPTION_CLOSE_NOTIFY:
        observe(f"the alert {alert.name}", lambda: answering(alert)[1])
observe("an alert that there is not", lambda: answering(199)[1])
observe("more than a byte", lambda: answering(0x150)[1])
observe("a negative number", lambda: answering(-1)[1])
observe("more than a long", lambda: answering(1 << 80))
observe("an object with an index", lambda: answering(Index()))
observe("an object whose index raises", lambda: answering(Raising()))
observe("a text", lambda: answering("foo"))
observe("a float", lambda: answering(1.5))
observe("False", lambda: answering(False)[1])
observe("True", lambda: answering(True)[1])


def _without_name():
    server = server_context()
    asked = []
    server.sni_callback = lambda connection, name, context: asked.append(name)
    client = client_context()
    client.check_hostname = False
    Pair(client, server, None).handshake()
    return asked


observe("no name at all", _without_name)


@observing("an address is no name")
def _():
    server = server_context()
    asked = []
    server.sni_callback = lambda connection, name, context: asked.append(name)
    Pair(client_context(), server, "127.0.0.1").handshake()
    return asked


@observing("names as they arrive")
def _():
    asked = []
    server = server_context()
    server.sni_callback = lambda connection, name, context: asked.append(name)
    client = client_context(check_hostname=False)
    for name in ("EXAMPLE.test", "a.example.test.", "xn--knigsgsschen-lcb0w.example", "königsgäßchen.example"):
        try:
            Pair(client, server, name).handshake()
        except Exception as error:
            asked.append(error)
    return asked
