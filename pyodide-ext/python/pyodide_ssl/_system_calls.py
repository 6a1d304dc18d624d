"""The calls of the socket bridge that may have to wait, with CPython's rules of waiting: ``sock_call_ex`` in socketmodule.c.

A *timeout* is a socket's: None blocks, 0 never waits, a number of seconds bounds the call as a whole.
"""

import json
from time import monotonic

from _pyodide_ssl_js import io as _io
from _socket_builtin import MSG_DONTWAIT, MSG_PEEK

from pyodide_ssl import _blocking
from pyodide_ssl._os_error import errno_of, os_error, os_error_of

# Outcomes of the bridge's calls that are no results: failure.ts.
_WOULD_BLOCK, _FAILED, _IN_PROGRESS = -1, -2, -3

# The largest piece that crosses at once: docs/decisions/0005-moving-bytes.md.
_ROOM_SIZE = 256 * 1024

_accept = _io.accept
_failure = _io.failure
_receive = _io.receive
_room = _io.room
_send = _io.send
_send_to = _io.sendTo


def check(outcome):
    """Raise the bridge's last failure if *outcome* is one; answers *outcome*."""
    if outcome == _FAILED or outcome == "":
        raise os_error_of(_failure())
    return outcome


def connect(fd, timeout, host, port):
    """connect(2) to a numeric address; raises OSError or gaierror."""
    outcome = _connect(fd, timeout, host, port)
    if outcome == _IN_PROGRESS:
        raise os_error("EINPROGRESS")
    if outcome == _WOULD_BLOCK:
        raise TimeoutError("timed out")
    check(outcome)


def connect_ex(fd, timeout, host, port):
    """connect(2) to a numeric address; answers 0 or an errno."""
    outcome = _connect(fd, timeout, host, port)
    if outcome == _IN_PROGRESS:
        return errno_of("EINPROGRESS")
    if outcome == _WOULD_BLOCK:
        return errno_of("EAGAIN")
    return 0 if outcome == 0 else errno_of(json.loads(_failure())["code"])


def accept(fd, timeout):
    """accept(2); answers the new socket number."""
    deadline = None
    while True:
        number = _accept(fd)
        if number >= 0:
            return number
        deadline = _wait_or_raise(number, fd, timeout, False, deadline)


def receive(fd, timeout, size, flags):
    """recv(2): a JavaScript array of at most *size* bytes, or 0 at the end of the stream."""
    is_peek = bool(flags & MSG_PEEK)
    deadline = None
    while True:
        chunk = _receive(fd, size, is_peek)
        if type(chunk) is not int or chunk == 0:
            return chunk
        if flags & MSG_DONTWAIT and timeout is None:
            timeout = 0
        deadline = _wait_or_raise(chunk, fd, timeout, False, deadline)


def receive_all(fd, timeout, view, flags):
    """recv(2) with MSG_WAITALL: fill *view* unless the stream ends or an error comes; answers the count.

    With a timeout the descriptor is non-blocking natively, and then the kernel does not wait for all.
    """
    filled = 0
    while filled < len(view):
        try:
            chunk = receive(fd, timeout, len(view) - filled, flags)
        except OSError:
            if filled:
                break
            raise
        if not chunk:
            break
        count = len(chunk)
        chunk.assign_to(view[filled : filled + count])
        filled += count
        if flags & MSG_PEEK or timeout is not None:
            break
    return filled


def send(fd, timeout, view, flags, to=None):
    """send(2), or sendto(2) a pair of numeric host and port: answers how many bytes were taken.

    *to* may go on with hop limit and traffic class, ``_ancillary.marks``.
    """
    deadline = None
    while True:
        count = _send_some(fd, view, to)
        if count >= 0:
            return count
        if flags & MSG_DONTWAIT and timeout is None:
            timeout = 0
        deadline = _wait_or_raise(count, fd, timeout, True, deadline)


def send_all(fd, timeout, view):
    """send(2) until everything is taken; *timeout* bounds the whole."""
    sent = 0
    deadline = None
    while True:
        count = _send_some(fd, view[sent : sent + _ROOM_SIZE])
        if count < 0:
            deadline = _wait_or_raise(count, fd, timeout, True, deadline)
            continue
        sent += count
        if sent >= len(view):
            return


def _connect(fd, timeout, host, port):
    """Follows ``internal_connect``. _WOULD_BLOCK means that the time is over."""
    outcome = _blocking.result_of(lambda: _io.connect(fd, host, port), "connect a socket")
    if outcome == _IN_PROGRESS and timeout != 0:
        if not _blocking.wait(fd, False, True, timeout):
            return _WOULD_BLOCK
        return _io.finishConnect(fd, timeout is None)
    return outcome


def _send_some(fd, view, to=None):
    """The count of bytes taken at once, or an outcome."""
    size = min(len(view), _ROOM_SIZE)
    if size:
        _room(size).assign(view if size == len(view) else view[:size])
    if to is None:
        return _send(fd, size)
    # A datagram's first way out may need a port of the host's.
    return _blocking.result_of(lambda: _send_to(fd, size, *to), "send a datagram")


def _wait_or_raise(outcome, fd, timeout, is_writing, deadline):
    """After an outcome that is no result: wait until another try is worth it, or raise.

    *deadline* is None at the first try; the answer is the deadline for the next.
    """
    if outcome == _FAILED:
        raise os_error_of(_failure())
    if timeout == 0 or (timeout is None and _io.isNonBlocking(fd) == 1):
        _blocking.yield_if_spinning()
        raise os_error("EAGAIN")
    left = None
    if timeout is not None:
        if deadline is None:
            deadline = monotonic() + timeout
        left = deadline - monotonic()
    if not _blocking.wait(fd, not is_writing, is_writing, left):
        raise TimeoutError("timed out")
    return deadline
