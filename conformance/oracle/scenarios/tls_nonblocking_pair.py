"""TLS sockets that don't block, both ends in one program."""
import select
import socket
import ssl

from ends import Sockets, arrived, client_context, connection, raised, server_context, together
from observe import observe, observing


def ready(*ends):
    return [[number for number, end in enumerate(ends) if end in found] for found in select.select(ends, ends, [], 0)]


@observing("the handshake, call by call")
def _():
    with Sockets(handshake=False, timeout=0) as pair:
        seen = [raised(pair.client.do_handshake)]
        for end in (pair.server, pair.client, pair.server):
            seen += [raised(arrived(end).do_handshake), ready(end)]
        return [*seen, pair.client.version(), pair.server.version()]


@observing("calls before the handshake")
def _():
    with Sockets(handshake=False, timeout=0) as pair:
        return [raised(pair.client.recv, 1), raised(pair.client.send, b"x"), raised(pair.server.recv, 1), raised(pair.client.unwrap), pair.client.pending()]


@observing("nothing to read")
def _():
    with Sockets(timeout=0) as pair:
        return [raised(pair.client.recv, 1), raised(pair.server.recv, 1), raised(pair.client.recv_into, bytearray(4)), ready(pair.client, pair.server)]


@observing("a peer that does not read: writing stops, and goes on")
def _():
    with Sockets(timeout=0) as pair:
        data, sent, outcome = bytes(range(256)) * 64, 0, None
        while outcome is None and sent < 1 << 26:
            try:
                sent += pair.client.send(data)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                outcome = type(error).__name__
        stopped = ready(pair.client)[1]
        received = 0
        while received < sent:
            try:
                received += len(pair.server.recv(1 << 16))
            except ssl.SSLWantReadError:
                try:
                    sent += pair.client.send(data)
                except ssl.SSLWantWriteError:
                    pass
        return [outcome, stopped, sent > len(data), received == sent]


@observing("sendall to a peer that does not read")
def _():
    with Sockets(timeout=0) as pair:
        pair.client.sendall(bytes(1 << 25))


@observing("what is pending is not readable")
def _():
    with Sockets(timeout=0) as pair:
        pair.server.send(b"0123456789")
        seen = [ready(arrived(pair.client))[0], pair.client.recv(3), pair.client.pending(), ready(pair.client)[0]]
        return [*seen, pair.client.recv(99), raised(pair.client.recv, 1)]


@observing("an end, and reading after it")
def _():
    with Sockets(timeout=0) as pair:
        seen = [raised(pair.server.unwrap), raised(arrived(pair.client).recv, 9), raised(pair.client.recv, 9), raised(pair.client.send, b"x")]
        arrived(pair.server)
        return [*seen, type(raised(pair.client.unwrap)).__name__]


@observing("the peer has gone")
def _():
    with Sockets(timeout=0) as pair:
        pair.server.close()
        return [raised(arrived(pair.client).recv, 9), raised(pair.client.recv, 9), ready(pair.client)]


@observing("blocking comes back")
def _():
    with Sockets(timeout=0) as pair:
        seen = [pair.client.gettimeout(), pair.client.getblocking()]
        pair.client.setblocking(True)
        seen += [pair.client.gettimeout(), pair.client.getblocking()]
        pair.client.settimeout(2.5)
        return [*seen, pair.client.gettimeout(), pair.client.getblocking(), pair.client.timeout]


@observing("do_handshake(block=True) on a socket that does not block")
def _():
    with Sockets(handshake=False, timeout=0) as pair:
        raised(pair.client.do_handshake)
        raised(arrived(pair.server).do_handshake)
        done = pair.client.do_handshake(block=True)
        return [done, pair.client.gettimeout(), raised(arrived(pair.server).do_handshake), pair.client.version()]


@observing("an alert is raised where it comes to")
def _():
    with Sockets(handshake=False, timeout=0, hostname="wrong.test") as pair:
        seen = [raised(pair.client.do_handshake)]
        for end in (pair.server, pair.client, pair.server):
            seen.append(raised(arrived(end).do_handshake))
        return [*seen, raised(pair.server.do_handshake)]


@observing("wrapping a connected socket that does not block")
def _():
    a, b = connection()
    with a, b:
        a.setblocking(False)
        client_context().wrap_socket(a, server_hostname="localhost")


@observing("accepting where nobody waits")
def _():
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
        listening.setblocking(False)
        listening.accept()


@observing("accepted, both ends without blocking")
def _():
    with server_context().wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False) as listening:
        with client_context().wrap_socket(socket.socket(), server_hostname="localhost", do_handshake_on_connect=False) as client:
            client.settimeout(20)
            client.connect(listening.getsockname())
            server, address = listening.accept()
            with server:
                client.settimeout(0)
                server.settimeout(0)
                together(client, client.do_handshake, server, server.do_handshake)
                client.send(b"hello")
                select.select([server], [], [], 20)
                return [server.recv(9), address == client.getsockname(), server.getpeername() == client.getsockname(), client.getpeername() == listening.getsockname()]
