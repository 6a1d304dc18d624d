"""Who closes what: `close`, `detach`, contexts, files, finalizers, warnings for what was left open."""
import gc
import socket
import warnings

from ends import Sockets, client_context, connection, raised, server_context
from observe import observe, observing


def warned(use):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        use()
        gc.collect()
    return [[type(warning.message).__name__, str(warning.message).split(" fd=")[0]] for warning in seen if issubclass(warning.category, ResourceWarning)]


def left_open():
    a, b = connection()
    b.close()
    client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)


observe("a TLS socket left open", lambda: warned(left_open))
observe("a socket left open", lambda: warned(lambda: socket.socket()))
observe("a detached one", lambda: warned(lambda: socket.socket(fileno=socket.socket().detach()).close()))


@observing("closed twice, and with `with`")
def _():
    with Sockets() as pair:
        with pair.client:
            pair.client.close()
            pair.client.close()
        return [pair.client.fileno(), pair.client._closed]


@observing("detached")
def _():
    with Sockets() as pair:
        number = pair.client.detach()
        seen = [number >= 0, pair.client.fileno(), pair.client._closed, pair.client._sslobj is None, pair.client.version()]
        with socket.socket(fileno=number) as plain:
            return [*seen, plain.family == socket.AF_INET, plain.type == socket.SOCK_STREAM, pair.client.detach()]


@observing("closing does not say goodbye")
def _():
    with Sockets(suppress_ragged_eofs=False) as pair:
        pair.client.close()
        return raised(pair.server.recv, 9)


@observing("a finalized connection closes its socket")
def _():
    pair = Sockets(suppress_ragged_eofs=False)
    with warnings.catch_warnings(action="ignore"):
        pair.client = None
        gc.collect()
    seen = raised(pair.server.recv, 9)
    pair.server.close()
    return seen


@observing("the socket that was wrapped has nothing to close")
def _():
    a, b = connection()
    with b:
        with client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False) as tls:
            a.close()
            return [a.fileno(), tls.fileno() >= 0, tls.getpeername() == b.getsockname()]


@observing("a failed handshake in wrap_socket closes the connection")
def _():
    a, b = connection()
    with a, b:
        b.sendall(b"this is no TLS, and nobody may take it for it")
        outcome = raised(lambda: client_context().wrap_socket(a, server_hostname="localhost"))
        return [outcome, a.fileno()]


@observing("a context that is used up")
def _():
    client, server = client_context(), server_context()
    for _ in range(3):
        with Sockets(client, server) as pair:
            pair.client.sendall(b"x")
            pair.server.recv(1)
    return [client.session_stats()["connect_good"], server.session_stats()["accept_good"], server.session_stats()["accept"]]


for name, call in {
    "accept": lambda tls: tls.accept(),
    "connect": lambda tls: tls.connect(("127.0.0.1", 9)),
    "getpeername": lambda tls: tls.getpeername(),
    "getsockopt": lambda tls: tls.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
    "setblocking": lambda tls: tls.setblocking(False),
    "settimeout": lambda tls: tls.settimeout(1),
    "gettimeout": lambda tls: tls.gettimeout(),
    "listen": lambda tls: tls.listen(),
    "shutdown": lambda tls: tls.shutdown(socket.SHUT_RDWR),
    "repr": lambda tls: repr(tls),
    "unwrap": lambda tls: tls.unwrap(),
    "family": lambda tls: tls.family,
}.items():

    @observing(f"closed: {name}")
    def _():
        with Sockets() as pair:
            pair.client.close()
            return call(pair.client)
