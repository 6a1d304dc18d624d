"""What an ``_ssl._SSLSocket`` holds and how its operations wait; follows ``PySSLSocket`` and ``PySSL_select`` of ``_ssl.c``.

The bridge moves records between the socket's stream and OpenSSL. An operation that lacks bytes, or room to send, answers a
want; waiting for it is done here.
"""

from time import monotonic

import _socket

from pyodide_ssl import _blocking
from pyodide_ssl._tls_bridge import FAILED, LINES, WANT_READ, bridge, failure
from pyodide_ssl._tls_callbacks import running
from pyodide_ssl._tls_errors import SSLError, exception_of, text_error

_fileno = _socket.socket.fileno
_gettimeout = _socket.socket.gettimeout

# The records of wants are always the same: (want, operation) -> JSON.
_want_failures = {}


class Limit:
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
HANDSHAKE_TEXTS = (
    f"_ssl.c:{LINES['handshakeTimedOut']}: The handshake operation timed out",
    f"_ssl.c:{LINES['handshakeSocketClosed']}: {_CLOSED}",
)
READ_TEXTS = ("The read operation timed out", _CLOSED)
WRITE_TEXTS = ("The write operation timed out", _CLOSED)


class Connection:
    """The fields of a ``PySSLSocket``, and what its operations have in common."""

    __slots__ = ("context", "handle", "hostname", "kept", "owner", "server_side", "settings", "socket")

    def __init__(self, handle, context, settings, hostname, server_side, socket, owner):
        self.handle = handle
        # The `_SSLContext`, and what it holds.
        self.context = context
        self.settings = settings
        self.hostname = hostname
        self.server_side = server_side
        # Weak references, or None.
        self.socket = socket
        self.owner = owner
        # What a callback raised: the operation under way raises it when it ends.
        self.kept = None

    def repeat(self, face, operation, name, limit, texts, *arguments):
        """Run *operation* of *face*, the ``_SSLSocket``, until it answers no want, waiting in between; answers its result."""
        while True:
            running.append((self, face))
            try:
                result = operation(self.handle, *arguments)
            finally:
                running.pop()
            if type(result) is not int or result >= 0:
                if self.kept is not None:
                    self._raise(None)
                return result
            if result == FAILED:
                self._raise(failure())
            if limit.is_non_blocking:
                _blocking.yield_if_spinning()
                self._raise(self._want_error(result, name))
            want_read = result == WANT_READ
            limit.wait(want_read, texts(want_read))

    def _raise(self, error):
        """Raise *error*, after what a callback raised meanwhile: ``PySSL_ChainExceptions``."""
        kept, self.kept = self.kept, None
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
            record = _want_failures[want, name] = bridge.wantFailure(self.handle, want, name)
        return exception_of(record)

    def live_socket(self, place):
        """``GET_SOCKET``: the socket, None for a connection over BIOs; raises when the socket was collected."""
        if self.socket is None:
            return None
        sock = self.socket()
        if sock is None:
            raise text_error("Underlying socket connection gone", LINES[place])
        return sock

    def target(self, face):
        """The object that callbacks are given; None when it was collected."""
        reference = self.owner or self.socket
        return face if reference is None else reference()
