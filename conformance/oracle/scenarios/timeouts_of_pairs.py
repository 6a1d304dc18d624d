"""Timeouts between two ends in one program: what is raised where, and that the connection survives it."""
import socket
import ssl

from ends import Sockets, arrived, client_context, connection, raised, server_context
from observe import observe, observing


@observing("reading")
def _():
    with Sockets(timeout=0.05) as pair:
        seen = [raised(pair.client.recv, 1), raised(pair.client.recv_into, bytearray(1)), raised(pair.client.read, 1)]
        pair.server.sendall(b"x")
        return [*seen, pair.client.recv(1)]


@observing("what a timeout is")
def _():
    with Sockets(timeout=0.05) as pair:
        try:
            pair.client.recv(1)
        except OSError as error:
            return [type(error).__name__, error.errno, error.args, isinstance(error, ssl.SSLError)]


@observing("the handshake, client and server")
def _():
    a, b = connection()
    with a, b:
        a.settimeout(0.05)
        client = client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)
        with client:
            seen = [raised(client.do_handshake), client.version(), raised(client.do_handshake), client.gettimeout()]
        return seen


@observing("the handshake in wrap_socket closes the socket")
def _():
    a, b = connection()
    with a, b:
        a.settimeout(0.05)
        seen = [raised(lambda: client_context().wrap_socket(a, server_hostname="localhost"))]
        return [*seen, a.fileno()]


@observing("the handshake of a server")
def _():
    a, b = connection()
    with a, b:
        b.settimeout(0.05)
        server = server_context().wrap_socket(b, server_side=True, do_handshake_on_connect=False)
        with server:
            return [raised(server.do_handshake), server.version()]


@observing("writing to a peer that does not read")
def _():
    with Sockets(timeout=0.1) as pair:
        return raised(pair.client.sendall, bytes(1 << 25))


@observing("unwrap")
def _():
    with Sockets(timeout=0.1) as pair:
        return [raised(pair.client.unwrap), pair.client.version() is None]


@observing("a timeout of zero, None and back")
def _():
    with Sockets() as pair:
        seen = []
        for value in (0, 0.05, None, 5):
            pair.client.settimeout(value)
            seen.append([pair.client.gettimeout(), pair.client.getblocking()])
        pair.client.settimeout(0.05)
        seen.append(raised(pair.client.recv, 1))
        pair.client.setblocking(False)
        seen.append(raised(pair.client.recv, 1))
        return seen


@observing("the default for new sockets")
def _():
    socket.setdefaulttimeout(7)
    try:
        with client_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
            seen = [tls.gettimeout()]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            seen.append(listener.gettimeout())
        return [*seen, socket.getdefaulttimeout()]
    finally:
        socket.setdefaulttimeout(None)


@observing("the plain socket's timeout goes over to the TLS socket")
def _():
    a, b = connection()
    with a, b:
        a.settimeout(3.5)
        with client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False) as tls:
            return [tls.gettimeout(), tls.getblocking()]


@observing("accepting")
def _():
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
        listening.settimeout(0.05)
        return raised(listening.accept)


@observing("reading the second half of a record")
def _():
    with Sockets(timeout=0.1) as pair:
        with socket.socket(fileno=pair.server.detach()) as raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"part")
            arrived(pair.client)
            return [raised(pair.client.recv, 1), raised(pair.client.recv, 1)]
