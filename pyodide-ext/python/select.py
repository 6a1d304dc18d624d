"""The ``select`` module over the sockets of ``_socket``; follows CPython's ``Modules/selectmodule.c``.

Other file descriptors are asked of the module that Pyodide was built with, ``_select_builtin``.
"""

import math
import operator
import os
from time import monotonic

import _select_builtin as _builtin
from _pyodide_ssl_js import io as _io
from _select_builtin import *  # noqa: F403
from _select_builtin import POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI

from pyodide_ssl import _blocking
from pyodide_ssl._c_types import c_type
from pyodide_ssl._os_error import os_error

error = OSError

_FIRST_SOCKET_NUMBER = 65536
# Nobody tells when a pipe changes, as other threads may make it: they are looked at again and again.
_LOOK_AGAIN_S = 0.01
# What nanoseconds in 64 bits can count: `_PyTime_FromMillisecondsObject`.
_LONGEST_MS = (2**63 - 1) // 10**6
_events = _io.events

# What makes an entry of select(2)'s three sets ready, from Linux's fs/select.c. POLLPRI never comes: there is no urgent data.
_READ_SET = POLLIN | POLLHUP | POLLERR
_WRITE_SET = POLLOUT | POLLERR


# A builtin function kept as a class attribute, as selectors.SelectSelector does, does not become a method; nor does this.
@staticmethod
def select(rlist, wlist, xlist, timeout=None, /):
    """Wait until one or more file descriptors are ready for some kind of I/O.

    The first three arguments are iterables of file descriptors to be waited for:
    rlist -- wait until ready for reading
    wlist -- wait until ready for writing
    xlist -- wait for an "exceptional condition"
    If only one kind of condition is required, pass [] for the other lists.

    A file descriptor is either a socket or file object, or a small integer
    gotten from a fileno() method call on one of those.

    The optional 4th argument specifies a timeout in seconds; it may be
    a floating-point number to specify fractions of seconds.  If it is absent
    or None, the call will never time out.

    The return value is a tuple of three lists corresponding to the first three
    arguments; each contains the subset of the corresponding file descriptors
    that are ready."""
    if timeout is not None:
        timeout = _seconds(timeout, "timeout must be a float or None")
        if timeout < 0:
            raise ValueError("timeout must be non-negative")
    wanted = {}
    sets = []
    for objects, mask in ((rlist, _READ_SET), (wlist, _WRITE_SET), (xlist, POLLPRI)):
        if not hasattr(objects, "__iter__"):
            raise TypeError("arguments 1-3 must be sequences")
        members = [(item, _file_descriptor(item)) for item in objects]
        for _, fd in members:
            wanted[fd] = wanted.get(fd, 0) | mask
        sets.append((members, mask))
    ready = _ready(wanted, timeout, is_select=True)
    return tuple([item for item, fd in members if ready.get(fd, 0) & mask] for members, mask in sets)


@staticmethod
def poll():
    """Returns a polling object.

    This object supports registering and unregistering file descriptors, and then polling
    them for I/O events."""
    return _new(_Poll())


class _Poll:
    """What a polling object knows."""

    __slots__ = ("is_polling", "registered")

    def __init__(self):
        self.registered = {}
        self.is_polling = False


