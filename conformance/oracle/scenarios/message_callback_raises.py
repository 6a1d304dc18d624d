"""A message callback that raises: the operation raises it when it ends."""
import ssl

from memory_pair import Pair, Unraisable, client_context, server_context
from observe import observe, observing


def raising_at(number, error):
    count = 0

    def callback(*parameters):
        nonlocal count
        count += 1
        if count == number:
            raise error

    return callback


def contexts_of(error):
    seen = []
    while error is not None:
        seen.append([type(error).__name__, str(error).partition(" (_ssl.c")[0]])
        error = error.__context__
    return seen


def attempt(number, error, side="client"):
    contexts = {"client": client_context(), "server": server_context()}
    contexts[side]._msg_callback = raising_at(number, error)
    with Unraisable() as unraisable:
        pair = Pair(contexts["client"], contexts["server"])
        outcome = pair.outcome()
    return [{name: contexts_of(error) for name, error in outcome.items()}, unraisable.told]


observe("at the first message", lambda: attempt(1, ValueError("first")))
observe("at the third message", lambda: attempt(3, ValueError("third")))
observe("at a late message", lambda: attempt(12, ValueError("late")))
observe("on the server", lambda: attempt(2, LookupError("server"), "server"))


@observing("the operation after it")
def _():
    client = client_context()
    client._msg_callback = raising_at(1, ValueError("once"))
    pair = Pair(client)
    seen = []
    for _ in range(3):
        for side in (pair.client, pair.server):
            try:
                side.do_handshake()
            except (ssl.SSLWantReadError, ValueError) as error:
                seen.append(contexts_of(error))
    return [seen, pair.client.version() is not None]


@observing("in a write")
def _():
    client = client_context()
    pair = Pair(client).handshake()
    client._msg_callback = raising_at(1, ValueError("write"))
    seen = []
    try:
        pair.client.write(b"data")
    except ValueError as error:
        seen.append(contexts_of(error))
    return [seen, pair.server.read(10)]


@observing("in a read")
def _():
    server = server_context()
    pair = Pair(server=server).handshake()
    pair.client.write(b"data")
    server._msg_callback = raising_at(1, ValueError("read"))
    seen = []
    try:
        pair.server.read(10)
    except ValueError as error:
        seen.append(contexts_of(error))
    try:
        seen.append(pair.server.read(10))
    except ssl.SSLError as error:
        seen.append(contexts_of(error))
    return seen
