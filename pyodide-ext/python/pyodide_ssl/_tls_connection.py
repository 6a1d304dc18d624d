"""``_ssl._SSLSocket``: the operations of a connection, and their waiting; follows ``_ssl.c`` from ``newPySSLSocket`` on.

The bridge moves records between the socket's stream and OpenSSL. An operation that lacks bytes, or room to send, answers a
want; waiting for it is done here.
"""

import json
import weakref
from time import monotonic

import _socket

from pyodide_ssl import _blocking
from pyodide_ssl._tls_arguments import buffer, c_size, getset_descriptor, not_instantiable, text, type_name
from pyodide_ssl._tls_bridge import FAILED, LINES, ROOM_SIZE, WANT_READ, bridge, checked, failure, owned, stage, to_bytes
from pyodide_ssl._tls_callbacks import running
from pyodide_ssl._tls_certificate import certificate_info, certificates
from pyodide_ssl._tls_errors import SSLError, exception_of, text_error
from pyodide_ssl._tls_session import SSLSession, session

_handshake = bridge.handshake
_read = bridge.read
_write = bridge.write
_shutdown = bridge.shutdown

_fileno = _socket.socket.fileno
_gettimeout = _socket.socket.gettimeout

# The records of wants are always the same: (want, operation) -> JSON.
_want_failures = {}


def new_connection(context, server_side, server_hostname, owner, resumed, sock=None, bios=None):
    """``newPySSLSocket``."""
    hostname = None if server_hostname is None else _ascii(server_hostname)
    if sock is not None:
        handle = bridge.wrapSocket(context._handle, _fileno(sock), server_side, hostname)
    else:
        handle = bridge.wrapBio(context._handle, bios[0]._handle, bios[1]._handle, server_side, hostname)
    self = object.__new__(_SSLSocket)
    self._handle = owned(handle)
    self._context = context
    self._hostname = hostname
    self._server_side = server_side
    self._socket = None if sock is None else weakref.ref(sock)
    self._owner = None if owner is None else weakref.ref(owner)
    self._kept = None
    if resumed is not None:
        self.session = resumed
    return self


def _ascii(value):
    """Format ``es`` with ASCII."""
    if isinstance(value, (bytes, bytearray)):
        value = value.decode("ascii")
    if not isinstance(value, str):
        raise TypeError(f"argument must be str, not {type_name(value)}")
    value.encode("ascii")
    if "\0" in value:
        raise TypeError("argument must be encoded string without null bytes, not str")
    return value


class _Limit:
    """How long an operation may wait: the socket's mode when the operation began (``PySSL_select`` and its callers)."""

    __slots__ = ("deadline", "sock", "timeout")

    def __init__(self, sock):
        self.sock = sock
        self.timeout = 0 if sock is None else _gettimeout(sock)
        self.deadline = monotonic() + self.timeout if self.timeout else None

    @property
    def is_non_blocking(self):
        return self.timeout == 0

    def wait(self, want_read, texts):
        """Wait for the socket; raises with *texts* when the time is over or the socket closed."""
        left = None
        if self.deadline is not None:
            left = self.deadline - monotonic()
            if left < 0:
                raise TimeoutError(texts[0])
        fd = _fileno(self.sock)
        if fd < 0:
            raise SSLError(texts[1])
        if not _blocking.wait(fd, want_read, not want_read, left):
            raise TimeoutError(texts[0])


_CLOSED = "Underlying socket has been closed."
_HANDSHAKE_TEXTS = (
    f"_ssl.c:{LINES['handshakeTimedOut']}: The handshake operation timed out",
    f"_ssl.c:{LINES['handshakeSocketClosed']}: {_CLOSED}",
)
_READ_TEXTS = ("The read operation timed out", _CLOSED)
_WRITE_TEXTS = ("The write operation timed out", _CLOSED)


