"""What the program sees of a connection."""
import ssl

from observe import connected, observe, observing, trusting_context


def facts(peer, high=None):
    context = trusting_context()
    if high is not None:
        context.maximum_version = high
    with connected(peer, context) as tls:
        return {
            "version": tls.version(),
            "cipher": tls.cipher(),
            "compression": tls.compression(),
            "shared": tls.shared_ciphers(),
            "alpn": tls.selected_alpn_protocol(),
            "npn": tls.selected_npn_protocol(),
            "server_side": tls.server_side,
            "server_hostname": tls.server_hostname,
            "pending": tls.pending(),
            "session_reused": tls.session_reused,
            "unique": len(tls.get_channel_binding("tls-unique")),
            "context": tls.context is context,
            "timeout": tls.gettimeout(),
            "peer": tls.getpeername()[0],
        }


observe("TLS 1.3", lambda: facts("tls-1.3"))
observe("TLS 1.2", lambda: facts("tls-1.2"))


@observing("before and after the handshake")
def _():
    import socket

    from observe import peers

    with socket.create_connection(("127.0.0.1", peers["good"]), timeout=20) as plain:
        with trusting_context().wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False) as tls:
            before = [tls.version(), tls.cipher(), tls.compression(), tls.shared_ciphers(), tls.pending(), tls.get_channel_binding()]
            tls.do_handshake()
            return [before, tls.version(), tls.cipher()[0]]


@observing("channel binding of a type that is none")
def _():
    with connected("good") as tls:
        return tls.get_channel_binding("tls-none")


@observing("statistics of the context")
def _():
    context = trusting_context()
    with connected("tls-1.2", context):
        pass
    return context.session_stats()


@observing("after it was closed")
def _():
    with connected("good") as tls:
        pass
    return [tls.version(), tls.cipher(), tls.pending(), tls.fileno()]


observe("certificate after it was closed", lambda: closed().getpeercert())
observe("reading after it was closed", lambda: closed().recv(1))
observe("writing after it was closed", lambda: closed().send(b"x"))


def closed():
    with connected("good") as tls:
        pass
    return tls
