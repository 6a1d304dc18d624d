"""``_ssl._SSLSocket``; follows ``_ssl.c`` from ``newPySSLSocket`` on. What waits is in ``_tls_connection_state.py``."""

import json
import sys
import weakref

import _socket

from pyodide_ssl._c_types import c_type
from pyodide_ssl._tls_arguments import buffer, c_size, getset_descriptor, text, type_name
from pyodide_ssl._tls_bridge import LINES, ROOM_SIZE, bridge, checked, owned, stage, to_bytes
from pyodide_ssl._tls_callbacks import running
from pyodide_ssl._tls_certificate import certificate_info, certificates
from pyodide_ssl._tls_connection_state import HANDSHAKE_TEXTS, READ_TEXTS, WRITE_TEXTS, Connection, Limit
from pyodide_ssl._tls_errors import text_error
from pyodide_ssl._tls_session import SSLSession, session, session_handle

_handshake = bridge.handshake
_read = bridge.read
_write = bridge.write
_shutdown = bridge.shutdown

_fileno = _socket.socket.fileno


def new_connection(context, settings, server_side, server_hostname, owner, resumed, sock=None, bios=None):
    """``newPySSLSocket``. *settings* are those that *context*, an ``_SSLContext``, holds; *bios* are handles."""
    hostname = None if server_hostname is None else _ascii(server_hostname)
    if sock is not None:
        handle = bridge.wrapSocket(settings.handle, _fileno(sock), server_side, hostname)
    else:
        handle = bridge.wrapBio(settings.handle, *bios, server_side, hostname)
    references = [None if thing is None else weakref.ref(thing) for thing in (sock, owner)]
    self = _new(Connection(owned(handle), context, settings, hostname, server_side, *references))
    if resumed is not None:
        self.session = resumed
    return self


def _ascii(value):
    """Format ``es`` with ASCII."""
    if not isinstance(value, str):
        raise TypeError(f"argument must be str, not {type_name(value)}")
    value.encode("ascii")
    if "\0" in value:
        raise TypeError("argument must be encoded string without null bytes, not str")
    return value


