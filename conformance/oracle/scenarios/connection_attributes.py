"""Attributes of `_ssl._SSLSocket`, read and set."""
import copy
import pickle
import ssl
import weakref

import _ssl
from memory_pair import Pair, client_context
from observe import observe, observing

bio = ssl.MemoryBIO


class Owner:
    pass


def made(owner=None, **parameters):
    return _ssl._SSLContext(16)._wrap_bio(bio(), bio(), False, "localhost", owner=owner, **parameters)


observe("at first", lambda: [made().server_side, made().server_hostname, made().owner, made().session, made().session_reused, made().version(), made().cipher(), made().pending(), made().compression(), made().selected_alpn_protocol(), made().shared_ciphers()])
observe("text", lambda: repr(made()).split(" at ")[0])
for name in ("server_side", "server_hostname", "session_reused", "context", "owner", "session", "unknown"):
    observe(f"{name} set to 5", lambda: setattr(made(), name, 5))
    observe(f"{name} set to None", lambda: setattr(made(), name, None))
    observe(f"{name} deleted", lambda: delattr(made(), name))


@observing("the owner is held weakly")
def _():
    owner, other = Owner(), Owner()
    connection = made(owner)
    seen = [connection.owner is owner]
    connection.owner = other
    seen.append(connection.owner is other)
    del other
    return [*seen, connection.owner]


@observing("the context")
def _():
    context, other = _ssl._SSLContext(16), client_context()
    connection = context._wrap_bio(bio(), bio(), False)
    seen = [connection.context is context]
    connection.context = other
    return [*seen, connection.context is other]


@observing("a context of another side")
def _():
    connection = made()
    connection.context = _ssl._SSLContext(17)
    return connection.context.protocol


observe("an owner without weak references", lambda: made(5))
observe("a session that is none", lambda: made(session=5))
observe("hashed", lambda: [hash(connection := made()) == hash(connection), connection == connection, connection == made()])  # noqa: PLR0124
observe("ordered", lambda: made() < made())
observe("copied", lambda: copy.copy(made()))
observe("pickled", lambda: pickle.dumps(made()))
observe("a weak reference", lambda: weakref.ref(made()))
for name, arguments in {"a number": (5, 5, True), "a BIO and a number": (bio(), 5, True), "None": (None, None, False), "a side that is a text": (bio(), bio(), "x")}.items():
    observe(f"wrapping {name}", lambda: type(_ssl._SSLContext(17)._wrap_bio(*arguments)).__name__)
observe("wrapping the same BIO twice", lambda: [shared := bio(), type(_ssl._SSLContext(16)._wrap_bio(shared, shared, False)).__name__][1])
observe("wrapping a socket that is none", lambda: _ssl._SSLContext(16)._wrap_socket(5, False))
observe("wrapping as the wrong side", lambda: _ssl._SSLContext(16)._wrap_bio(bio(), bio(), True))
observe("an SSLObject made by hand", lambda: ssl.SSLObject())
observe("an SSLSocket made by hand", lambda: ssl.SSLSocket())
observe("what ssl.py shows", lambda: [repr(Pair().client.context)[:16], Pair().client.server_side, Pair().client.session, Pair().client.session_reused])
