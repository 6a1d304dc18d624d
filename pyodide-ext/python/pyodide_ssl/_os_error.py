"""From errno names, as JavaScript gives them, to the exceptions that CPython raises."""

import errno
import json

import _socket_builtin

gaierror = _socket_builtin.gaierror

# glibc's texts: programs and people look for them, and musl, which Pyodide has, words some of them differently.
_TEXTS = {
    "EACCES": "Permission denied",
    "EADDRINUSE": "Address already in use",
    "EADDRNOTAVAIL": "Cannot assign requested address",
    "EAFNOSUPPORT": "Address family not supported by protocol",
    "EAGAIN": "Resource temporarily unavailable",
    "EALREADY": "Operation already in progress",
    "EBADF": "Bad file descriptor",
    "ECONNABORTED": "Software caused connection abort",
    "ECONNREFUSED": "Connection refused",
    "ECONNRESET": "Connection reset by peer",
    "EDESTADDRREQ": "Destination address required",
    "EFAULT": "Bad address",
    "EHOSTUNREACH": "No route to host",
    "EINPROGRESS": "Operation now in progress",
    "EINVAL": "Invalid argument",
    "EISCONN": "Transport endpoint is already connected",
    "EMFILE": "Too many open files",
    "EMSGSIZE": "Message too long",
    "ENOENT": "No such file or directory",
    "ENODEV": "No such device",
    "ENXIO": "No such device or address",
    "ENETDOWN": "Network is down",
    "ENETUNREACH": "Network is unreachable",
    "ENOBUFS": "No buffer space available",
    "ENOPROTOOPT": "Protocol not available",
    "ENOTCONN": "Transport endpoint is not connected",
    "ENOTSOCK": "Socket operation on non-socket",
    "EOPNOTSUPP": "Operation not supported",
    "EPERM": "Operation not permitted",
    "EPIPE": "Broken pipe",
    "EPROTONOSUPPORT": "Protocol not supported",
    "ESOCKTNOSUPPORT": "Socket type not supported",
    "ETIMEDOUT": "Connection timed out",
}

# The names and numbers of getaddrinfo(3), with glibc's texts.
_EAI = {
    "EAI_BADFLAGS": (-1, "Bad value for ai_flags"),
    "EAI_NONAME": (-2, "Name or service not known"),
    "EAI_AGAIN": (-3, "Temporary failure in name resolution"),
    "EAI_FAIL": (-4, "Non-recoverable failure in name resolution"),
    "EAI_NODATA": (-5, "No address associated with hostname"),
    "EAI_FAMILY": (-6, "ai_family not supported"),
    "EAI_SOCKTYPE": (-7, "ai_socktype not supported"),
    "EAI_SERVICE": (-8, "Servname not supported for ai_socktype"),
    "EAI_ADDRFAMILY": (-9, "Address family for hostname not supported"),
    "EAI_MEMORY": (-10, "Memory allocation failure"),
}


def os_error(code, message=""):
    """An exception for an errno name (an OSError of the right subclass) or an EAI name (a gaierror).

    *message* takes the place of the system's text when not empty.
    """
    if code in _EAI:
        number, text = _EAI[code]
        return gaierror(number, message or text)
    return OSError(errno_of(code), message or _TEXTS.get(code, code))


def errno_of(code):
    """The number of an errno name in this Python; an EAI name gives EAI's number."""
    if code in _EAI:
        return _EAI[code][0]
    return getattr(errno, code, None) or errno.EIO


def os_error_of(failure):
    """An exception for a failure record of the socket bridge, JSON ``{ code, message }``."""
    record = json.loads(failure)
    return os_error(record["code"], record["message"])
