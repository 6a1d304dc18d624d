"""The ``_socket`` module over byte streams in JavaScript; follows CPython's ``Modules/socketmodule.c``.

CPython's own ``socket.py`` runs on it. Sockets are TCP over the transport that ``install()`` was given. ``_socket_builtin`` is
the module that Pyodide was built with: its constants and exception classes are these.
"""

import json
import sys
import warnings
from time import monotonic

import _socket_builtin as _builtin
from _pyodide_ssl_js import io as _io
from _socket_builtin import *  # noqa: F403
from _socket_builtin import AF_INET, AF_INET6, MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SO_ERROR, SOCK_STREAM, SOL_SOCKET

from pyodide_ssl import _blocking
from pyodide_ssl._names import (
    getaddrinfo,
    gethostbyaddr,
    gethostbyname,
    gethostbyname_ex,
    getnameinfo,
    getservbyname,
    getservbyport,
    host_name,
    inet_ntop,
    inet_pton,
    resolve,
)
from pyodide_ssl._os_error import errno_of, os_error, os_error_of

# Constants that Pyodide's build lacks or, where long has 32 bits, wraps.
SO_REUSEADDR = 2
SO_REUSEPORT = 15
SOMAXCONN = 4096
INADDR_BROADCAST = INADDR_NONE = 0xFFFFFFFF
INADDR_UNSPEC_GROUP = 0xE0000000
INADDR_ALLHOSTS_GROUP = 0xE0000001
INADDR_MAX_LOCAL_GROUP = 0xE00000FF
NI_MAXHOST = 1025
has_ipv6 = _io.hasIpv6

CAPI = _builtin.CAPI
gaierror = _builtin.gaierror
herror = _builtin.herror
error = OSError
timeout = TimeoutError

# Outcomes of calls of the bridge: failure.ts.
_WOULD_BLOCK, _FAILED, _IN_PROGRESS = -1, -2, -3

# The largest piece that crosses at once: docs/decisions/0005-moving-bytes.md.
_ROOM_SIZE = 256 * 1024

_SOCK_NONBLOCK, _SOCK_CLOEXEC = 0o4000, 0o2000000
_IPPROTO_TCP = 6

_receive = _io.receive
_room = _io.room
_send = _io.send
_failure = _io.failure

_default_timeout = None


