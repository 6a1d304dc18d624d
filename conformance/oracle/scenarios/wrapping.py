"""`wrap_socket`: what it takes and refuses."""
import socket
import ssl

from observe import observe, observing, peers, trusting_context


def wrap(context=None, connect=True, **parameters):
    plain = socket.socket()
    try:
        plain.settimeout(20)
        if connect:
            plain.connect(("127.0.0.1", peers["good"]))
        tls = (context or trusting_context()).wrap_socket(plain, **parameters)
        tls.close()
        return type(tls).__name__
    finally:
        plain.close()


observe("connected", lambda: wrap(server_hostname="localhost"))
observe("connected, without a name", lambda: wrap())
observe("not connected", lambda: wrap(connect=False, server_hostname="localhost"))
observe("server side with a client's context", lambda: wrap(server_side=True))
observe("server side with a name", lambda: wrap(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), server_side=True, server_hostname="localhost"))
observe("client side with a server's context", lambda: wrap(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), connect=False))
observe("what is no socket", lambda: trusting_context().wrap_socket(5))
observe("made directly", lambda: ssl.SSLSocket())
observe("object made directly", lambda: ssl.SSLObject())
observe("a datagram socket", lambda: trusting_context().wrap_socket(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), server_hostname="localhost"))


@observing("connect does the handshake")
def _():
    with trusting_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        tls.settimeout(20)
        tls.connect(("127.0.0.1", peers["good"]))
        return tls.version()


@observing("connect_ex does it, too")
def _():
    with trusting_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        tls.settimeout(20)
        return [tls.connect_ex(("127.0.0.1", peers["good"])), tls.version()]


@observing("connect without the handshake")
def _():
    with trusting_context().wrap_socket(socket.socket(), server_hostname="localhost", do_handshake_on_connect=False) as tls:
        tls.settimeout(20)
        tls.connect(("127.0.0.1", peers["good"]))
        before = tls.version()
        tls.do_handshake()
        return [before, tls.version()]


@observing("the original socket is empty afterwards")
def _():
    plain = socket.create_connection(("127.0.0.1", peers["good"]), timeout=20)
    with trusting_context().wrap_socket(plain, server_hostname="localhost") as tls:
        return [plain.fileno(), tls.fileno() >= 0, tls.gettimeout()]


@observing("calls before it is connected")
def _():
    with trusting_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        return [tls.version(), tls.cipher(), tls.selected_alpn_protocol()]


def unconnected(use):
    with trusting_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        return use(tls)


observe("reading before it is connected", lambda: unconnected(lambda tls: tls.recv(1)))
observe("writing before it is connected", lambda: unconnected(lambda tls: tls.send(b"x")))
observe("handshake before it is connected", lambda: unconnected(lambda tls: tls.do_handshake()))
observe("certificate before it is connected", lambda: unconnected(lambda tls: tls.getpeercert()))
