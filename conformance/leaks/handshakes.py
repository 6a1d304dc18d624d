"""Handshakes of every kind, both sides in this interpreter, and what is alive between rounds of them.

A round is one of each kind: over memory, over a socket pair, over loopback with a server in a thread; that succeed,
resume, are refused, are abandoned; with contexts that are made for the round and dropped with it.
"""

import contextlib
import gc
import json
import socket
import ssl
import threading
import tracemalloc

MESSAGE = b"some bytes of the application"
PSK = bytes(range(32))

#: Handshakes that were begun, so far.
handshakes = 0

#: Every kind of handshake, in the order of a round.
KINDS = []


def kind(function):
    KINDS.append(function)
    return function


def run_rounds(count):
    """So many rounds. Answers how many handshakes there have been in all."""
    for _ in range(count):
        for one in KINDS:
            one()
    return handshakes


def snapshot():
    """What is alive in Python's heap: objects with references, and bytes of everything that Python allocated."""
    if not tracemalloc.is_tracing():
        # Pyodide's Python is built without an allocator of its own, and so without `sys.getallocatedblocks`.
        tracemalloc.start()
    gc.collect()
    gc.collect()
    allocated, _peak = tracemalloc.get_traced_memory()
    objects = len(gc.get_objects())
    return json.dumps({"objects": objects, "allocated": allocated, "threads": threading.active_count()})


def client(cafile="/pki/root.pem", leaf=None, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile)
    return _completed(context, leaf, version)


def server(leaf="good-ec", version=None):
    return _completed(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), leaf, version)


def _completed(context, leaf, version):
    if leaf is not None:
        context.load_cert_chain(f"/pki/{leaf}.chain.pem", f"/pki/{leaf}.key")
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def _count():
    global handshakes
    handshakes += 1


class Pair:
    """Both ends of a connection over memory."""

    def __init__(self, client_context, server_context, hostname="localhost", session=None):
        _count()
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client_context.wrap_bio(to_client, to_server, server_hostname=hostname, session=session)
        self.server = server_context.wrap_bio(to_server, to_client, server_side=True)

    def handshake(self):
        _take_turns(self.client, self.server)
        return self

    def talk(self):
        """One message each way: tickets come before the answer."""
        self.client.write(MESSAGE)
        assert self.server.read(100) == MESSAGE
        self.server.write(MESSAGE)
        assert self.client.read(100) == MESSAGE
        return self

    def end(self):
        with contextlib.suppress(ssl.SSLWantReadError):
            self.client.unwrap()
        self.server.unwrap()
        self.client.unwrap()


def _take_turns(*sides):
    pending = list(sides)
    for _ in range(50):
        for side in list(pending):
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                side.do_handshake()
                pending.remove(side)
        if not pending:
            return
    raise RuntimeError("the handshake does not end")


def _refused(pair, reason):
    """A handshake that is refused for this reason at one end; the other is told or not."""
    try:
        pair.handshake().talk()
    except ssl.SSLError as error:
        assert error.reason == reason, error
    else:
        raise RuntimeError(f"not refused: {reason}")
    for side in (pair.client, pair.server):
        with contextlib.suppress(ssl.SSLError):
            side.do_handshake()


@kind
def plain():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        pair = Pair(client(), server(version=version)).handshake().talk()
        assert pair.client.version() and pair.client.cipher() and pair.client.get_channel_binding() is not None
        pair.client.getpeercert(), pair.client.getpeercert(True), pair.client.get_verified_chain()
        pair.client.get_unverified_chain(), pair.server.shared_ciphers()
        pair.end()


@kind
def rsa_and_never_ended():
    Pair(client(), server("good")).handshake().talk()


@kind
def client_certificate():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        asking = server(version=version)
        asking.load_verify_locations("/pki/root.pem")
        asking.verify_mode = ssl.CERT_REQUIRED
        pair = Pair(client(leaf="client-ec"), asking).handshake().talk()
        assert pair.server.getpeercert()["subject"]
        pair.end()


@kind
def resumed():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        ours, theirs = client(), server(version=version)
        session = Pair(ours, theirs).handshake().talk().client.session
        pair = Pair(ours, theirs, session=session).handshake().talk()
        assert pair.client.session_reused and pair.client.session.id is not None
        pair.end()
        ours.session_stats(), theirs.session_stats()