class socket:
    """socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object
    socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object

    Open a socket of the given type.  The family argument specifies the
    address family; it defaults to AF_INET.  The type argument specifies
    whether this is a stream (SOCK_STREAM, this is the default)
    or datagram (SOCK_DGRAM) socket.  The protocol argument defaults to 0,
    specifying the default protocol.  Keyword arguments are accepted.
    The socket is created as non-inheritable.

    When a fileno is passed in, family, type and proto are auto-detected,
    unless they are explicitly set.

    A socket object represents one endpoint of a network connection.
    """

    __slots__ = ("_fd", "_family", "_proto", "_timeout", "_type")

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self._fd = -1
        self._family = self._type = self._proto = 0
        self._timeout = None
        return self

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        sys.audit("socket.__new__", self, family, type, proto)
        if fileno is None:
            family = AF_INET if family == -1 else family
            type = SOCK_STREAM if type == -1 else type
            proto = 0 if proto == -1 else proto
            kind = type & ~(_SOCK_NONBLOCK | _SOCK_CLOEXEC)
            _require_tcp(family, kind, proto)
            fd = _io.open(family, kind, proto)
        else:
            fd = fileno.__index__() if hasattr(fileno, "__index__") else _not_an_integer(fileno)
            family, kind, proto = _adopted(fd, family, type, proto)
            type = kind if type == -1 else type
        self._fd = fd
        self._family = family
        self._type = kind
        self._proto = proto
        # Linux: init_sockobject takes SOCK_NONBLOCK as a mode and leaves it out of the type.
        self._timeout = 0.0 if type & _SOCK_NONBLOCK else _default_timeout

    family = property(lambda self: self._family, doc="the socket family")
    type = property(lambda self: self._type, doc="the socket type")
    proto = property(lambda self: self._proto, doc="the socket protocol")
    timeout = property(lambda self: self._timeout, doc="the socket timeout")

    def __repr__(self):
        return f"<socket object, fd={self._fd}, family={self._family}, type={self._type}, proto={self._proto}>"

    def __del__(self):
        if getattr(self, "_fd", -1) == -1:
            return
        # The warning comes first: who logs it may want to ask the socket for its addresses.
        try:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        finally:
            fd, self._fd = self._fd, -1
            _io.close(fd)

    # Connecting

    def connect(self, address, /):
        """connect(address)

        Connect the socket to a remote address.  For IP sockets, the address
        is a pair (host, port)."""
        self._connect(address, "connect")

    def connect_ex(self, address, /):
        """connect_ex(address) -> errno

        This is like connect(address), but returns an error code (the errno value)
        instead of raising an exception when an error occurs."""
        try:
            self._connect(address, "connect_ex", is_coded=True)
        except _Coded as coded:
            return coded.errno
        return 0

    def _connect(self, address, caller, is_coded=False):
        """Follows ``internal_connect``; with *is_coded* a failure of the connection is raised as ``_Coded``."""
        host, port = self._numeric_address(address, caller)
        sys.audit("socket.connect", self, address)
        outcome = _io.connect(self._fd, host, port)
        if outcome == _IN_PROGRESS:
            if self._timeout == 0:
                raise (_Coded if is_coded else os_error)("EINPROGRESS")
            if not _blocking.wait(self._fd, False, True, self._timeout):
                raise _Coded("EAGAIN") if is_coded else TimeoutError("timed out")
            outcome = _io.finishConnect(self._fd)
        if outcome == 0:
            return
        if not is_coded:
            raise os_error_of(_failure())
        raise _Coded(json.loads(_failure())["code"])

    # Serving

    def bind(self, address, /):
        """bind(address)

        Bind the socket to a local address.  For IP sockets, the address is a
        pair (host, port); the host must refer to the local host. For raw packet
        sockets the address is a tuple (ifname, proto [,pkttype [,hatype [,addr]]])"""
        host, port = self._numeric_address(address, "bind")
        sys.audit("socket.bind", self, address)
        self._check(_blocking.result_of(_io.bind(self._fd, host, port), "bind a socket"))

    def listen(self, backlog=128, /):
        """listen([backlog])

        Enable a server to accept connections.  If backlog is specified, it must be
        at least 0 (if it is lower, it is set to 0); it specifies the number of
        unaccepted connections that the system will allow before refusing new
        connections. If not specified, a default reasonable value is chosen."""
        _int_argument(backlog)
        self._check(_blocking.result_of(_io.listen(self._fd), "listen on a socket"))

    def _accept(self):
        """_accept() -> (integer, address info)

        Wait for an incoming connection.  Return a new socket file descriptor
        representing the connection, and the address of the client.
        For IP sockets, the address info is a pair (hostaddr, port)."""
        deadline = None
        while True:
            fd = _io.accept(self._fd)
            if fd >= 0:
                return fd, self._sockaddr(_io.peerName(fd) or '["", 0]')
            deadline = self._wait_or_raise(fd, False, deadline)

    # Receiving

    def recv(self, bufsize, flags=0, /):
        """recv(buffersize[, flags]) -> data

        Receive up to buffersize bytes from the socket.  For the optional flags
        argument, see the Unix manual.  When no data is available, block until
        at least one byte is available or until the remote end is closed.  When
        the remote end is closed and all data is read, return the empty string."""
        if bufsize < 0:
            raise ValueError("negative buffersize in recv")
        if flags & MSG_WAITALL:
            buffer = bytearray(bufsize)
            return bytes(buffer[: self._receive_all(memoryview(buffer), flags)])
        chunk = self._receive_some(bufsize, flags)
        return chunk.to_bytes() if chunk else b""

    def recv_into(self, buffer, nbytes=0, flags=0):
        """recv_into(buffer, [nbytes[, flags]]) -> nbytes_read

        A version of recv() that stores its data into a buffer rather than creating
        a new string.  Receive up to buffersize bytes from the socket.  If buffersize
        is not specified (or 0), receive up to the size available in the given buffer.

        See recv() for documentation about the flags."""
        view = _writable(buffer, "recv_into", nbytes)
        if flags & MSG_WAITALL:
            return self._receive_all(view, flags)
        chunk = self._receive_some(len(view), flags)
        if not chunk:
            return 0
        count = len(chunk)
        chunk.assign_to(view[:count])
        return count

    def recvfrom(self, bufsize, flags=0, /):
        """recvfrom(buffersize[, flags]) -> (data, address info)

        Like recv(buffersize, flags) but also return the sender's address info."""
        if bufsize < 0:
            raise ValueError("negative buffersize in recvfrom")
        # A stream socket has no sender to tell of: recvfrom(2) leaves the address empty.
        return self.recv(bufsize, flags), None

    def recvfrom_into(self, buffer, nbytes=0, flags=0):
        """recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)

        Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info."""
        _writable(buffer, "recvfrom_into", nbytes)
        return self.recv_into(buffer, nbytes, flags), None

    def recvmsg(self, bufsize, ancbufsize=0, flags=0, /):
        """recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)

        Receive normal data (up to bufsize bytes) from the socket. There is no ancillary data on these sockets."""
        if bufsize < 0:
            raise ValueError("negative buffer size in recvmsg()")
        return self.recv(bufsize, flags), [], 0, None

    def recvmsg_into(self, buffers, ancbufsize=0, flags=0, /):
        """recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)

        Receive normal data from the socket into a series of buffers. There is no ancillary data on these sockets."""
        views = [_writable(buffer, "recvmsg_into", 0) for buffer in buffers]
        data = self.recv(sum(map(len, views)), flags)
        start = 0
        for view in views:
            part = data[start : start + len(view)]
            view[: len(part)] = part
            start += len(part)
        return len(data), [], 0, None

    def _receive_some(self, size, flags):
        """A JavaScript array with at most *size* bytes, or 0 at the end of the stream; waits for the first byte."""
        if size == 0:
            return 0
        is_peek = bool(flags & MSG_PEEK)
        deadline = None
        while True:
            chunk = _receive(self._fd, size, is_peek)
            if type(chunk) is not int or chunk == 0:
                return chunk
            if flags & MSG_DONTWAIT and chunk == _WOULD_BLOCK:
                raise os_error("EAGAIN")
            deadline = self._wait_or_raise(chunk, False, deadline)

    def _receive_all(self, view, flags):
        """MSG_WAITALL of recv(2): fill *view* unless the stream ends or an error comes; answers the count."""
        filled = 0
        while filled < len(view):
            try:
                chunk = self._receive_some(len(view) - filled, flags)
            except OSError:
                if filled:
                    break
                raise
            if not chunk:
                break
            count = len(chunk)
            chunk.assign_to(view[filled : filled + count])
            filled += count
            if flags & MSG_PEEK:
                break
        return filled

    # Sending

    def send(self, data, flags=0, /):
        """send(data[, flags]) -> count

        Send a data string to the socket.  For the optional flags
        argument, see the Unix manual.  Return the number of bytes
        sent; this may be less than len(data) if the network is busy."""
        view = _readable(data)
        deadline = None
        while True:
            count = self._send_some(view)
            if count >= 0:
                return count
            if flags & MSG_DONTWAIT and count == _WOULD_BLOCK:
                raise os_error("EAGAIN")
            deadline = self._wait_or_raise(count, True, deadline)

    def sendall(self, data, flags=0, /):
        """sendall(data[, flags])

        Send a data string to the socket.  For the optional flags
        argument, see the Unix manual.  This calls send() repeatedly
        until all data is sent.  If an error occurs, it's impossible
        to tell how much data has been sent."""
        view = _readable(data)
        sent = 0
        deadline = None
        while True:
            count = self._send_some(view[sent : sent + _ROOM_SIZE])
            if count < 0:
                deadline = self._wait_or_raise(count, True, deadline)
                continue
            sent += count
            if sent >= len(view):
                return

    def sendto(self, data, *args):
        """sendto(data[, flags], address) -> count

        Like send(data, flags) but allows specifying the destination address.
        For IP sockets, the address is a pair (hostaddr, port)."""
        if len(args) not in (1, 2):
            raise TypeError(f"sendto() takes 2 or 3 arguments ({len(args) + 1} given)")
        # sendto(2): a connected stream socket ignores the address, and so does Linux.
        self._numeric_address(args[-1], "sendto")
        return self.send(data, *args[:-1])

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None, /):
        """sendmsg(buffers[, ancdata[, flags[, address]]]) -> count

        Send normal data from a series of buffers. Ancillary data cannot be sent on these sockets."""
        if list(ancdata):
            raise os_error("EINVAL", "Ancillary data cannot be sent: sockets here are TCP over a byte stream")
        return self.send(b"".join(bytes(_readable(buffer)) for buffer in buffers), flags)

    def _send_some(self, view):
        """The count of bytes taken at once, or an outcome."""
        size = min(len(view), _ROOM_SIZE)
        if size:
            _room(size).assign(view if size == len(view) else view[:size])
        return _send(self._fd, size)

    # Ending

    def shutdown(self, how, /):
        """shutdown(flag)

        Shut down the reading side of the socket (flag == SHUT_RD), the writing side
        of the socket (flag == SHUT_WR), or both ends (flag == SHUT_RDWR)."""
        self._check(_io.shutdown(self._fd, _int_argument(how)))

    def close(self):
        """close()

        Close the socket.  It cannot be used after this call."""
        if self._fd != -1:
            fd, self._fd = self._fd, -1
            self._check(_io.close(fd))

    def detach(self):
        """detach()

        Close the socket object without closing the underlying file descriptor.
        The object cannot be used after this call, but the file descriptor
        can be reused for other purposes.  The file descriptor is returned."""
        fd, self._fd = self._fd, -1
        return fd

    def fileno(self):
        """fileno() -> integer

        Return the integer file descriptor of the socket."""
        return self._fd

    # Addresses, modes, options

    def getsockname(self):
        """getsockname() -> address info

        Return the address of the local endpoint. The format depends on the
        address family. For IPv4 sockets, the address info is a pair
        (hostaddr, port). For IPv6 sockets, the address info is a 4-tuple
        (hostaddr, port, flowinfo, scope_id)."""
        return self._sockaddr(_io.localName(self._fd))

    def getpeername(self):
        """getpeername() -> address info

        Return the address of the remote endpoint.  For IP sockets, the address
        info is a pair (hostaddr, port)."""
        return self._sockaddr(_io.peerName(self._fd))

    def setblocking(self, flag, /):
        """setblocking(flag)

        Set the socket to blocking (flag is true) or non-blocking (false).
        setblocking(True) is equivalent to settimeout(None);
        setblocking(False) is equivalent to settimeout(0.0)."""
        self._timeout = None if flag else 0.0
        self._require_open()

    def getblocking(self):
        """getblocking()

        Returns True if socket is in blocking mode, or False if it
        is in non-blocking mode."""
        return self._timeout != 0

    def settimeout(self, timeout, /):
        """settimeout(timeout)

        Set a timeout on socket operations.  'timeout' can be a float,
        giving in seconds, or None.  Setting a timeout of None disables
        the timeout feature and is equivalent to setblocking(1).
        Setting a timeout of zero is the same as setblocking(0)."""
        self._timeout = _parsed_timeout(timeout)
        self._require_open()

    def gettimeout(self):
        """gettimeout() -> timeout

        Returns the timeout in seconds (float) associated with socket
        operations. A timeout of None indicates that timeouts on socket
        operations are disabled."""
        return self._timeout

    def setsockopt(self, level, option, value, optlen=None, /):
        """setsockopt(level, option, value: int)
        setsockopt(level, option, value: buffer)
        setsockopt(level, option, None, optlen: int)

        Set a socket option.  See the Unix manual for level and option.
        The value argument can either be an integer, a string buffer, or
        None, optlen."""
        if value is None:
            if optlen is None:
                raise TypeError("need 4 arguments when the value is None")
            raise os_error("EINVAL")
        if not hasattr(value, "__index__"):
            value = bytes(_readable(value)).hex()
        elif not -0x80000000 <= value.__index__() <= 0x7FFFFFFF:
            raise OverflowError("signed integer is out of the range of a C int")
        self._check(_io.setOption(self._fd, level, option, value))

    def getsockopt(self, level, option, buflen=0, /):
        """getsockopt(level, option[, buffersize]) -> value

        Get a socket option.  See the Unix manual for level and option.
        If a nonzero buffersize argument is given, the return value is a
        string of that length; otherwise it is an integer."""
        if not 0 <= buflen <= 1024:
            raise OSError("getsockopt buflen out of range")
        text = _io.getOption(self._fd, level, option)
        if text == "":
            raise os_error_of(_failure())
        if level == SOL_SOCKET and option == SO_ERROR:
            value = (errno_of(text[1:]) if text != "!" else 0).to_bytes(4, "little", signed=True)
        else:
            value = bytes.fromhex(text)
        return value[:buflen] if buflen else int.from_bytes(value[:4], "little", signed=True)

    # Common to the above

    def _check(self, outcome):
        if outcome < 0:
            raise os_error_of(_failure())

    def _require_open(self):
        if not _io.describe(self._fd):
            raise os_error("EBADF")

    def _wait_or_raise(self, outcome, is_writing, deadline):
        """After an outcome that is no result: wait until it is worth another try, or raise. Follows ``sock_call_ex``.

        *deadline* is None at the first try; the answer is the deadline for the next.
        """
        if outcome == _FAILED:
            raise os_error_of(_failure())
        if self._timeout == 0:
            raise os_error("EAGAIN")
        left = None
        if self._timeout is not None:
            if deadline is None:
                deadline = monotonic() + self._timeout
            left = deadline - monotonic()
        if not _blocking.wait(self._fd, not is_writing, is_writing, left):
            raise TimeoutError("timed out")
        return deadline

    def _numeric_address(self, address, caller):
        """Host in numbers and port of an address argument; follows ``getsockaddrarg``."""
        if self._family == AF_INET:
            name, sizes, shape = "AF_INET", (2,), "a pair (host, port)"
        else:
            name, sizes, shape = "AF_INET6", (2, 3, 4), "a tuple (host, port[, flowinfo[, scopeid]])"
        if not isinstance(address, tuple):
            raise TypeError(f"{caller}(): {name} address must be tuple, not {type(address).__name__}")
        if len(address) not in sizes:
            raise TypeError(f"{name} address must be {shape}")
        host = host_name(address[0])
        port = _int_argument(address[1])
        if not 0 <= port <= 0xFFFF:
            raise OverflowError(f"{caller}(): port must be 0-65535.")
        return resolve(host, self._family), port

    def _sockaddr(self, text):
        if text == "":
            raise os_error_of(_failure())
        host, port = json.loads(text)
        return (host, port) if self._family == AF_INET else (host, port, 0, 0)


