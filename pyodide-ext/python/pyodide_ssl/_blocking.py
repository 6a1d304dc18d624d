"""Waiting: the one place where Python is suspended until the outside world has something to say.

A wait is a ticket of JavaScript's, whose outcome a stream's event, a deadline or an interrupt brings, and ``run_sync`` on it, which
needs JavaScript Promise Integration and a caller that entered Python so that it can be suspended. Everything that blocks goes
through ``suspend``: another way of waiting, with ``Atomics.wait`` say, would take its place there.
"""

import signal
import sys
from asyncio import _get_running_loop, _set_running_loop
from time import monotonic

from _pyodide_ssl_js import io as _io
from _pyodide_ssl_js import threads as _threads
from pyodide.ffi import can_run_sync, create_proxy, run_sync
from pyodide.webloop import WebLoop

from pyodide_ssl import _collection
from pyodide_ssl._errors import BlockingImpossibleError
from pyodide_ssl._thread_state import MAIN, running

# poll(2) events by the numbers of select.POLLIN and its like. A socket that failed or hung up is ready for anything.
_POLLIN, _POLLOUT, _ENDED = 1, 4, 8 | 16

# How a wait ended: waits.ts.
TIMED_OUT, READY, INTERRUPTED = 0, 1, 2

_is_ready = _io.isReady
_wait = _threads.wait
_wait_many = _threads.waitMany
_or_interrupt = _io.orInterrupt


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
    return _until_settled(lambda left, is_main: _wait(fd, events, left, is_main), timeout, "wait for a socket")


def wait_many(interests, timeout):
    """Wait until one of *interests*, pairs of socket number and ``poll(2)`` events, is ready.

    Without interests it lets the time pass. The answer and the exceptions are those of ``wait``.
    """
    if any(_is_ready(fd, events) for fd, events in interests):
        return True
    if timeout is not None and timeout <= 0:
        return False
    if not interests and timeout is not None and not can_run_sync():
        import time

        time.sleep(timeout)
        return False
    text = ",".join(f"{fd}:{events}" for fd, events in interests)
    return _until_settled(lambda left, is_main: _wait_many(text, left, is_main), timeout, "wait for sockets")


def result_of(begin, what):
    """What *begin* answers, waiting for it if it is a promise.

    *what* says what is being done, for the error when waiting is impossible. Raises KeyboardInterrupt when interrupted.
    """
    value = _promise(begin)
    if not hasattr(value, "then"):
        return value
    if running.thread is not MAIN:
        return suspend(lambda: value, what)
    while True:
        outcome = suspend(lambda: _or_interrupt(value), what)
        if type(outcome) is not int or outcome != INTERRUPTED:
            return outcome
        interrupted()


def _until_settled(begin, timeout, what):
    """Wait for tickets from *begin*, again after an interrupt that raised nothing.

    *begin* takes the seconds left, or -1, and whether it is the main thread that waits.
    """
    deadline = None if timeout is None else monotonic() + timeout
    left = -1 if timeout is None else timeout
    while True:
        is_main = running.thread is MAIN
        outcome = suspend(lambda: begin(left, is_main), what)  # noqa: B023
        if outcome == READY:
            return True
        if outcome == TIMED_OUT:
            return False
        interrupted()
        if deadline is not None:
            left = max(deadline - monotonic(), 0)


def interrupted():
    """Run Python's handlers of the signals that came: of SIGINT, which by default raises KeyboardInterrupt, if none did.

    Signals are the main thread's. Another thread's wait ends so when the interpreter does, and the thread with it.
    """
    if running.thread is not MAIN:
        raise SystemExit
    if not _signals:
        _handle(signal.SIGINT)
    while _signals:
        _handle(_signals.pop(0))


def _handle(signum):
    handler = signal.getsignal(signum)
    if handler is signal.SIG_IGN:
        return
    if callable(handler):
        handler(signum, _frame_of_program())
    elif signum == signal.SIGINT:
        raise KeyboardInterrupt


def _frame_of_program():
    """The frame that waits: what is below it natively is C."""
    frame = caller = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame or caller


_PACKAGE = __file__.rpartition("/")[0] + "/"

# Signals that threads have sent the main one.
_signals = []