@kind
def another_context_by_sni():
    first, second = server("good-ec"), server("sni-one")

    def choose(connection, name, context):
        assert context is first
        connection.context = second

    first.sni_callback = choose
    pair = Pair(client(), first, "one.example.test").handshake().talk()
    assert pair.server.context is second
    pair.end()


@kind
def refused_by_sni():
    theirs = server()
    theirs.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    _refused(Pair(client(), theirs), "CALLBACK_FAILED")


@kind
def alpn_and_messages():
    ours, theirs = client(), server()
    seen = []
    ours._msg_callback = lambda *message: seen.append(message)
    ours.set_alpn_protocols(["h2", "http/1.1"])
    theirs.set_alpn_protocols(["http/1.1"])
    pair = Pair(ours, theirs).handshake().talk()
    assert seen and pair.client.selected_alpn_protocol() == "http/1.1"
    pair.end()


@kind
def psk():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        ours, theirs = client(version=version), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.check_hostname, ours.verify_mode = False, ssl.CERT_NONE
        for context in (ours, theirs):
            context.minimum_version = context.maximum_version = version
            if version is ssl.TLSVersion.TLSv1_2:
                context.set_ciphers("PSK")
        ours.set_psk_client_callback(lambda hint: ("somebody", PSK))
        theirs.set_psk_server_callback(lambda identity: PSK, "a hint")
        Pair(ours, theirs).handshake().talk().end()


@kind
def untrusted():
    _refused(Pair(client("/pki/other-root.pem"), server()), "CERTIFICATE_VERIFY_FAILED")


@kind
def other_name():
    _refused(Pair(client(), server(), "other.example.org"), "CERTIFICATE_VERIFY_FAILED")


@kind
def client_certificate_missing():
    asking = server(version=ssl.TLSVersion.TLSv1_2)
    asking.load_verify_locations("/pki/root.pem")
    asking.verify_mode = ssl.CERT_REQUIRED
    _refused(Pair(client(), asking), "PEER_DID_NOT_RETURN_A_CERTIFICATE")


@kind
def version_mismatch():
    pair = Pair(client(version=ssl.TLSVersion.TLSv1_2), server(version=ssl.TLSVersion.TLSv1_3))
    _refused(pair, "UNSUPPORTED_PROTOCOL")


@kind
def abandoned():
    pair = Pair(client(), server())
    for side in (pair.client, pair.server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()


@kind
def in_a_reference_cycle():
    class Context(ssl.SSLContext):
        pass

    ours = Context(ssl.PROTOCOL_TLS_CLIENT)
    ours.load_verify_locations("/pki/root.pem")
    ours.itself = ours
    theirs = server()
    theirs.sni_callback = lambda connection, name, context: setattr(connection, "seen", (theirs, connection))
    pair = Pair(ours, theirs).handshake().talk()
    pair.client.pair = pair


@kind
def over_a_socket_pair():
    _count()
    ours, theirs = client(), server()
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    with (
        ours.wrap_socket(left, server_hostname="localhost", do_handshake_on_connect=False) as mine,
        theirs.wrap_socket(right, server_side=True, do_handshake_on_connect=False) as yours,
    ):
        _take_turns(mine, yours)
        mine.sendall(MESSAGE)
        assert yours.recv(100) == MESSAGE


def _serve(listener, context):
    try:
        connection, _ = listener.accept()
        with connection, context.wrap_socket(connection, server_side=True) as tls:
            tls.sendall(tls.recv(100))
            tls.unwrap()
    except OSError:
        pass  # a client that refuses is the point of one kind


def _over_loopback(ours, theirs, use):
    _count()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, theirs))
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), 30) as plain_socket:
                use(ours, plain_socket)
        finally:
            thread.join()


@kind
def over_loopback_with_a_thread():
    def use(ours, plain_socket):
        with ours.wrap_socket(plain_socket, server_hostname="localhost") as tls, tls.makefile("rb") as file:
            tls.sendall(MESSAGE)
            assert file.read(len(MESSAGE)) == MESSAGE
            tls.unwrap()

    _over_loopback(client(), server(), use)


@kind
def untrusted_over_loopback_with_a_thread():
    def use(ours, plain_socket):
        try:
            ours.wrap_socket(plain_socket, server_hostname="localhost")
        except ssl.SSLCertVerificationError:
            pass
        else:
            raise RuntimeError("not refused")

    _over_loopback(client("/pki/other-root.pem"), server(), use)
