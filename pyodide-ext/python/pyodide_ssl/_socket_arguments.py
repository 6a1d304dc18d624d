"""From what a program passes to what a call needs, as ``socketmodule.c`` converts its arguments: addresses, buffers, timeouts."""

import json

from _pyodide_ssl_js import io as _io
from _socket_builtin import AF_INET, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM

from pyodide_ssl._names import host_name, resolve
from pyodide_ssl._os_error import os_error

SOCK_NONBLOCK, SOCK_CLOEXEC = 0o4000, 0o2000000

_AF_INET6 = 10
# Linux: include/linux/net.h; from here on socket(2) knows no type.
_SOCK_MAX = 11
_PROTOCOLS = {SOCK_STREAM: 6, SOCK_DGRAM: 17}


def require_known(family, type, proto):
    """Raise what socket(2) would for anything that is neither TCP nor UDP over IP."""
    if not 0 <= type < _SOCK_MAX:
        raise os_error("EINVAL")
    if family not in (AF_INET, _AF_INET6):
        raise os_error("EAFNOSUPPORT")
    if type == SOCK_RAW:
        raise os_error("EPERM")
    if type not in _PROTOCOLS:
        raise os_error("ESOCKTNOSUPPORT")
    if proto not in (0, _PROTOCOLS[type]):
        raise os_error("EPROTONOSUPPORT")


def adopted(fd, family, type, proto):
    """Family, type and protocol of an open socket number, as far as they are not given."""
    if fd < 0:
        raise ValueError("negative file descriptor")
    text = _io.describe(fd)
    if not text:
        raise os_error("EBADF" if _is_closed(fd) else "ENOTSOCK")
    found = json.loads(text)
    given = (family, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC) if type != -1 else -1, proto)
    return tuple(known if value == -1 else value for value, known in zip(given, found, strict=True))


def _is_closed(fd):
    import os

    try:
        os.fstat(fd)
    except OSError:
        return True
    return False


def numeric_address(family, address, caller):
    """Host in numbers and port of an address argument; follows ``getsockaddrarg``."""
    if family == AF_INET:
        name, sizes, shape = "AF_INET", (2,), "a pair (host, port)"
    else:
        name, sizes, shape = "AF_INET6", (2, 3, 4), "a tuple (host, port[, flowinfo[, scopeid]])"
    if not isinstance(address, tuple):
        raise TypeError(f"{caller}(): {name} address must be tuple, not {type(address).__name__}")
    if len(address) not in sizes:
        raise TypeError(f"{name} address must be {shape}")
    host = host_name(address[0])
    port = int_argument(address[1])
    flow_info = int_argument(address[2]) if len(address) > 2 else 0
    if not 0 <= port <= 0xFFFF:
        raise OverflowError(f"{caller}(): port must be 0-65535.")
    numeric = resolve(host, family)
    if not 0 <= flow_info <= 0xFFFFF:
        raise OverflowError(f"{caller}(): flowinfo must be 0-1048575.")
    return numeric, port


def sockaddr(family, text):
    """An address as Python has it, from the bridge's JSON ``[host, port]``."""
    host, port = json.loads(text)[:2]
    return (host, port) if family == AF_INET else (host, port, 0, 0)


def parsed_timeout(timeout):
    """A timeout argument as ``socket_parse_timeout`` takes it: None, or seconds as a float."""
    if timeout is None:
        return None
    if not isinstance(timeout, float) and not hasattr(timeout, "__index__"):
        raise TypeError(f"'{type(timeout).__name__}' object cannot be interpreted as an integer or float")
    seconds = float(timeout)
    if seconds != seconds:
        raise ValueError("Invalid value NaN (not a number)")
    if seconds < 0:
        raise ValueError("Timeout value out of range")
    if seconds > 9223372036.854775:
        raise OverflowError("timestamp out of range for C PyTime_t")
    return seconds


def int_argument(value):
    if not hasattr(value, "__index__"):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value.__index__()


def c_int(value):
    """The format unit ``i``."""
    number = int_argument(value)
    if not -0x80000000 <= number <= 0x7FFFFFFF:
        if number.bit_length() > 63:
            raise OverflowError("Python int too large to convert to C long")
        raise OverflowError(f"signed integer is {'greater than maximum' if number > 0 else 'less than minimum'}")
    return number


def readable(data):
    """A flat view of the bytes of *data*: the format unit ``y*``."""
    try:
        view = memoryview(data)
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def writable(buffer, caller, nbytes):
    """A flat view of the first *nbytes* bytes of *buffer*, all when 0: the format unit ``w*``."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError(f"{caller}() argument 1 must be read-write bytes-like object, not {type(buffer).__name__}")
    if view.format != "B" or view.ndim != 1:
        view = view.cast("B")
    nbytes = int_argument(nbytes)
    if nbytes < 0:
        raise ValueError(f"negative buffersize in {caller}")
    if nbytes > len(view):
        raise ValueError("buffer too small for requested bytes")
    return view[:nbytes] if nbytes else view