SocketType = socket


class _Coded(Exception):
    """A failed connect that ``connect_ex`` answers as a number."""

    def __init__(self, code):
        self.errno = errno_of(code)


def socketpair(family=AF_INET, type=SOCK_STREAM, proto=0, /):
    """socketpair([family[, type [, proto]]]) -> (socket object, socket object)

    Create a pair of socket objects from the sockets returned by the platform
    socketpair() function. These are connected in memory."""
    _require_tcp(family, type, proto)
    first = _io.pair(family, type, proto)
    return socket(family, type, proto, first), socket(family, type, proto, first + 1)


def dup(fd, /):
    """dup(integer) -> integer

    Duplicate an integer socket file descriptor."""
    copy = _io.duplicate(fd)
    if copy < 0:
        raise os_error_of(_failure())
    return copy


def close(fd, /):
    """close(integer) -> None

    Close an integer socket file descriptor."""
    if _io.close(fd) < 0:
        raise os_error_of(_failure())


def getdefaulttimeout():
    """getdefaulttimeout() -> timeout

    Returns the default timeout in seconds (float) for new socket objects.
    A value of None indicates that new socket objects have no timeout.
    When the socket module is first imported, the default is None."""
    return _default_timeout


def setdefaulttimeout(timeout, /):
    """setdefaulttimeout(timeout)

    Set the default timeout in seconds (float) for new socket objects.
    A value of None indicates that new socket objects have no timeout.
    When the socket module is first imported, the default is None."""
    global _default_timeout
    _default_timeout = _parsed_timeout(timeout)


