"""An SNI callback that raises: what the hook for unraisable exceptions is told, and what both sides see."""
import ssl

from memory_pair import Pair, Unraisable, server_context
from observe import observe, observing


def broken(connection, name, context):
    raise ZeroDivisionError("in the callback")


def deep(connection, name, context):
    try:
        {}[name]
    except KeyError as error:
        raise RuntimeError("while looking") from error


class Callable:
    def __repr__(self):
        return "<Callable>"

    def __call__(self, *parameters):
        raise SystemExit(3)


def attempt(callback):
    server = server_context()
    server.sni_callback = callback
    with Unraisable() as unraisable:
        outcome = Pair(server=server).outcome()
    return [outcome, unraisable.told]


observe("an exception", lambda: attempt(broken))
observe("one with a cause", lambda: attempt(deep))
observe("one that ends programs", lambda: attempt(Callable()))
observe("too few parameters", lambda: attempt(lambda connection: None))
observe("a method", lambda: attempt(Callable().__call__)[0])
observe("a type that fails", lambda: attempt(int))


def _ssl_error(*parameters):
    raise ssl.SSLError(1, "mine")


observe("an SSL error of one's own", lambda: attempt(_ssl_error))


@observing("the next connection is well")
def _():
    server = server_context()
    answers = iter([broken, None])
    server.sni_callback = lambda *parameters: (next(answers) or (lambda *_: None))(*parameters)
    with Unraisable():
        first = Pair(server=server).outcome()
    return [first["server"], Pair(server=server).handshake().client.version()]