@not_instantiable
class _SSLSocket:
    __module__ = "_ssl"
    __slots__ = (
        "_context",
        "_handle",
        "_hostname",
        "_kept",
        "_owner",
        "_server_side",
        "_socket",
    )

    # Operations

    def do_handshake(self, /):
        limit = _Limit(self._live_socket("handshakeSocketGone"))
        self._repeat(_handshake, "doHandshake", limit, lambda _: _HANDSHAKE_TEXTS)

    def read(self, /, *args):
        """read(size, [buffer])
        Read up to size bytes from the SSL socket."""
        if not 1 <= len(args) <= 2:
            raise TypeError("_ssl._SSLSocket.read requires 1 to 2 arguments")
        size = c_size(args[0])
        target = _writable(args[1]) if len(args) == 2 else None
        if target is None and size < 0:
            raise ValueError("size should not be negative")
        sock = self._live_socket("readSocketGone")
        if target is not None and not 0 < size <= len(target):
            size = len(target)
        result = self._repeat(_read, "read", _Limit(sock), lambda _: _READ_TEXTS, size)
        if type(result) is int:  # The end of the stream.
            return b"" if target is None else 0
        if target is None:
            return to_bytes(result)
        length = result.byteLength
        result.assign_to(target[:length])
        return length

    def write(self, b, /):
        """Writes the bytes-like object b into the SSL object.

        Returns the number of bytes written."""
        data = buffer(b)
        sock = self._live_socket("writeSocketGone")
        limit = _Limit(sock)
        if limit.deadline is not None:
            limit.wait(False, _WRITE_TEXTS)
        length = len(data)
        if length <= ROOM_SIZE:
            return self._write_piece(data, limit)
        view = memoryview(data)
        written = 0
        while written < length:
            written += self._write_piece(view[written : written + ROOM_SIZE], limit)
            if sock is not None and limit.is_non_blocking:
                break
        return written

    def _write_piece(self, piece, limit):
        return self._repeat(lambda handle: _write(handle, stage(piece)), "write", limit, lambda _: _WRITE_TEXTS)

    def shutdown(self, /):
        """Does the SSL shutdown handshake with the remote end."""
        sock = self._live_socket("shutdownSocketGone")
        if sock is not None and _fileno(sock) < 0:
            raise text_error("Underlying socket connection gone", LINES["shutdownSocketGone"])
        self._repeat(_shutdown, "shutdown", _Limit(sock), lambda want: _READ_TEXTS if want else _WRITE_TEXTS)
        return sock

    def _repeat(self, operation, name, limit, texts, *arguments):
        """Run *operation* until it answers no want, waiting in between; answers its result."""
        while True:
            running.append(self)
            try:
                result = operation(self._handle, *arguments)
            finally:
                running.pop()
            if type(result) is not int or result >= 0:
                if self._kept is not None:
                    self._raise(None)
                return result
            if result == FAILED:
                self._raise(failure())
            if limit.is_non_blocking:
                self._raise(self._want_error(result, name))
            want_read = result == WANT_READ
            limit.wait(want_read, texts(want_read))

    def _raise(self, error):
        """Raise *error*, after what a callback raised meanwhile: ``PySSL_ChainExceptions``."""
        kept, self._kept = self._kept, None
        try:
            if error is None:
                raise kept
            error.__context__ = kept
            raise error
        finally:
            # The traceback refers to this frame: a variable that refers to the exception would close a cycle.
            del error, kept

    def _want_error(self, want, name):
        record = _want_failures.get((want, name))
        if record is None:
            record = _want_failures[want, name] = bridge.wantFailure(self._handle, want, name)
        return exception_of(record)

    def _live_socket(self, place):
        """``GET_SOCKET``: the socket, None for a connection over BIOs; raises when the socket was collected."""
        if self._socket is None:
            return None
        sock = self._socket()
        if sock is None:
            raise text_error("Underlying socket connection gone", LINES[place])
        return sock

    def _target(self):
        """The object that callbacks are given; None when it was collected."""
        reference = self._owner or self._socket
        return self if reference is None else reference()

    # Information

    def pending(self, /):
        """Returns the number of already decrypted bytes available for read, pending on the connection."""
        return bridge.pending(self._handle)

    def cipher(self, /):
        return _tuple(bridge.cipher(self._handle))

    def shared_ciphers(self, /):
        ciphers = json.loads(bridge.sharedCiphers(self._handle))
        return None if ciphers is None else [tuple(cipher) for cipher in ciphers]

    def version(self, /):
        return bridge.version(self._handle)

    def compression(self, /):
        return None

    def selected_alpn_protocol(self, /):
        return bridge.selectedAlpnProtocol(self._handle)

    def getpeercert(self, der=False, /):
        """Returns the certificate for the peer.

        If no certificate was provided, returns None.  If a certificate was
        provided, but not validated, returns an empty dictionary.  Otherwise
        returns a dict containing information about the peer certificate.

        If the optional argument is True, returns a DER-encoded copy of the
        peer certificate, or None if no certificate was provided.  This will
        return the certificate even if it wasn't validated."""
        if der:
            result = checked(bridge.getPeerCertDer(self._handle))
            return None if result is None else to_bytes(result)
        result = checked(bridge.getPeerCert(self._handle))
        return None if result is None else certificate_info(result)

    def get_verified_chain(self, /):
        return certificates(checked(bridge.getVerifiedChain(self._handle)))

    def get_unverified_chain(self, /):
        return certificates(checked(bridge.getUnverifiedChain(self._handle)))

    def get_channel_binding(self, /, cb_type="tls-unique"):
        """Get channel binding data for current connection.

        Raise ValueError if the requested `cb_type` is not supported.  Return bytes
        of the data or None if the data is not available (e.g. before the handshake).
        Only 'tls-unique' channel binding data from RFC 5929 is supported."""
        kind = text(cb_type, "get_channel_binding", "'cb_type' ")
        result = checked(bridge.getChannelBinding(self._handle, kind))
        return None if result is None else to_bytes(result)

    def verify_client_post_handshake(self, /):
        """Initiate TLS 1.3 post-handshake authentication"""
        running.append(self)
        try:
            checked(bridge.verifyClientPostHandshake(self._handle))
        finally:
            running.pop()

    # Attributes

    @getset_descriptor
    def context(self):
        """This changes the context associated with the SSLSocket.

        This is typically used from within a callback function set by the sni_callback
        on the SSLContext to change the certificate information associated with the
        SSLSocket before the cryptographic exchange handshake messages."""
        return self._context

    @context.setter
    def context(self, value):
        from pyodide_ssl._tls_context import _SSLContext

        if not isinstance(value, _SSLContext):
            raise TypeError("The value must be a SSLContext")
        bridge.setConnectionContext(self._handle, value._handle)
        self._context = value

    @getset_descriptor
    def server_side(self):
        """Whether this is a server-side socket."""
        return self._server_side

    @getset_descriptor
    def server_hostname(self):
        """The currently set server hostname (for SNI)."""
        return self._hostname

    @getset_descriptor
    def owner(self):
        """The Python-level owner of this object.

        Passed as "self" in servername callback."""
        return None if self._owner is None else self._owner()

    @owner.setter
    def owner(self, value):
        self._owner = weakref.ref(value)

    @getset_descriptor
    def session(self):
        """The underlying SSLSession object."""
        handle = bridge.getSession(self._handle)
        return None if handle is None else session(handle, self._context)

    @session.setter
    def session(self, value):
        if type(value) is not SSLSession:
            raise TypeError("Value is not a SSLSession.")
        checked(bridge.setSession(self._handle, value._handle))

    @getset_descriptor
    def session_reused(self):
        """Was the client session reused during handshake?"""
        return bridge.sessionReused(self._handle)


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
    raise TypeError(f"read() argument 2 must be read-write bytes-like object, not {type(value).__name__}")