def interrupt_main(signum):
    """A thread sends the main one a signal: it is handled when that goes on, which is now if its wait can be ended."""
    _signals.append(signum)
    if running.thread is MAIN:
        interrupted()
    else:
        _io.interrupt()


# Who asks again and again whether something is ready may wait for what only another thread, or JavaScript, can bring about.
_SPINS = 100
_SPIN_TIME = 0.02
_spins = 0
_last_turn = 0.0


def yield_if_spinning():
    """To be called before an answer that something is not ready, where nothing waits for it."""
    global _spins
    if not can_run_sync():
        return
    if not has_threads():
        _spins += 1
        if _spins < _SPINS or monotonic() - _last_turn < _SPIN_TIME:
            return
    let_others_run()


def yield_if_due():
    """Let other threads run if this one has run for CPython's switch interval. For where CPython could switch as well."""
    if has_threads() and monotonic() - _last_turn > sys.getswitchinterval() and can_run_sync():
        let_others_run()


def has_threads():
    """Whether there are threads besides the main one. Replaced where there can be any."""
    return False


def let_others_run():
    """Let every other thread, and JavaScript, do what it can do now."""
    suspend(_threads.turn, "let other threads run")


def suspend(begin, what):
    """Suspend the running stack until what *begin* answers is over, a ticket or an awaitable; answers its outcome.

    *begin* is called here, where it is sure that somebody will wait for it. Other threads run meanwhile.
    """
    global _last_turn, _spins
    if not can_run_sync():
        raise BlockingImpossibleError(_impossible(what))
    thread = running.thread
    running.thread = MAIN
    if _collection.IS_NEEDED:
        _collection.before_suspension()
    try:
        awaitable = _promise(begin)
        outcome = run_sync(_Suspension(awaitable) if type(awaitable) is int else awaitable)
    finally:
        running.thread = thread
        _spins = 0
        _last_turn = monotonic()
        if _collection.IS_NEEDED:
            _collection.after_suspension()
    if _signals and thread is MAIN and outcome != INTERRUPTED:
        interrupted()
    return outcome


class _Suspension:
    """What ``run_sync`` waits for when there is a ticket. To asyncio it is a future, but no event loop's: it needs no turns of one."""

    __slots__ = ("_callback", "_outcome")

    _asyncio_future_blocking = False

    def __init__(self, ticket):
        self._callback = self._outcome = None
        _suspensions[ticket] = self

    def __await__(self):
        raise RuntimeError("only run_sync() waits for a suspension")

    def add_done_callback(self, callback, *, context=None):
        if self._outcome is None:
            self._callback = callback
        else:
            callback(self)

    def result(self):
        return self._outcome

    def settle(self, outcome):
        self._outcome = outcome
        if self._callback is not None:
            self._callback(self)


_suspensions = {}


def _settle(ticket, outcome):
    """JavaScript tells how a wait ended: again, as interrupted, if a signal's handler raises in here."""
    suspension = _suspensions.get(ticket)
    if suspension is not None:
        suspension.settle(outcome)
        del _suspensions[ticket]


def _connect():
    settle = create_proxy(_settle)
    _threads.tellOutcomes(settle)
    settle.destroy()


_connect()


def _promise(begin):
    """What *begin* makes. Pyodide has the running event loop settle it, so that must be JavaScript's own, or none."""
    loop = _get_running_loop()
    if loop is None or isinstance(loop, WebLoop):
        return begin()
    _set_running_loop(None)
    try:
        return begin()
    finally:
        _set_running_loop(loop)


def _impossible(what):
    return (
        f"Python cannot {what} here: nothing is ready, and waiting for it would have to suspend Python, which JavaScript's "
        "way of calling it does not allow. Causes: pyodide.runPython(), a Python function that JavaScript calls plainly "
        "(an event handler, an ipywidgets callback, a notebook's completion or inspection), or an engine without JavaScript "
        "Promise Integration. Ways out: a task, which may wait: asyncio.ensure_future(); pyodide.runPythonAsync(); "
        "function.callPromising(); the worker of createPython(), whose run() always can; "
        "Chrome 137, Firefox 153, Safari 27, Node 24.21 or newer."
    )
