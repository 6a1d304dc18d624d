"""Weak references, and what keeps what alive."""
import gc
import socket
import ssl
import weakref

from ends import Memory, Sockets, client_context, raised, server_context
from observe import observe, observing


def lives(*references):
    return [reference() is not None for reference in references]


THINGS = {
    "context": lambda: client_context(),
    "object": lambda: Memory().client,
    "inner object": lambda: Memory().client._sslobj,
    "buffer": lambda: ssl.MemoryBIO(),
    "session": lambda: Memory(client_context(maximum_version=ssl.TLSVersion.TLSv1_2)).handshake().client.session,
    "certificate": lambda: Memory().handshake().client._sslobj.get_verified_chain()[0],
    "socket": lambda: socket.socket(),
}

for name, make in THINGS.items():
    observe(f"a weak reference to a {name}", lambda: weakref.ref(make())() is None)
    observe(f"attributes of the {name}", lambda: setattr(make(), "anything", 1))


@observing("an object keeps its context, and both go without the collector")
def _():
    gc.collect()
    gc.disable()
    try:
        context = client_context()
        end = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
        references = weakref.ref(context), weakref.ref(end)
        del context
        before = lives(*references)
        del end
        return [before, lives(*references)]
    finally:
        gc.enable()


@observing("a socket keeps its context, and both go when it is closed")
def _():
    gc.collect()
    gc.disable()
    try:
        pair = Sockets()
        references = weakref.ref(pair.client), weakref.ref(pair.client.context), weakref.ref(pair.server.context)
        before = lives(*references)
        pair.close()
        del pair
        return [before, lives(*references)]
    finally:
        gc.enable()


@observing("a server name callback that holds its context")
def _():
    context = server_context()
    context.sni_callback = lambda *_: context and None
    reference = weakref.ref(context)
    del context
    gc.collect()
    return lives(reference)


@observing("a message callback that holds its connection")
def _():
    held = []
    context = client_context()
    context._msg_callback = lambda conn, *_: held.append(conn)
    pair = Memory(context).handshake()
    same = held[0] is pair.client
    references = weakref.ref(context), weakref.ref(pair.client)
    del context, pair
    held.clear()
    gc.collect()
    return [same, lives(*references)]


@observing("a connection in a cycle")
def _():
    pair = Memory().handshake()
    pair.client.partner, pair.server.partner = pair.server, pair.client
    references = weakref.ref(pair.client), weakref.ref(pair.server)
    del pair
    gc.collect()
    return lives(*references)


@observing("the owner of an inner object")
def _():
    pair = Memory().handshake()
    inner = pair.client._sslobj
    same = inner.owner is pair.client
    del pair.client
    return [same, inner.owner is None, raised(setattr, inner, "owner", 5)]


@observing("buffers are kept by their connection")
def _():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    end = client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    del incoming
    return [raised(end.do_handshake), outgoing.pending > 0]


@observing("a session keeps its context, or not")
def _():
    pair = Memory(client_context(maximum_version=ssl.TLSVersion.TLSv1_2)).handshake()
    session, reference = pair.client.session, weakref.ref(pair.client.context)
    del pair
    gc.collect()
    alive = lives(reference)
    del session
    gc.collect()
    return [alive, lives(reference)]
