"""Socket numbers in ``os`` and ``fcntl``: they are no file descriptors of Emscripten's, yet programs give ``fileno()`` to both.

``replace()`` puts a function of Python in the place of each built-in one that makes sense for a socket. It asks the number: those
of sockets begin far above Emscripten's, and everything else goes to the built-in function as before.
"""

import errno
import functools
import os
import stat
import sys

from _pyodide_ssl_js import io as _io

from pyodide_ssl import _system_calls

_FIRST_SOCKET_NUMBER = 65536
_check = _system_calls.check

# fcntl(2), by Linux's numbers, which are Emscripten's.
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030
_FD_CLOEXEC = 1


def replace():
    """Make ``os.close`` and its like, and ``fcntl.fcntl``, know socket numbers. Called once, at the installation."""
    import fcntl

    for name, function in _OS_FUNCTIONS.items():
        for module in (os, sys.modules.get("posix", os)):
            _replace(module, name, function)
    # JupyterLite's kernel has an empty module in its place.
    _replace(fcntl, "fcntl", _fcntl)


def put_back():
    """Put the built-in functions back."""
    while _replaced:
        setattr(*_replaced.pop())


# Module, name and built-in function.
_replaced = []


def _replace(module, name, function):
    if hasattr(module, name):
        builtin = getattr(module, name)
        _replaced.append((module, name, builtin))
        setattr(module, name, _for_sockets(function, builtin))


def _for_sockets(function, builtin):
    """*function* for socket numbers, *builtin* for everything else."""
    if hasattr(builtin, "__wrapped__"):
        return builtin

    @functools.wraps(builtin)
    def either(*args, **kwargs):
        number = args[0] if args else kwargs.get("fd", -1)
        if not isinstance(number, int):
            # As the built-in ones do, fcntl takes what has a fileno(), fstat does not.
            number = number.fileno() if function is _fcntl and hasattr(number, "fileno") else -1
        if number < _FIRST_SOCKET_NUMBER:
            return builtin(*args, **kwargs)
        return function(number, *args[1:], **{name: value for name, value in kwargs.items() if name != "fd"})

    # A built-in function kept as an attribute of a class does not become a method; nor does this.
    return staticmethod(either)


def _close(fd):
    _check(_io.close(fd))


def _dup(fd, /):
    return _check(_io.duplicate(fd))


def _fstat(fd):
    _check(_io.isInheritable(fd))
    return os.stat_result((stat.S_IFSOCK | 0o777, fd, 0, 1, 0, 0, 0, 0, 0, 0))


def _get_blocking(fd, /):
    return not _check(_io.isNonBlocking(fd))


def _set_blocking(fd, blocking, /):
    _check(_io.setNonBlocking(fd, not blocking))


def _get_inheritable(fd, /):
    return bool(_check(_io.isInheritable(fd)))


def _set_inheritable(fd, inheritable, /):
    _check(_io.setInheritable(fd, bool(inheritable)))


def _read(fd, length, /):
    if length < 0:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    chunk = _system_calls.receive(fd, None, length, 0)
    return chunk.to_bytes() if chunk else b""


def _write(fd, data, /):
    return _system_calls.send(fd, None, memoryview(data).cast("B"), 0)


def _fcntl(fd, cmd, arg=0, /):
    if cmd == _F_GETFD:
        return 0 if _get_inheritable(fd) else _FD_CLOEXEC
    if cmd == _F_SETFD:
        _set_inheritable(fd, not arg & _FD_CLOEXEC)
        return 0
    if cmd == _F_GETFL:
        return os.O_RDWR | (0 if _get_blocking(fd) else os.O_NONBLOCK)
    if cmd == _F_SETFL:
        _set_blocking(fd, not arg & os.O_NONBLOCK)
        return 0
    if cmd in (_F_DUPFD, _F_DUPFD_CLOEXEC):
        copy = _dup(fd)
        _set_inheritable(copy, cmd == _F_DUPFD)
        return copy
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


_OS_FUNCTIONS = {
    "close": _close,
    "dup": _dup,
    "fstat": _fstat,
    "get_blocking": _get_blocking,
    "set_blocking": _set_blocking,
    "get_inheritable": _get_inheritable,
    "set_inheritable": _set_inheritable,
    "read": _read,
    "write": _write,
}
