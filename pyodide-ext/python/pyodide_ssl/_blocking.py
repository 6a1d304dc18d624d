"""Waiting: the one place where Python is suspended until the outside world has something to say.

A wait is a JavaScript promise that a stream's event, a deadline or an interrupt settles, and ``run_sync`` on it, which needs
JavaScript Promise Integration and a caller that entered Python so that it can be suspended. Everything that blocks goes
through ``suspend``: another way of waiting, with ``Atomics.wait`` say, would take its place there.
"""

import gc
import signal
import sys
import time
from time import monotonic

from _pyodide_ssl_js import io as _io
from pyodide.ffi import can_run_sync, run_sync

# poll(2) events by the numbers of select.POLLIN and its like. A socket that failed or hung up is ready for anything.
_POLLIN, _POLLOUT, _ENDED = 1, 4, 8 | 16

# How a wait ended: waits.ts.
_TIMED_OUT, _READY, _INTERRUPTED = 0, 1, 2

_is_ready = _io.isReady
_wait = _io.wait
_wait_many = _io.waitMany
_or_interrupt = _io.orInterrupt


class BlockingImpossibleError(RuntimeError):
    """A call would have to wait, and the way Python was entered makes waiting impossible."""


def wait(fd, want_read, want_write, timeout):
    """Wait until socket number *fd* is readable or writable, or has failed.

    *timeout* is in seconds, None means for ever. Answers True when ready and False when the time is over. Never suspends
    when already ready. Raises KeyboardInterrupt when interrupted and BlockingImpossibleError when it cannot wait.
    """
    events = (_POLLIN if want_read else 0) | (_POLLOUT if want_write else 0) | _ENDED
    if _is_ready(fd, events):
        return True
    if timeout is not None and timeout <= 0:
        return False
    return _until_settled(lambda left: _wait(fd, events, left), timeout, "wait for a socket")


def wait_many(interests, timeout):
    """Wait until one of *interests*, pairs of socket number and ``poll(2)`` events, is ready.

    Without interests it lets the time pass. The answer and the exceptions are those of ``wait``.
    """
    if any(_is_ready(fd, events) for fd, events in interests):
        return True
    if timeout is not None and timeout <= 0:
        return False
    if not interests and timeout is not None and not can_run_sync():
        time.sleep(timeout)
        return False
    text = ",".join(f"{fd}:{events}" for fd, events in interests)
    return _until_settled(lambda left: _wait_many(text, left), timeout, "wait for sockets")


def result_of(value, what):
    """The value of a promise, waiting for it; anything else is answered as it is.

    *what* says what is being done, for the error when waiting is impossible. Raises KeyboardInterrupt when interrupted.
    """
    if not hasattr(value, "then"):
        return value
    while True:
        outcome = suspend(lambda: _or_interrupt(value), what)
        if type(outcome) is not int or outcome != _INTERRUPTED:
            return outcome
        _interrupted()


def _until_settled(begin, timeout, what):
    """Wait with promises from *begin*, which takes the seconds left or -1; again after an interrupt that raised nothing."""
    deadline = None if timeout is None else monotonic() + timeout
    left = -1 if timeout is None else timeout
    while True:
        outcome = suspend(lambda: begin(left), what)  # noqa: B023
        if outcome == _READY:
            return True
        if outcome == _TIMED_OUT:
            return False
        _interrupted()
        if deadline is not None:
            left = max(deadline - monotonic(), 0)


def _interrupted():
    """Run Python's handler of SIGINT, which by default raises KeyboardInterrupt."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.SIG_IGN:
        return
    if callable(handler):
        handler(signal.SIGINT, sys._getframe(1))
    else:
        raise KeyboardInterrupt


# Pyodide 314.0.4 to 314.0.7 crash when CPython's automatic garbage collection runs while other stacks are suspended
# (pyodide issue 6464). Collections that are asked for are safe. To go when those versions are no longer supported.
_gc_is_unsafe = None
_suspended = 0
_gc_was_enabled = False


def suspend(begin, what):
    """Suspend the running stack until the promise that *begin* makes is settled; answers its value.

    The promise is made here, where it is sure that somebody will wait for it.
    """
    global _suspended, _gc_was_enabled
    if not can_run_sync():
        raise BlockingImpossibleError(_impossible(what))
    if not _has_unsafe_gc():
        return run_sync(begin())
    if _suspended == 0:
        _gc_was_enabled = gc.isenabled()
        gc.disable()
    _suspended += 1
    try:
        return run_sync(begin())
    finally:
        _suspended -= 1
        if _suspended == 0:
            if _gc_was_enabled:
                gc.enable()
        elif _gc_was_enabled and gc.get_count()[0] > gc.get_threshold()[0] > 0:
            gc.collect(0)


def _has_unsafe_gc():
    global _gc_is_unsafe
    if _gc_is_unsafe is None:
        import pyodide

        _gc_is_unsafe = pyodide.__version__ in ("314.0.4", "314.0.5", "314.0.6", "314.0.7")
    return _gc_is_unsafe


def _impossible(what):
    return (
        f"Python cannot {what} here: nothing is ready, and waiting for it would have to suspend Python, which JavaScript's "
        "way of calling it does not allow. Causes: pyodide.runPython(), a Python function that JavaScript calls plainly "
        "(an event handler, an ipywidgets callback), or an engine without JavaScript Promise Integration. Ways out: "
        "pyodide.runPythonAsync(); function.callPromising(); the worker of createPython(), whose run() always can; "
        "Chrome 137, Firefox 153, Safari 27, Node 24.21 or newer."
    )
