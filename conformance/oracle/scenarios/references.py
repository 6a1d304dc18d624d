"""Who keeps whom alive: contexts, callbacks, connections, sessions, certificates."""
import gc
import ssl
import weakref

from memory_pair import Pair, client_context, server_context
from observe import observing


class Keeper:
    """Something to be kept by a callback."""

    def __call__(self, *parameters):
        return None


@observing("a context goes with its last reference")
def _():
    context = client_context()
    reference = weakref.ref(context)
    del context
    return reference() is None


@observing("a context whose callback refers to it is collected")
def _():
    context = server_context()
    context.sni_callback = lambda *parameters, context=context: None
    reference = weakref.ref(context)
    del context
    before = reference() is not None
    gc.collect()
    return [before, reference() is None]


@observing("the same for messages and keys")
def _():
    seen = []
    for name in ("_msg_callback", "psk_client", "psk_server"):
        context = client_context() if name != "psk_server" else server_context()
        callback = lambda *parameters, context=context: None  # noqa: E731
        if name == "_msg_callback":
            context._msg_callback = callback
        else:
            getattr(context, f"set_{name}_callback")(callback)
        reference = weakref.ref(context)
        del context, callback
        gc.collect()
        seen.append(reference() is None)
    return seen


@observing("a callback is let go")
def _():
    context, keeper = server_context(), Keeper()
    reference = weakref.ref(keeper)
    context.sni_callback = keeper
    del keeper
    kept = reference() is not None
    context.sni_callback = None
    return [kept, reference() is None]


@observing("a connection keeps its context, not its owner")
def _():
    pair = Pair().handshake()
    context, inner = weakref.ref(pair.client.context), pair.client._sslobj
    owner = weakref.ref(pair.client)
    del pair
    gc.collect()
    return [context() is not None, owner() is None, inner.owner, inner.context is context()]


@observing("a connection without its owner asks nobody")
def _():
    server, asked = server_context(), []
    server.sni_callback = lambda connection, name, context: asked.append(connection)
    pair = Pair(server=server)
    inner = pair.server._sslobj
    pair.server = None
    seen = []
    for side in (pair.client, inner):
        try:
            side.do_handshake()
        except ssl.SSLError as error:
            seen.append(error)
    return [asked, seen]


@observing("an SSLObject has weak references, and no cycles")
def _():
    pair = Pair().handshake()
    references = [weakref.ref(pair.client), weakref.ref(pair.server)]
    gc.disable()
    try:
        del pair
        return [reference() is None for reference in references]
    finally:
        gc.enable()


@observing("after an error too")
def _():
    pair = Pair(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    pair.outcome()
    reference = weakref.ref(pair.client)
    gc.disable()
    try:
        del pair
        return reference() is None
    finally:
        gc.enable()


@observing("a session keeps its context")
def _():
    pair = Pair(client_context(ssl.TLSVersion.TLSv1_2)).handshake()
    context, session = weakref.ref(pair.client.context), pair.client.session
    del pair
    gc.collect()
    kept = context() is not None
    del session
    gc.collect()
    return [kept, context() is None]


@observing("the context of a connection that changed it is let go")
def _():
    first, second = client_context(), client_context()
    reference = weakref.ref(first)
    pair = Pair(first)
    del first
    pair.client.context = second
    gc.collect()
    return reference() is None


@observing("BIOs outlive their names")
def _():
    pair = Pair()
    del pair.to_client, pair.to_server
    gc.collect()
    pair.handshake()
    return pair.exchange()
