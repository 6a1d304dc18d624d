"""The ``_socket`` module over byte streams in JavaScript; follows CPython's ``Modules/socketmodule.c``.

CPython's own ``socket.py`` runs on it. Sockets are TCP over the transport that ``install()`` was given. ``_socket_builtin`` is
the module that Pyodide was built with: its constants and exception classes are these.
"""

import json
import sys
import warnings

import _socket_builtin as _builtin
from _pyodide_ssl_js import io as _io
from _socket_builtin import *  # noqa: F403
from _socket_builtin import (
    AF_INET,
    AF_INET6,
    MSG_TRUNC,
    MSG_WAITALL,
    SO_ERROR,
    SOCK_DGRAM,
    SOCK_RAW,
    SOCK_STREAM,
    SOL_SOCKET,
)

from pyodide_ssl import _ancillary, _blocking, _system_calls
from pyodide_ssl._c_types import plain_c_type
from pyodide_ssl._interfaces import if_indextoname, if_nameindex, if_nametoindex
from pyodide_ssl._names import (
    getaddrinfo,
    gethostbyaddr,
    gethostbyname,
    gethostbyname_ex,
    getnameinfo,
    getservbyname,
    getservbyport,
    inet_ntop,
    inet_pton,
)
from pyodide_ssl._os_error import errno_of, os_error
from pyodide_ssl._socket_arguments import (
    SOCK_CLOEXEC,
    SOCK_NONBLOCK,
    adopted,
    c_int,
    int_argument,
    numeric_address,
    parsed_timeout,
    readable,
    require_known,
    sockaddr,
    writable,
)

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

