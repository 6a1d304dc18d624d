"""Objects of SSLSession."""
import copy
import pickle
import ssl
import time
import weakref

from memory_pair import Pair, client_context, server_context
from observe import observe, observing

client, server = client_context(ssl.TLSVersion.TLSv1_2), server_context(ssl.TLSVersion.TLSv1_2)
first, second = Pair(client, server).handshake(), Pair(client, server).handshake()
session, other = first.client.session, second.client.session

observe("its class", lambda: [type(session) is ssl.SSLSession, repr(type(session)), repr(session).split(" at ")[0]])
observe("attributes", lambda: [len(session.id), session.has_ticket, session.ticket_lifetime_hint, session.timeout, type(session.time).__name__])
observe("made now", lambda: abs(session.time - time.time()) < 100)
observe("the server's", lambda: [type(first.server.session).__name__, first.server.session.has_ticket, first.server.session.timeout])
observe("equal to itself", lambda: [session == first.client.session, session != first.client.session, session is first.client.session])
observe("equal to another", lambda: [session == other, session != other])
observe("equal to something else", lambda: [session == 1, session != 1, session == None])  # noqa: E711
observe("ordered", lambda: session < other)
observe("ordered with something else", lambda: session >= 1)
observe("hashed", lambda: hash(session))
observe("in a set", lambda: {session})
observe("an attribute set", lambda: setattr(session, "id", b""))
observe("an attribute deleted", lambda: delattr(session, "time"))
observe("a new attribute", lambda: setattr(session, "x", 1))
observe("an unknown attribute", lambda: session.x)
observe("copied", lambda: copy.copy(session))
observe("pickled", lambda: pickle.dumps(session))
observe("a weak reference", lambda: weakref.ref(session))


@observing("set and used")
def _():
    again = Pair(client, server, session=session).handshake()
    return [again.client.session_reused, again.server.session_reused, again.client.session.id == session.id, again.client.session == session]


@observing("after the context's end")
def _():
    pair = Pair(client_context(ssl.TLSVersion.TLSv1_2), server).handshake()
    kept = pair.client.session
    del pair
    return [len(kept.id), kept.timeout]


def setting(value, side="client", do_handshake=False):
    pair = Pair(client, server)
    if do_handshake:
        pair.handshake()
    setattr(getattr(pair, side), "session", value)


observe("set to nothing", lambda: setting(None))
observe("set to something else", lambda: setting(1))
observe("set on a server", lambda: setting(session, "server"))
observe("set after the handshake", lambda: setting(session, do_handshake=True))
observe("set with another context", lambda: Pair(client_context(ssl.TLSVersion.TLSv1_2), server, session=session))
observe("deleted", lambda: delattr(first.client._sslobj, "session"))
observe("reused can't be set", lambda: setattr(first.client._sslobj, "session_reused", True))
observe("before the handshake", lambda: [Pair(client, server).client.session, Pair(client, server).client.session_reused])
