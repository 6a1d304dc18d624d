"""Connections that a peer resets or leaves, and what TLS makes of the system's errors."""
import errno
import socket
import struct

from ends import Sockets, arrived, client_context, connection, raised, server_context
from observe import observe, observing

LINGER = struct.pack("ii", 1, 0)


def reset(end):
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    end.close()


def after_reset(*uses):
    with Sockets() as pair:
        reset(pair.server)
        arrived(pair.client)
        seen = []
        for use in uses:
            try:
                seen.append(use(pair.client))
            except OSError as error:
                seen.append([type(error).__name__, errno.errorcode.get(error.errno, error.errno)])
        return seen


READ, WRITE = (lambda tls: tls.recv(9)), (lambda tls: tls.send(b"x"))
observe("reading, again and again", lambda: after_reset(READ, READ, READ))
observe("writing", lambda: after_reset(WRITE, WRITE))
observe("unwrap", lambda: after_reset(lambda tls: tls.unwrap()))
observe("facts stay", lambda: after_reset(lambda tls: tls.version(), lambda tls: tls.getpeercert() is not None, lambda tls: tls.pending(), READ, lambda tls: tls.version()))
observe("getpeername", lambda: after_reset(READ, lambda tls: tls.getpeername()[0]))
observe("shutdown", lambda: after_reset(READ, lambda tls: tls.shutdown(socket.SHUT_RDWR)))


@observing("in the handshake of a client")
def _():
    a, b = connection()
    with a, b:
        client = client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)
        with client:
            client.settimeout(0)
            raised(client.do_handshake)
            arrived(b)
            reset(b)
            arrived(client)
            return [raised(client.do_handshake), raised(client.do_handshake), client.version()]


@observing("in the handshake of a server")
def _():
    a, b = connection()
    with a, b:
        server = server_context().wrap_socket(b, server_side=True, do_handshake_on_connect=False)
        with server:
            server.settimeout(0)
            seen = [raised(server.do_handshake)]
            reset(a)
            arrived(server)
            return [*seen, raised(server.do_handshake), raised(server.do_handshake)]


@observing("left in the handshake of a client")
def _():
    a, b = connection()
    with a, b:
        client = client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)
        with client:
            client.settimeout(0)
            raised(client.do_handshake)
            b.shutdown(socket.SHUT_WR)
            arrived(client)
            return [raised(client.do_handshake), raised(client.do_handshake)]


@observing("left in the handshake of a server")
def _():
    a, b = connection()
    with a, b:
        server = server_context().wrap_socket(b, server_side=True, do_handshake_on_connect=False)
        with server:
            a.close()
            server.settimeout(20)
            return [raised(server.do_handshake), raised(server.do_handshake)]


@observing("wrapping a connection that has been reset")
def _():
    a, b = connection()
    with a:
        reset(b)
        arrived(a)
        return raised(lambda: client_context().wrap_socket(a, server_hostname="localhost"))


@observing("wrapping a connection that has ended")
def _():
    a, b = connection()
    with a:
        b.close()
        arrived(a)
        return raised(lambda: client_context().wrap_socket(a, server_hostname="localhost"))
