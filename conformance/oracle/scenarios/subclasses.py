"""Classes derived from `SSLContext`, `SSLSocket` and `SSLObject`, and the classes that a context makes."""
import socket
import ssl

from ends import Memory, Sockets, client_context, raised, server_context, take_turns
from observe import observe, observing, pki


class Context(ssl.SSLContext):
    made = 0

    def __new__(cls, protocol=ssl.PROTOCOL_TLS_CLIENT, *parameters, **keywords):
        Context.made += 1
        return super().__new__(cls, protocol)

    def __init__(self, protocol=None, note=None):
        self.note = note

    def wrap_socket(self, sock, **parameters):
        self.wrapped = True
        return super().wrap_socket(sock, **parameters)


class Socket(ssl.SSLSocket):
    def send(self, data, flags=0):
        self.sent = getattr(self, "sent", 0) + len(data)
        return super().send(data, flags)

    def recv(self, *parameters):
        return super().recv(*parameters).upper()


class Object(ssl.SSLObject):
    def read(self, *parameters):
        return super().read(*parameters).upper()


def context(**classes):
    result = client_context()
    for name, value in classes.items():
        setattr(result, name, value)
    return result


@observing("a context with more parameters")
def _():
    made = Context(note="hello")
    made.load_verify_locations(pki["ca"])
    with Sockets(made) as pair:
        return [Context.made, made.note, made.wrapped, type(pair.client.context).__name__, pair.client.context is made, made.protocol, made.verify_mode]


@observing("a socket class of the program")
def _():
    with Sockets(context(sslsocket_class=Socket)) as pair:
        pair.client.sendall(b"abc")
        pair.server.sendall(b"xyz")
        return [type(pair.client).__name__, pair.client.sent, pair.server.recv(9), pair.client.recv(9), isinstance(pair.client, socket.socket)]


@observing("an object class of the program")
def _():
    pair = Memory(context(sslobject_class=Object)).handshake()
    pair.server.write(b"abc")
    return [type(pair.client).__name__, pair.client.read(9)]


@observing("classes of the class")
def _():
    class Both(ssl.SSLContext):
        sslsocket_class = Socket
        sslobject_class = Object

    made = Both(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pki["good.chain"], pki["good.key"])
    pair = Memory(server=made)
    return [type(pair.server).__name__, ssl.SSLContext.sslsocket_class.__name__, ssl.SSLContext.sslobject_class.__name__]


@observing("an accepted connection has the context's class")
def _():
    server = server_context()
    server.sslsocket_class = Socket
    with server.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False) as listening:
        with socket.create_connection(listening.getsockname(), 20):
            accepted, _ = listening.accept()
            with accepted:
                return [type(listening).__name__, type(accepted).__name__, accepted.server_side, accepted.do_handshake_on_connect]


observe("SSLSocket refuses to be made", lambda: Socket(socket.socket()))
observe("SSLObject refuses to be made", lambda: Object())
observe("a session class", lambda: type("Session", (ssl.SSLSession,), {}))
observe("a buffer class", lambda: type("Bio", (ssl.MemoryBIO,), {"more": 1})().more)


@observing("a buffer class in use")
def _():
    class Counting(ssl.MemoryBIO):
        written = 0

        def write(self, data):
            Counting.written += 1
            return super().write(data)

    outgoing = Counting()
    end = client_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    return [raised(end.do_handshake), Counting.written, outgoing.pending > 100]


for method, value in {"verify_mode": ssl.CERT_NONE, "options": 0, "minimum_version": ssl.TLSVersion.TLSv1_3}.items():

    @observing(f"{method} of a derived class")
    def _():
        class Derived(ssl.SSLContext):
            pass

        made = Derived(ssl.PROTOCOL_TLS_SERVER)
        setattr(made, method, value)
        return getattr(made, method)


@observing("a property that a class overrides")
def _():
    class Strict(ssl.SSLContext):
        @property
        def verify_mode(self):
            return super().verify_mode

        @verify_mode.setter
        def verify_mode(self, value):
            if value == ssl.CERT_NONE:
                raise PermissionError("never")
            ssl.SSLContext.verify_mode.__set__(self, value)

    made = Strict(ssl.PROTOCOL_TLS_SERVER)
    made.verify_mode = ssl.CERT_REQUIRED
    return [made.verify_mode, raised(setattr, made, "verify_mode", ssl.CERT_NONE), made.verify_mode]


observe("a protocol that is none", lambda: Context("x"))
observe("_SSLContext by itself", lambda: type(ssl._ssl._SSLContext(ssl.PROTOCOL_TLS_CLIENT)).__name__)
observe("attributes of instances", lambda: setattr(client_context(), "anything", 5))
