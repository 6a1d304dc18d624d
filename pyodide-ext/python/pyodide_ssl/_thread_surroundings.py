"""What lies around ``_thread`` and must know that there are threads: ``time.sleep``, Pyodide's ``run_sync``, ``gc``, locks."""

import _signal
import gc
import signal
import time

import pyodide.ffi
from _pyodide_ssl_js import threads as _threads_js
from pyodide import webloop
from pyodide.ffi import can_run_sync

from pyodide_ssl import _blocking, _collection, _parking, _thread_event_loop, _threads, _tracing
from pyodide_ssl._thread_locks import RLock, lock, seconds_of
from pyodide_ssl._thread_state import MAIN, running

_sleep = webloop._orig_sleep
_webloop_sleep, _time_sleep = webloop._sleep, time.sleep
_run_sync = pyodide.ffi.run_sync


def sleep(seconds, /):
    """Delay execution for a given number of seconds.

    The argument may be a floating-point number for subsecond precision."""
    seconds = seconds_of(seconds)
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if not can_run_sync():
        # In a callback of OpenSSL's, say: nobody else runs meanwhile, and who waited until now is late.
        _sleep(seconds)
        _threads_js.expire()
    elif seconds == 0:
        _blocking.let_others_run()
    else:
        _parking.sleep(seconds)


def run_sync(x, /):
    """Block until an awaitable is resolved, and answer its result; other threads run meanwhile."""
    return _blocking.suspend(lambda: x, "wait for an awaitable")


_raise_signal, _signal_signal = _signal.raise_signal, signal.signal


def raise_signal(signalnum, /):
    """Send a signal to the executing process."""
    if running.thread is MAIN:
        _raise_signal(signalnum)
    else:
        _threads.interrupt_main(signalnum)


def set_handler(signalnum, handler):
    """``signal.signal``, which is for the main thread."""
    if running.thread is not MAIN:
        raise ValueError("signal only works in main thread of the main interpreter")
    return _signal_signal(signalnum, handler)


set_handler.__name__ = set_handler.__qualname__ = "signal"
set_handler.__doc__ = signal.signal.__doc__


def replace(before):
    """Replace them; answers the pairs of what there was and what there is now.

    *before* is the namespace that ``_thread`` had: its locks have no notion of threads. Those that are held stay.
    """
    pairs = [(webloop._sleep, sleep), (_sleep, sleep), (_run_sync, run_sync), (_raise_signal, raise_signal)]
    pairs.append((_signal_signal, set_handler))
    signal.raise_signal, signal.signal = raise_signal, set_handler
    time.sleep = sleep
    pyodide.ffi.run_sync = webloop.run_sync = run_sync
    _collection.replace_functions()
    _tracing.replace_functions()
    _thread_event_loop.replace_methods()
    _threads.connect()
    successors = {before["lock"]: lock, before["RLock"]: RLock}
    # A lock refers to its class. That is faster than looking at all objects there are.
    for held in gc.get_referrers(*successors):
        if type(held) in successors and not held.locked():
            pairs.append((held, successors[type(held)]()))
    return pairs
