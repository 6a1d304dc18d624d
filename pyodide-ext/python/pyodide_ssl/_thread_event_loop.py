"""asyncio in threads: ``asyncio.run`` in a thread gives it an event loop of its own, as natively.

Pyodide has one event loop, the main thread's, which is JavaScript's. A thread's takes turns with it: its callbacks are called by
JavaScript, each on a stack of its own, while the thread itself is suspended in ``run_until_complete``; they are that thread.
"""

import asyncio
import os
import sys
import threading

from pyodide.webloop import WebLoop, WebLoopPolicy

from pyodide_ssl._parking import Waiter
from pyodide_ssl._thread_state import MAIN, running


class ThreadEventLoop(WebLoop):
    """The event loop of a thread that is not the main one."""

    def __init__(self):
        before = asyncio._get_running_loop()
        super().__init__()
        asyncio._set_running_loop(before)
        self._thread = running.thread
        self._is_closed = False
        # What `stop` wakes while the loop runs.
        self._runner = None

    def call_later(self, delay, callback, *args, context=None):
        """Arrange for a callback to be called at a given time."""
        self._check_closed()
        return super().call_later(delay, self._call, callback, *args, context=context)

    def _call(self, callback, *args):
        thread, running.thread = running.thread, self._thread
        # Of the stack on which JavaScript calls this; not every Pyodide sees to it.
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            callback(*args)
        finally:
            asyncio._set_running_loop(loop)
            running.thread = thread

    def is_running(self):
        """Returns True if the event loop is running."""
        return self._runner is not None

    def is_closed(self):
        """Returns True if the event loop was closed."""
        return self._is_closed

    def _check_closed(self):
        if self._is_closed:
            raise RuntimeError("Event loop is closed")

    def run_forever(self):
        """Run until stop() is called."""
        self._check_closed()
        if self.is_running():
            raise RuntimeError("This event loop is already running")
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("Cannot run the event loop while another loop is running")
        self._runner = Waiter()
        self._install_asyncgen_hooks()
        asyncio._set_running_loop(self)
        try:
            self._runner.wait(-1, "run an event loop")
        finally:
            asyncio._set_running_loop(None)
            self._runner = None

    def run_until_complete(self, future):
        """Run until the Future is done, and return its result, or raise its exception."""
        self._check_closed()
        is_new = not asyncio.isfuture(future)
        future = asyncio.ensure_future(future, loop=self)
        if is_new:
            # Its exception is raised below.
            future._log_destroy_pending = False
        future.add_done_callback(self._stop)
        try:
            self.run_forever()
        finally:
            future.remove_done_callback(self._stop)
        if not future.done():
            raise RuntimeError("Event loop stopped before Future completed.")
        return future.result()

    def _stop(self, _future):
        self.stop()

    def stop(self):
        """Stop running the event loop."""
        if self._runner is not None:
            self._runner.wake()

    def close(self):
        """Close the event loop."""
        if self.is_running():
            raise RuntimeError("Cannot close a running event loop")
        if not self._is_closed:
            self._selector.close()
        self._is_closed = True


def _is_of_package(frame):
    return frame.f_code.co_filename.startswith(_PACKAGE)


# With the modules that it puts in the place of others: `_socket` is one.
_PACKAGE = os.path.dirname(__file__) + os.sep


class _Policy:
    """The methods of ``WebLoopPolicy``, with a loop for each thread."""

    def get_event_loop(self):
        """Get the current event loop"""
        thread = running.thread
        # Pyodide itself asks when this package calls JavaScript and gets a promise: what settles that is JavaScript's own loop.
        if thread is MAIN or (thread.event_loop is None and _is_of_package(sys._getframe(1))):
            return _get_event_loop(self)
        if thread.event_loop is None:
            raise RuntimeError(f"There is no current event loop in thread {threading.current_thread().name!r}.")
        return thread.event_loop

    def new_event_loop(self):
        """Create a new event loop"""
        return _new_event_loop(self) if running.thread is MAIN else ThreadEventLoop()

    def set_event_loop(self, loop):
        """Set the current event loop"""
        if running.thread is MAIN:
            _set_event_loop(self, loop)
        else:
            running.thread.event_loop = loop


_METHODS = ("get_event_loop", "new_event_loop", "set_event_loop")
_get_event_loop = WebLoopPolicy.get_event_loop
_new_event_loop = WebLoopPolicy.new_event_loop
_set_event_loop = WebLoopPolicy.set_event_loop
_run_in_executor = WebLoop.run_in_executor


def _run_in_given_executor(self, executor, func, *args):
    """Arrange for func to be called in the specified executor; without one it is called at once, on the caller's stack."""
    if executor is None:
        return _run_in_executor(self, executor, func, *args)
    return asyncio.wrap_future(executor.submit(func, *args), loop=self)


def replace_methods():
    """Let Pyodide's policy and loop know of threads."""
    for name in _METHODS:
        setattr(WebLoopPolicy, name, vars(_Policy)[name])
    WebLoop.run_in_executor = _run_in_given_executor


def put_back():
    """Give Pyodide's policy and loop back what they had."""
    for name, method in zip(_METHODS, (_get_event_loop, _new_event_loop, _set_event_loop), strict=True):
        setattr(WebLoopPolicy, name, method)
    WebLoop.run_in_executor = _run_in_executor
