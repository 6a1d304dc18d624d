"""Threads: beginning, running, ending and joining them; follows ``_threadmodule.c``."""

import asyncio
import signal
from collections import deque
from contextvars import Context

from _pyodide_ssl_js import threads as _js
from pyodide.ffi import can_run_sync, create_proxy

from pyodide_ssl import _blocking, _collection, _thread_local
from pyodide_ssl._c_types import plain_c_type
from pyodide_ssl._parking import Waiter
from pyodide_ssl._thread_locks import seconds_of
from pyodide_ssl._thread_state import MAIN, new_thread, running
from pyodide_ssl._unraisable import unraisable

_NOT_STARTED, _RUNNING, _DONE = range(3)

# Threads that begin soon, by number, and those that have begun and not ended.
_starting = {}
_alive = set()
# What the interpreter's end waits for.
_to_be_joined = {}

_CANNOT_START = (
    "A thread is a stack of its own that is suspended while it waits, and JavaScript has called Python here so that it cannot "
    "be suspended. Causes: pyodide.runPython(), a Python function that JavaScript calls plainly, or an engine without JavaScript "
    "Promise Integration. Ways out: a task that starts it, by asyncio.ensure_future(); pyodide.runPythonAsync(); "
    "function.callPromising(); the worker of createPython(); Chrome 137, Firefox 153, Safari 27, Node 24.21 or newer."
)


class _ThreadHandle:
    """What a thread can be joined by."""

    __slots__ = ("__weakref__", "_ident", "_phase", "_waiters")
    __module__ = "_thread"

    def __init__(self):
        self._ident = 0
        self._phase = _NOT_STARTED
        self._waiters = deque()

    @property
    def ident(self):
        return self._ident

    def is_done(self):
        if self._phase == _RUNNING:
            # Who asks may be waiting for it.
            _blocking.yield_if_due()
        return self._phase == _DONE

    def join(self, timeout=None, /):
        limit = -1 if timeout is None else seconds_of(timeout)
        if self._phase == _NOT_STARTED:
            raise RuntimeError("thread not started")
        if self._phase == _DONE:
            return
        if self._ident == running.thread.ident:
            raise RuntimeError("Cannot join current thread")
        if limit == 0:
            return
        waiter = Waiter()
        self._waiters.append(waiter)
        try:
            waiter.wait(limit, "wait for a thread to end")
        finally:
            if not waiter.is_woken:
                self._waiters.remove(waiter)

    def _set_done(self):
        if self._phase == _NOT_STARTED:
            raise RuntimeError("thread not started")
        self._phase = _DONE
        while self._waiters:
            self._waiters.popleft().wake()

    def __repr__(self):
        return f"<_thread._ThreadHandle object: ident={self._ident}>"


plain_c_type(_ThreadHandle, can_be_base=False)


def handle_of(ident):
    """A handle of a thread that runs already: ``_make_thread_handle``."""
    handle = _ThreadHandle()
    handle._ident = ident
    handle._phase = _RUNNING
    return handle


def start(function, args, kwargs, handle, is_daemon):
    """Begin a thread; answers its identifier: ``do_start_new_thread`` and ``ThreadHandle_start``."""
    if handle._phase != _NOT_STARTED:
        raise RuntimeError("thread already started")
    if not can_run_sync():
        error = RuntimeError("can't start new thread")
        error.add_note(_CANNOT_START)
        raise error
    thread = new_thread()
    thread.function = (function, args, kwargs)
    thread.handle = handle
    handle._ident = thread.ident
    handle._phase = _RUNNING
    if not is_daemon:
        _to_be_joined[handle] = None
    _starting[thread.native_id] = thread
    _js.start(thread.native_id)
    return thread.ident


def count():
    """How many threads there are besides the main one."""
    return len(_alive) + len(_starting)


def _run(number):
    """Run a thread to its end. JavaScript calls this on a new stack."""
    thread = _starting.pop(number)
    running.thread = thread
    _alive.add(thread)
    # The event loop that this stack has from JavaScript's is the main thread's.
    asyncio._set_running_loop(None)
    try:
        Context().run(_call, *thread.function)
    finally:
        thread.function = None
        try:
            _thread_local.forget(thread)
        finally:
            _alive.discard(thread)
            _to_be_joined.pop(thread.handle, None)
            thread.handle._set_done()
            running.thread = MAIN


def _call(function, args, kwargs):
    try:
        function(*args, **kwargs)
    except SystemExit:
        pass
    except BaseException as exc:
        unraisable(exc, f"Exception ignored in thread started by {function!r}")


def interrupt_main(signum):
    """``PyErr_SetInterruptEx``: the main thread runs the handler of *signum*, at once or when it is woken by this."""
    if not 0 < signum < signal.NSIG:
        raise ValueError("signal number out of range")
    if callable(signal.getsignal(signum)):
        _blocking.interrupt_main(signum)


def join_all():
    """Wait for all threads that are no daemons: ``thread_shutdown``."""
    while True:
        handle = next((each for each in _to_be_joined if each._ident != running.thread.ident), None)
        if handle is None:
            return
        try:
            handle.join()
        except BaseException as exc:
            unraisable(exc, "Exception ignored while joining a thread in _thread._shutdown()")
            return


def connect():
    """Give JavaScript what it is to call."""
    for_run, for_collection = create_proxy(_run), create_proxy(_collection.collect_regularly)
    _blocking.has_threads = count
    _js.connect(for_run, for_collection)
    for_run.destroy()
    for_collection.destroy()