def _require_tcp(family, type, proto):
    """Raise what socket(2) would for anything that is not TCP over IP, and say so."""
    if family not in (AF_INET, AF_INET6):
        raise os_error("EAFNOSUPPORT")
    if type != SOCK_STREAM:
        raise os_error("ESOCKTNOSUPPORT", "Socket type not supported: here sockets are TCP (SOCK_STREAM) only")
    if proto not in (0, _IPPROTO_TCP):
        raise os_error("EPROTONOSUPPORT")


def _adopted(fd, family, type, proto):
    """Family, type and protocol of an open socket number, as far as they are not given."""
    if fd < 0:
        raise ValueError("negative file descriptor")
    text = _io.describe(fd)
    if not text:
        raise os_error("EBADF" if _is_closed(fd) else "ENOTSOCK")
    found = json.loads(text)
    given = (family, type & ~(_SOCK_NONBLOCK | _SOCK_CLOEXEC) if type != -1 else -1, proto)
    return tuple(known if value == -1 else value for value, known in zip(given, found, strict=True))


def _is_closed(fd):
    import os

    try:
        os.fstat(fd)
    except OSError:
        return True
    return False


def _parsed_timeout(timeout):
    """A timeout argument as ``socket_parse_timeout`` takes it: None, or seconds as a float."""
    if timeout is None:
        return None
    seconds = timeout if isinstance(timeout, float) else float(_int_argument(timeout))
    if seconds != seconds:
        raise ValueError("Invalid value NaN (not a number)")
    if seconds < 0:
        raise ValueError("Timeout value out of range")
    if seconds > 9223372036.854775:
        raise OverflowError("timestamp too large to convert to C PyTime_t")
    return seconds


def _int_argument(value):
    return value.__index__() if hasattr(value, "__index__") else _not_an_integer(value)


def _not_an_integer(value):
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def _readable(data):
    """A flat view of the bytes of *data*: the format unit ``y*``."""
    if isinstance(data, str):
        raise TypeError("a bytes-like object is required, not 'str'")
    view = memoryview(data)
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def _writable(buffer, caller, nbytes):
    """A flat view of the first *nbytes* bytes of *buffer*, all when 0: the format unit ``w*``."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError(f"{caller}() argument 1 must be read-write bytes-like object, not {type(buffer).__name__}")
    if view.format != "B" or view.ndim != 1:
        view = view.cast("B")
    if nbytes < 0:
        raise ValueError(f"negative buffersize in {caller}")
    if nbytes > len(view):
        raise ValueError("buffer too small for requested bytes")
    return view[:nbytes] if nbytes else view
