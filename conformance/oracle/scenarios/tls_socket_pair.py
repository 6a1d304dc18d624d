"""TLS sockets on both ends of a connection: what each says, bytes both ways, and the end."""
from ends import TLS12, Sockets, arrived, client_context, connection, raised, server_context, together
from observe import observe, observing


def facts(**attributes):
    with Sockets(client_context(**attributes)) as pair:
        return [
            {
                "version": end.version(),
                "cipher": end.cipher(),
                "side": end.server_side,
                "hostname": end.server_hostname,
                "timeout": end.gettimeout(),
                "family": end.family,
                "type": end.type,
                "peer": end.getpeername() == other.getsockname(),
                "certificate": end.getpeercert() and sorted(end.getpeercert()),
                "reused": end.session_reused,
                "suppress": end.suppress_ragged_eofs,
                "handshake": end.do_handshake_on_connect,
                "class": type(end).__name__,
            }
            for end, other in ((pair.client, pair.server), (pair.server, pair.client))
        ]


observe("TLS 1.3", facts)
observe("TLS 1.2", lambda: facts(**TLS12))


@observing("bytes both ways by every method")
def _():
    with Sockets() as pair:
        seen = [pair.client.send(b"send"), pair.server.recv(9), pair.client.sendall(b"sendall"), pair.server.recv(9)]
        seen += [pair.server.write(b"write"), pair.client.read(9), pair.server.send(memoryview(b"view")), pair.client.read()]
        buffer = bytearray(6)
        seen += [pair.client.sendall(bytearray(b"into")), pair.server.recv_into(buffer), bytes(buffer)]
        seen += [pair.client.send(b""), pair.client.sendall(b""), pair.server.pending()]
        return seen


@observing("an end in order, begun by the client")
def _():
    with Sockets() as pair:
        pair.settimeout(0)
        seen = [raised(pair.client.unwrap), raised(arrived(pair.server).recv, 9), type(raised(pair.server.unwrap)).__name__]
        seen += [type(raised(arrived(pair.client).unwrap)).__name__, raised(pair.client.unwrap), pair.client.version(), pair.server.version()]
        pair.settimeout(20)
        seen += [pair.client.send(b"plain"), pair.server.recv(9), raised(pair.client.read, 1), raised(pair.client.write, b"x")]
        return seen


@observing("TLS in turns with plain bytes on one connection")
def _():
    with Sockets() as pair:
        pair.settimeout(0)
        raised(pair.client.unwrap)
        plain_server = arrived(pair.server).unwrap()
        plain_client = arrived(pair.client).unwrap()
        same = [plain_client is pair.client, plain_server is pair.server, plain_client.fileno() >= 0]
        pair.settimeout(20)
        plain_client.sendall(b"hello")
        same.append(plain_server.recv(9))
        client = client_context().wrap_socket(plain_client, server_hostname="localhost", do_handshake_on_connect=False)
        server = server_context().wrap_socket(plain_server, server_side=True, do_handshake_on_connect=False)
        with client, server:
            client.settimeout(0)
            server.settimeout(0)
            together(client, client.do_handshake, server, server.do_handshake)
            client.settimeout(20)
            server.settimeout(20)
            client.sendall(b"again under TLS")
            return [same, server.recv(99), client.version()]


@observing("an end that was closed")
def _():
    with Sockets() as pair:
        pair.client.close()
        seen = [pair.client.fileno(), repr(pair.client._sslobj), raised(pair.client.recv, 1), raised(pair.client.send, b"x"), raised(pair.client.unwrap)]
        return seen + [raised(pair.client.getpeername), raised(pair.client.getpeercert), raised(pair.client.do_handshake), pair.client.cipher()]


@observing("two connections of the same contexts, mixed")
def _():
    client, server = client_context(), server_context()
    with Sockets(client, server) as one, Sockets(client, server) as two:
        one.client.sendall(b"1")
        two.client.sendall(b"2")
        return [two.server.recv(9), one.server.recv(9)]


@observing("the plain socket is empty after it was wrapped")
def _():
    a, b = connection()
    with b:
        tls = client_context().wrap_socket(a, server_hostname="localhost", do_handshake_on_connect=False)
        with tls:
            return [a.fileno(), tls.fileno() >= 0, raised(a.send, b"x"), a.detach()]


@observing("bytes that came before the wrapping")
def _():
    a, b = connection()
    with a, b:
        a.sendall(b"early")
        client_context().wrap_socket(b, server_hostname="localhost", do_handshake_on_connect=False)


@observing("bytes that came before the wrapping stay for who reads them")
def _():
    a, b = connection()
    with a, b:
        a.sendall(b"early")
        with client_context().wrap_socket(b, server_hostname="localhost", do_handshake_on_connect=False) as tls:
            return tls.version()