class _PollObject:
    __module__ = "select"
    __slots__ = ("_state",)

    def register(self, fd, eventmask=POLLIN | POLLPRI | POLLOUT, /):
        """Register a file descriptor with the polling object.

        fd -- either an integer, or an object with a fileno() method returning an int
        eventmask -- an optional bitmask describing the type of events to check for"""
        _state(self).registered[_file_descriptor(fd)] = _event_mask(eventmask)

    def modify(self, fd, eventmask, /):
        """Modify an already registered file descriptor."""
        number = _file_descriptor(fd)
        if number not in _state(self).registered:
            raise os_error("ENOENT")
        _state(self).registered[number] = _event_mask(eventmask)

    def unregister(self, fd, /):
        """Remove a file descriptor being tracked by the polling object."""
        del _state(self).registered[_file_descriptor(fd)]

    def poll(self, timeout=None, /):
        """Polls the set of registered file descriptors.

        timeout -- the maximum time to wait in milliseconds, or else None (or a negative value) to wait indefinitely

        Returns a list containing any descriptors that have events or errors to report, as a list of (fd, event) 2-tuples."""
        seconds = None
        if timeout is not None:
            milliseconds = _seconds(timeout, "timeout must be an integer or None")
            if abs(milliseconds) > _LONGEST_MS:
                raise OverflowError("timestamp out of range for C PyTime_t")
            if milliseconds > 2**31 - 1:
                raise OverflowError("timeout is too large")
            seconds = None if milliseconds < 0 else math.ceil(milliseconds) / 1000
        state = _state(self)
        if state.is_polling:
            raise RuntimeError("concurrent poll() invocation")
        state.is_polling = True
        try:
            return list(_ready(dict(_state(self).registered), seconds).items())
        finally:
            state.is_polling = False


_PollObject.__name__ = _PollObject.__qualname__ = "poll"
_state, _new = c_type(_PollObject, can_be_called=False)


def _ready(wanted, timeout, is_select=False):
    """The descriptors of *wanted*, descriptor to events, for which an event holds; waits for the first one."""
    always = 0 if is_select else POLLERR | POLLHUP | POLLNVAL
    sockets = [(fd, events | always) for fd, events in wanted.items() if fd >= _FIRST_SOCKET_NUMBER]
    others = {fd: events for fd, events in wanted.items() if fd < _FIRST_SOCKET_NUMBER}
    deadline = None if timeout is None else monotonic() + timeout
    while True:
        ready = _ready_now(sockets, others, is_select)
        if ready:
            _blocking.yield_if_due()
            return ready
        if timeout == 0:
            _blocking.yield_if_spinning()
            return _ready_now(sockets, others, is_select)
        left = None if deadline is None else max(deadline - monotonic(), 0)
        pause = left
        if others:
            pause = _LOOK_AGAIN_S if left is None else min(left, _LOOK_AGAIN_S)
        if not _blocking.wait_many(sockets, pause) and pause == left:
            return _ready_now(sockets, others, is_select)


def _ready_now(sockets, others, is_select):
    ready = {}
    for fd, events in sockets:
        holding = _events(fd)
        if is_select and holding & POLLNVAL:
            raise os_error("EBADF")
        if holding & events:
            ready[fd] = holding & events
    for fd, events in others.items():
        if not _is_open(fd):
            if is_select:
                raise os_error("EBADF")
            ready[fd] = POLLNVAL
            continue
        poller = _builtin.poll()
        # Emscripten knows these bits, and has no hang-ups to tell of.
        poller.register(fd, events & (POLLIN | POLLPRI | POLLOUT))
        for _, holding in poller.poll(0):
            ready[fd] = holding
    return ready


def _is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _file_descriptor(item):
    """The number of an argument: PyObject_AsFileDescriptor."""
    if isinstance(item, int):
        fd = int(item)
    else:
        method = getattr(item, "fileno", None)
        if method is None:
            raise TypeError("argument must be an int, or have a fileno() method.")
        fd = method()
        if not isinstance(fd, int):
            raise TypeError("fileno() returned a non-integer")
    if not -(2**31) <= fd < 2**31:
        raise OverflowError("Python int too large to convert to C int")
    if fd < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({fd})")
    return fd


def _event_mask(value):
    mask = operator.index(value)
    if mask < 0:
        raise ValueError("Cannot convert negative int")
    if mask > 0xFFFF:
        raise OverflowError("Python int too large for C unsigned short")
    return mask


def _seconds(timeout, message):
    if not isinstance(timeout, (int, float)) and not hasattr(timeout, "__index__"):
        raise TypeError(message)
    value = float(timeout)
    if math.isnan(value):
        raise ValueError("Invalid value NaN (not a number)")
    return value