class _SSLSocket:
    __module__ = "_ssl"
    __slots__ = ("_state",)

    # Operations

    def do_handshake(self, /):
        state = _state(self)
        limit = Limit(state.live_socket("handshakeSocketGone"))
        state.repeat(self, _handshake, "doHandshake", limit, lambda _: HANDSHAKE_TEXTS)

    def read(self, /, *args):
        """read(size, [buffer])
        Read up to size bytes from the SSL socket."""
        if not 1 <= len(args) <= 2:
            raise TypeError("_ssl._SSLSocket.read requires 1 to 2 arguments")
        size = c_size(args[0])
        target = _writable(args[1]) if len(args) == 2 else None
        if target is None and size < 0:
            raise ValueError("size should not be negative")
        state = _state(self)
        sock = state.live_socket("readSocketGone")
        if target is not None and not 0 < size <= len(target):
            size = len(target)
        result = state.repeat(self, _read, "read", Limit(sock), lambda _: READ_TEXTS, size)
        if type(result) is int:  # The end of the stream.
            return b"" if target is None else 0
        if target is None:
            return to_bytes(result)
        length = len(result)
        result.assign_to(target[:length])
        return length

    def write(self, b, /):
        """Writes the bytes-like object b into the SSL object.

        Returns the number of bytes written."""
        data = buffer(b)
        state = _state(self)
        sock = state.live_socket("writeSocketGone")
        limit = Limit(sock)
        if limit.deadline is not None:
            limit.wait(False, WRITE_TEXTS)
        length = len(data)
        if length <= ROOM_SIZE:
            return _write_piece(self, state, data, limit)
        view = memoryview(data)
        written = 0
        while written < length:
            written += _write_piece(self, state, view[written : written + ROOM_SIZE], limit)
            if sock is not None and limit.is_non_blocking:
                break
        return written

    def shutdown(self, /):
        """Does the SSL shutdown handshake with the remote end."""
        state = _state(self)
        sock = state.live_socket("shutdownSocketGone")
        if sock is not None and _fileno(sock) < 0:
            raise text_error("Underlying socket connection gone", LINES["shutdownSocketGone"])
        state.repeat(self, _shutdown, "shutdown", Limit(sock), lambda want: READ_TEXTS if want else WRITE_TEXTS)
        return sock

    # Information

    def pending(self, /):
        """Returns the number of already decrypted bytes available for read, pending on the connection."""
        return bridge.pending(_state(self).handle)

    def cipher(self, /):
        return _tuple(bridge.cipher(_state(self).handle))

    def shared_ciphers(self, /):
        ciphers = json.loads(bridge.sharedCiphers(_state(self).handle))
        return None if ciphers is None else [tuple(cipher) for cipher in ciphers]

    def version(self, /):
        return bridge.version(_state(self).handle)

    def compression(self, /):
        return None

    if sys.version_info >= (3, 15):

        def group(self, /):
            return bridge.group(_state(self).handle)

        def client_sigalg(self, /):
            return bridge.sigalg(_state(self).handle, "client")

        def server_sigalg(self, /):
            return bridge.sigalg(_state(self).handle, "server")

        # No kernel does TLS here. Where none can, there is no `sendfile` either.

        def uses_ktls_for_send(self, /):
            """Check if the Kernel TLS data-path is used for sending."""
            return False

        def uses_ktls_for_recv(self, /):
            """Check if the Kernel TLS data-path is used for receiving."""
            return False

    def selected_alpn_protocol(self, /):
        return bridge.selectedAlpnProtocol(_state(self).handle)

    def getpeercert(self, der=False, /):
        """Returns the certificate for the peer.

        If no certificate was provided, returns None.  If a certificate was
        provided, but not validated, returns an empty dictionary.  Otherwise
        returns a dict containing information about the peer certificate.

        If the optional argument is True, returns a DER-encoded copy of the
        peer certificate, or None if no certificate was provided.  This will
        return the certificate even if it wasn't validated."""
        if der:
            result = checked(bridge.getPeerCertDer(_state(self).handle))
            return None if result is None else to_bytes(result)
        result = checked(bridge.getPeerCert(_state(self).handle))
        return None if result is None else certificate_info(result)

    def get_verified_chain(self, /):
        return certificates(checked(bridge.getVerifiedChain(_state(self).handle)))

    def get_unverified_chain(self, /):
        return certificates(checked(bridge.getUnverifiedChain(_state(self).handle)))

    def get_channel_binding(self, /, cb_type="tls-unique"):
        """Get channel binding data for current connection.

        Raise ValueError if the requested `cb_type` is not supported.
        Return bytes of the data or None if the data is not available (e.g.
        before the handshake).
        Only 'tls-unique' channel binding data from RFC 5929 is supported."""
        kind = text(cb_type, "get_channel_binding", "'cb_type' ")
        result = checked(bridge.getChannelBinding(_state(self).handle, kind))
        return None if result is None else to_bytes(result)

    def verify_client_post_handshake(self, /):
        """Initiate TLS 1.3 post-handshake authentication"""
        state = _state(self)
        running.append((state, self))
        try:
            checked(bridge.verifyClientPostHandshake(state.handle))
        finally:
            running.pop()

    # Attributes

    @getset_descriptor
    def context(self):
        """This changes the context associated with the SSLSocket.

        This is typically used from within a callback function set by the
        sni_callback on the SSLContext to change the certificate information
        associated with the SSLSocket before the cryptographic exchange
        handshake messages."""
        return _state(self).context

    @context.setter
    def context(self, value):
        from pyodide_ssl._tls_context import _SSLContext, settings_of

        if not isinstance(value, _SSLContext):
            raise TypeError("The value must be a SSLContext")
        state = _state(self)
        settings = settings_of(value)
        bridge.setConnectionContext(state.handle, settings.handle)
        state.context, state.settings = value, settings

    @getset_descriptor
    def server_side(self):
        """Whether this is a server-side socket."""
        return _state(self).server_side

    @getset_descriptor
    def server_hostname(self):
        """The currently set server hostname (for SNI)."""
        return _state(self).hostname

    @getset_descriptor
    def owner(self):
        """The Python-level owner of this object.

        Passed as "self" in servername callback."""
        reference = _state(self).owner
        return None if reference is None else reference()

    @owner.setter
    def owner(self, value):
        _state(self).owner = weakref.ref(value)

    @getset_descriptor
    def session(self):
        """The underlying SSLSession object."""
        state = _state(self)
        handle = bridge.getSession(state.handle)
        return None if handle is None else session(handle, state.context)

    @session.setter
    def session(self, value):
        if type(value) is not SSLSession:
            raise TypeError("Value is not a SSLSession.")
        checked(bridge.setSession(_state(self).handle, session_handle(value)))

    @getset_descriptor
    def session_reused(self):
        """Was the client session reused during handshake?"""
        return bridge.sessionReused(_state(self).handle)


_state, _new = c_type(_SSLSocket, can_be_called=False)


def _write_piece(self, state, piece, limit):
    return state.repeat(self, lambda handle: _write(handle, stage(piece)), "write", limit, lambda _: WRITE_TEXTS)


def _tuple(text):
    value = json.loads(text)
    return None if value is None else tuple(value)


def _writable(value):
    """A view of a buffer to write to: ``w*``."""
    try:
        view = memoryview(value).cast("B")
        if not view.readonly:
            return view
    except TypeError:
        pass
    raise TypeError(f"read() argument 2 must be read-write bytes-like object, not {type_name(value)}")