_check = _system_calls.check
_receive = _system_calls.receive
_receive_all = _system_calls.receive_all

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

    # Names that no subclass takes by accident: PySocks, for one, has a _timeout of its own.
    __slots__ = ("__family", "__fd", "__proto", "__timeout", "__type")

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self.__fd = -1
        self.__family = self.__type = self.__proto = 0
        self.__timeout = None
        return self

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        sys.audit("socket.__new__", self, family, type, proto)
        if fileno is None:
            family = AF_INET if family == -1 else family
            type = SOCK_STREAM if type == -1 else type
            proto = 0 if proto == -1 else proto
            kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)
            require_known(family, kind, proto)
            fd = _io.open(family, kind, proto)
        else:
            fd = int_argument(fileno)
            family, kind, proto = adopted(fd, family, type, proto)
            type = kind if type == -1 else type
        self.__fd = fd
        self.__family = family
        self.__type = kind
        self.__proto = proto
        # Linux: init_sockobject takes SOCK_NONBLOCK as a mode and leaves it out of the type.
        self.__timeout = 0.0 if type & SOCK_NONBLOCK else _default_timeout
        if self.__timeout is not None:
            _io.setNonBlocking(fd, True)

    family = property(lambda self: self.__family, doc="the socket family")
    type = property(lambda self: self.__type, doc="the socket type")
    proto = property(lambda self: self.__proto, doc="the socket protocol")
    timeout = property(lambda self: self.__timeout, doc="the socket timeout")

    def __repr__(self):
        return f"<socket object, fd={self.__fd}, family={self.__family}, type={self.__type}, proto={self.__proto}>"

    def __del__(self):
        try:
            if self.__fd == -1:
                return
        except AttributeError:
            # Made by object.__new__, never a socket.
            return
        # The warning comes first: who logs it may want to ask the socket for its addresses.
        try:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        finally:
            fd, self.__fd = self.__fd, -1
            _io.close(fd)

    # Connecting

    def connect(self, address, /):
        """connect(address)

        Connect the socket to a remote address.  For IP sockets, the address
        is a pair (host, port)."""
        host, port = numeric_address(self.__family, address, "connect")
        sys.audit("socket.connect", self, address)
        _system_calls.connect(self.__fd, self.__timeout, host, port)

    def connect_ex(self, address, /):
        """connect_ex(address) -> errno

        This is like connect(address), but returns an error code (the errno value)
        instead of raising an exception when an error occurs."""
        host, port = numeric_address(self.__family, address, "connect_ex")
        sys.audit("socket.connect", self, address)
        return _system_calls.connect_ex(self.__fd, self.__timeout, host, port)

    # Serving

    def bind(self, address, /):
        """bind(address)

        Bind the socket to a local address.  For IP sockets, the address is a
        pair (host, port); the host must refer to the local host. For raw packet
        sockets the address is a tuple (ifname, proto [,pkttype [,hatype [,addr]]])"""
        host, port = numeric_address(self.__family, address, "bind")
        sys.audit("socket.bind", self, address)
        _check(_blocking.result_of(lambda: _io.bind(self.__fd, host, port), "bind a socket"))

    def listen(self, backlog=128, /):
        """listen([backlog])

        Enable a server to accept connections.  If backlog is specified, it must be
        at least 0 (if it is lower, it is set to 0); it specifies the number of
        unaccepted connections that the system will allow before refusing new
        connections. If not specified, a default reasonable value is chosen."""
        _check(_blocking.result_of(lambda: _io.listen(self.__fd, c_int(backlog)), "listen on a socket"))

    def _accept(self):
        """_accept() -> (integer, address info)

        Wait for an incoming connection.  Return a new socket file descriptor
        representing the connection, and the address of the client.
        For IP sockets, the address info is a pair (hostaddr, port)."""
        fd = _system_calls.accept(self.__fd, self.__timeout)
        # The peer may be gone already, and its address with it.
        return fd, sockaddr(self.__family, _io.peerName(fd) or '["0.0.0.0", 0]')

    # Receiving

    def recv(self, bufsize, flags=0, /):
        """recv(buffersize[, flags]) -> data

        Receive up to buffersize bytes from the socket.  For the optional flags
        argument, see the Unix manual.  When no data is available, block until
        at least one byte is available or until the remote end is closed.  When
        the remote end is closed and all data is read, return the empty string."""
        if int_argument(bufsize) < 0:
            raise ValueError("negative buffersize in recv")
        if flags & MSG_WAITALL:
            buffer = bytearray(bufsize)
            return bytes(buffer[: _receive_all(self.__fd, self.__timeout, memoryview(buffer), flags)])
        chunk = _receive(self.__fd, self.__timeout, bufsize, flags)
        return chunk.to_bytes() if chunk else b""

    def recv_into(self, buffer, nbytes=0, flags=0):
        """recv_into(buffer, [nbytes[, flags]]) -> nbytes_read

        A version of recv() that stores its data into a buffer rather than creating
        a new string.  Receive up to buffersize bytes from the socket.  If buffersize
        is not specified (or 0), receive up to the size available in the given buffer.

        See recv() for documentation about the flags."""
        view = writable(buffer, "recv_into", nbytes)
        if flags & MSG_WAITALL:
            return _receive_all(self.__fd, self.__timeout, view, flags)
        chunk = _receive(self.__fd, self.__timeout, len(view), flags)
        if not chunk:
            return 0
        count = len(chunk)
        chunk.assign_to(view[:count])
        return count

    def recvfrom(self, bufsize, flags=0, /):
        """recvfrom(buffersize[, flags]) -> (data, address info)

        Like recv(buffersize, flags) but also return the sender's address info."""
        if int_argument(bufsize) < 0:
            raise ValueError("negative buffersize in recvfrom")
        data = self.recv(bufsize, flags)
        return data, self.__sender()

    def recvfrom_into(self, buffer, nbytes=0, flags=0):
        """recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)

        Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info."""
        writable(buffer, "recvfrom_into", nbytes)
        count = self.recv_into(buffer, nbytes, flags)
        return count, self.__sender()

    def recvmsg(self, bufsize, ancbufsize=0, flags=0, /):
        """recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)

        Receive normal data (up to bufsize bytes) and ancillary data from the socket.
        The ancbufsize argument sets the size in bytes of the internal buffer used
        to receive the ancillary data; it defaults to 0. There is ancillary data of
        UDP over IPv6: IPV6_HOPLIMIT and IPV6_TCLASS."""
        if int_argument(bufsize) < 0:
            raise ValueError("negative buffer size in recvmsg()")
        room = _ancillary.room(ancbufsize)
        data = self.recv(bufsize, flags)
        return data, *self.__message(room)

    def recvmsg_into(self, buffers, ancbufsize=0, flags=0, /):
        """recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)

        Receive normal data and ancillary data from the socket, scattering the
        former into a series of buffers; see recvmsg()."""
        room = _ancillary.room(ancbufsize)
        views = [writable(buffer, "recvmsg_into", 0) for buffer in list(buffers)]
        data = self.recv(sum(map(len, views)), flags)
        start = 0
        for view in views:
            part = data[start : start + len(view)]
            view[: len(part)] = part
            start += len(part)
        return len(data), *self.__message(room)

    def __sender(self):
        return self.__message(0)[2]

    def __message(self, room):
        """Ancillary data, flags and sender of what was received last. A stream has no sender to tell of."""
        text = _io.lastMessage(self.__fd) if self.__type == SOCK_DGRAM else ""
        if not text:
            return [], 0, None
        _, _, is_cut, hop_limit, traffic_class = json.loads(text)
        items, flags = _ancillary.received(hop_limit, traffic_class, room)
        return items, flags | (MSG_TRUNC if is_cut else 0), sockaddr(self.__family, text)

    # Sending

    def send(self, data, flags=0, /):
        """send(data[, flags]) -> count

        Send a data string to the socket.  For the optional flags
        argument, see the Unix manual.  Return the number of bytes
        sent; this may be less than len(data) if the network is busy."""
        return _system_calls.send(self.__fd, self.__timeout, readable(data), flags)

    def sendall(self, data, flags=0, /):
        """sendall(data[, flags])

        Send a data string to the socket.  For the optional flags
        argument, see the Unix manual.  This calls send() repeatedly
        until all data is sent.  If an error occurs, it's impossible
        to tell how much data has been sent."""
        _system_calls.send_all(self.__fd, self.__timeout, readable(data))

    def sendto(self, data, *args):
        """sendto(data[, flags], address) -> count

        Like send(data, flags) but allows specifying the destination address.
        For IP sockets, the address is a pair (hostaddr, port)."""
        if len(args) not in (1, 2):
            raise TypeError(f"sendto() takes 2 or 3 arguments ({len(args) + 1} given)")
        view = readable(data)
        flags = int_argument(args[0]) if len(args) == 2 else 0
        to = numeric_address(self.__family, args[-1], "sendto")
        sys.audit("socket.sendto", self, args[-1])
        # sendto(2): a connected stream socket ignores the address, and so does Linux.
        return _system_calls.send(self.__fd, self.__timeout, view, flags, to)

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None, /):
        """sendmsg(buffers[, ancdata[, flags[, address]]]) -> count

        Send normal and ancillary data to the socket, gathering the former from a
        series of buffers; ancillary data as in recvmsg()."""
        # A list of its own: looking into a buffer may run a program's code, which may change what it passed.
        data = b"".join([bytes(readable(buffer)) for buffer in list(buffers)])
        flags = c_int(flags)
        marks = _ancillary.marks(ancdata, self.__family, self.__type)
        to = None if address is None else numeric_address(self.__family, address, "sendmsg")
        if marks:
            # To the peer, when no address is given.
            to = (*(to or ("", 0)), *marks)
        return _system_calls.send(self.__fd, self.__timeout, memoryview(data), flags, to)

    # Ending

    def shutdown(self, how, /):
        """shutdown(flag)

        Shut down the reading side of the socket (flag == SHUT_RD), the writing side
        of the socket (flag == SHUT_WR), or both ends (flag == SHUT_RDWR)."""
        _check(_io.shutdown(self.__fd, c_int(how)))

    def close(self):
        """close()

        Close the socket.  It cannot be used after this call."""
        if self.__fd != -1:
            fd, self.__fd = self.__fd, -1
            _check(_io.close(fd))

    def detach(self):
        """detach()

        Close the socket object without closing the underlying file descriptor.
        The object cannot be used after this call, but the file descriptor
        can be reused for other purposes.  The file descriptor is returned."""
        fd, self.__fd = self.__fd, -1
        return fd

    def fileno(self):
        """fileno() -> integer

        Return the integer file descriptor of the socket."""
        return self.__fd

    # Addresses, modes, options

    def getsockname(self):
        """getsockname() -> address info

        Return the address of the local endpoint. The format depends on the
        address family. For IPv4 sockets, the address info is a pair
        (hostaddr, port). For IPv6 sockets, the address info is a 4-tuple
        (hostaddr, port, flowinfo, scope_id)."""
        return sockaddr(self.__family, _check(_io.localName(self.__fd)))

    def getpeername(self):
        """getpeername() -> address info

        Return the address of the remote endpoint.  For IP sockets, the address
        info is a pair (hostaddr, port)."""
        return sockaddr(self.__family, _check(_io.peerName(self.__fd)))

    def setblocking(self, flag, /):
        """setblocking(flag)

        Set the socket to blocking (flag is true) or non-blocking (false).
        setblocking(True) is equivalent to settimeout(None);
        setblocking(False) is equivalent to settimeout(0.0)."""
        self.__set_timeout(None if flag else 0.0)

    def getblocking(self):
        """getblocking()

        Returns True if socket is in blocking mode, or False if it
        is in non-blocking mode."""
        return self.__timeout != 0

    def settimeout(self, timeout, /):
        """settimeout(timeout)

        Set a timeout on socket operations.  'timeout' can be a float,
        giving in seconds, or None.  Setting a timeout of None disables
        the timeout feature and is equivalent to setblocking(1).
        Setting a timeout of zero is the same as setblocking(0)."""
        self.__set_timeout(parsed_timeout(timeout))

    def __set_timeout(self, timeout):
        """As natively a socket with a timeout is a non-blocking one, for whom the module waits."""
        self.__timeout = timeout
        _check(_io.setNonBlocking(self.__fd, timeout is not None))

    def gettimeout(self):
        """gettimeout() -> timeout

        Returns the timeout in seconds (float) associated with socket
        operations. A timeout of None indicates that timeouts on socket
        operations are disabled."""
        return self.__timeout

    def setsockopt(self, level, option, value, optlen=None, /):
        """setsockopt(level, option, value: int)
        setsockopt(level, option, value: buffer)
        setsockopt(level, option, None, optlen: int)

        Set a socket option.  See the Unix manual for level and option.
        The value argument can either be an integer, a string buffer, or
        None, optlen."""
        level, option = c_int(level), c_int(option)
        if value is None and optlen is not None:
            raise os_error("EFAULT")
        # A number that is no C int is tried as a buffer, too, and refused as that.
        if not hasattr(value, "__index__") or not -0x80000000 <= value.__index__() <= 0x7FFFFFFF:
            value = bytes(readable(value)).hex()
        _check(_io.setOption(self.__fd, level, option, value))

    def getsockopt(self, level, option, buflen=0, /):
        """getsockopt(level, option[, buffersize]) -> value

        Get a socket option.  See the Unix manual for level and option.
        If a nonzero buffersize argument is given, the return value is a
        string of that length; otherwise it is an integer."""
        level, option = c_int(level), c_int(option)
        if not 0 <= c_int(buflen) <= 1024:
            raise OSError("getsockopt buflen out of range")
        text = _check(_io.getOption(self.__fd, level, option))
        if level == SOL_SOCKET and option == SO_ERROR:
            value = (errno_of(text[1:]) if text != "!" else 0).to_bytes(4, "little", signed=True)
        else:
            value = bytes.fromhex(text)
        return value[:buflen] if buflen else int.from_bytes(value[:4], "little", signed=True)


plain_c_type(socket)
SocketType = socket


def socketpair(family=AF_INET, type=SOCK_STREAM, proto=0, /):
    """socketpair([family[, type [, proto]]]) -> (socket object, socket object)

    Create a pair of socket objects from the sockets returned by the platform
    socketpair() function. These are connected in memory."""
    require_known(family, type, proto)
    if type != SOCK_STREAM:
        raise os_error("EOPNOTSUPP")
    first = _io.pair(family, type, proto)
    return socket(family, type, proto, first), socket(family, type, proto, first + 1)


def dup(fd, /):
    """dup(integer) -> integer

    Duplicate an integer socket file descriptor."""
    return _check(_io.duplicate(int_argument(fd)))


def close(fd, /):
    """close(integer) -> None

    Close an integer socket file descriptor."""
    _check(_io.close(int_argument(fd)))


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
    _default_timeout = parsed_timeout(timeout)
