"""Pickling and copying what can't be, and errors, which can."""
import copy
import pickle
import socket
import ssl

from ends import Memory, Sockets, client_context
from observe import observe, observing

memory = Memory(client_context(maximum_version=ssl.TLSVersion.TLSv1_2)).handshake()
THINGS = {
    "context": client_context(),
    "object": memory.client,
    "inner object": memory.client._sslobj,
    "session": memory.client.session,
    "buffer": ssl.MemoryBIO(),
    "certificate": memory.client._sslobj.get_verified_chain()[0],
    "purpose": ssl.Purpose.SERVER_AUTH,
    "version": ssl.TLSVersion.TLSv1_3,
    "options": ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION,
}

for name, thing in THINGS.items():
    for protocol in (0, pickle.HIGHEST_PROTOCOL):
        observe(f"{name} pickled, protocol {protocol}", lambda: type(pickle.loads(pickle.dumps(thing, protocol))).__name__)
    observe(f"{name} copied", lambda: copy.copy(thing) == thing)
    observe(f"{name} deeply copied", lambda: copy.deepcopy(thing) == thing)

with Sockets() as pair:
    observe("a TLS socket pickled", lambda: pickle.dumps(pair.client))
    observe("a TLS socket copied", lambda: copy.copy(pair.client))
    observe("a TLS socket deeply copied", lambda: copy.deepcopy(pair.client))

with socket.socket() as plain:
    observe("a socket pickled", lambda: pickle.dumps(plain))
    observe("a socket copied", lambda: copy.copy(plain))

ERRORS = {
    "made by hand": lambda: ssl.SSLError(1, "text"),
    "without a number": lambda: ssl.SSLError("text"),
    "end of file": lambda: ssl.SSLEOFError(8, "text"),
    "from a handshake": lambda: caught(lambda: Memory(hostname="wrong.test").handshake()),
    "want read": lambda: caught(Memory().client.do_handshake),
    "address": lambda: socket.gaierror(socket.EAI_NONAME, "text"),
}


def caught(call):
    try:
        call()
    except Exception as error:
        return error.with_traceback(None)


for name, make in ERRORS.items():

    @observing(f"an error {name}, pickled")
    def _():
        error = make()
        again = pickle.loads(pickle.dumps(error))
        kept = {key: getattr(again, key, "absent") == getattr(error, key, "absent") for key in ("library", "reason", "verify_code", "verify_message", "errno", "strerror")}
        return [type(again).__name__, again.args == error.args, str(again) == str(error), kept]

    @observing(f"an error {name}, copied")
    def _():
        error = make()
        again = copy.copy(error)
        return [type(again).__name__, again.args == error.args, getattr(again, "reason", "absent") == getattr(error, "reason", "absent")]
