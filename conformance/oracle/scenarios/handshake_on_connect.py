"""`do_handshake_on_connect`, `connect`, `connect_ex`, `accept`: when the handshake is done, and when it is not."""
import errno
import select
import socket

from ends import arrived, client_context, raised, server_context, together
from observe import connected, observe, observing, peers, trusting_context


def connecting(peer="good", method="connect", hostname="localhost", timeout=20, **parameters):
    tls = trusting_context().wrap_socket(socket.socket(), server_hostname=hostname, **parameters)
    with tls:
        tls.settimeout(timeout)
        outcome = raised(getattr(tls, method), ("127.0.0.1", peers[peer]))
        if isinstance(outcome, int):
            outcome = errno.errorcode.get(outcome, outcome)
        return [outcome, tls.version(), tls._connected, tls._sslobj is None, tls.fileno() >= 0]


for method in ("connect", "connect_ex"):
    for on_connect in (True, False):
        observe(f"{method}, {on_connect}", lambda: connecting(method=method, do_handshake_on_connect=on_connect))
    observe(f"{method}, a wrong name", lambda: connecting(method=method, hostname="wrong.test"))
    observe(f"{method}, nobody there", lambda: connecting("refused", method))
    observe(f"{method}, a server without TLS", lambda: connecting("plain-http", method))
    observe(f"{method}, a server that closes", lambda: connecting("close-in-handshake", method))
    observe(f"{method}, a server that says nothing", lambda: connecting("never-answers", method, timeout=0.2))


@observing("connected again after a failure")
def _():
    with trusting_context().wrap_socket(socket.socket(), server_hostname="wrong.test") as tls:
        tls.settimeout(20)
        seen = [raised(tls.connect, ("127.0.0.1", peers["good"]))]
        return [*seen, raised(tls.connect, ("127.0.0.1", peers["good"]))]


@observing("connected without blocking")
def _():
    with trusting_context().wrap_socket(socket.socket(), server_hostname="localhost", do_handshake_on_connect=False) as tls:
        tls.setblocking(False)
        first = tls.connect_ex(("127.0.0.1", peers["good"]))
        if first:
            select.select([], [tls], [], 20)
        together(tls, tls.do_handshake)
        return [tls.version(), tls.getpeername()[1] == peers["good"], raised(tls.connect, ("127.0.0.1", 9))]


@observing("the handshake of a blocking socket, twice and with words")
def _():
    with connected("good") as tls:
        return [tls.do_handshake(), tls.do_handshake(block=True), tls.do_handshake(False), raised(tls.do_handshake, 1, 2)[:30]]


@observing("a listening socket hands its settings on")
def _():
    with server_context().wrap_socket(
        socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False, suppress_ragged_eofs=False
    ) as listening:
        with socket.create_connection(listening.getsockname(), 20) as client:
            accepted, address = listening.accept()
            with accepted:
                return [
                    accepted.server_side,
                    accepted.do_handshake_on_connect,
                    accepted.suppress_ragged_eofs,
                    accepted.context is listening.context,
                    accepted.version(),
                    accepted.gettimeout(),
                    address == client.getsockname(),
                    raised(listening.do_handshake),
                    raised(listening.send, b"x"),
                    listening.version(),
                ]


@observing("a client that does not speak TLS is refused in accept, and closed")
def _():
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
        listening.settimeout(20)
        with socket.create_connection(listening.getsockname(), 20) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            outcome = raised(listening.accept)
            return [outcome, listening.fileno() >= 0]


@observing("a client that leaves at once")
def _():
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
        listening.settimeout(20)
        socket.create_connection(listening.getsockname(), 20).close()
        return raised(listening.accept)


@observing("a client that says nothing, with a timeout on the accepted socket")
def _():
    socket.setdefaulttimeout(0.2)
    try:
        with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
            with socket.create_connection(listening.getsockname(), 20):
                return raised(listening.accept)
    finally:
        socket.setdefaulttimeout(None)


@observing("an accepted socket whose handshake is left to the program")
def _():
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False) as listening:
        with socket.create_connection(listening.getsockname(), 20) as plain:
            client = client_context().wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False)
            server, _ = listening.accept()
            with client, server:
                for end in (client, server):
                    end.settimeout(0)
                before = [client.version(), server.version(), server.pending()]
                together(client, client.do_handshake, server, server.do_handshake)
                server.send(b"welcome")
                raised(arrived(client).recv, 0)
                together(client, lambda: before.append(client.recv(99)))
                return [*before, server.version()]
