"""Parking: a thread waits until another one wakes it. What ``Python/parking_lot.c`` is for CPython's locks."""

from itertools import count
from time import monotonic

from _pyodide_ssl_js import threads as _threads

from pyodide_ssl import _blocking
from pyodide_ssl._thread_state import MAIN, running

_park = _threads.park
_unpark = _threads.unpark
_tickets = count(1)

# A lock that was waited for as long goes to who waits, not to who comes by: TIME_TO_BE_FAIR_NS in Python/lock.c.
_TIME_TO_BE_FAIR = 0.001


class Waiter:
    """One thread that waits for one thing, once."""

    __slots__ = ("_ticket", "fair_at", "has_lock", "is_woken")

    def __init__(self):
        self._ticket = next(_tickets)
        self.fair_at = monotonic() + _TIME_TO_BE_FAIR
        # Set by who wakes it: it has been given the lock. Otherwise it has to try again.
        self.has_lock = False
        self.is_woken = False

    def wait(self, timeout, what):
        """Answers True when woken and False when the time is over; *timeout* in seconds, negative for ever.

        Raises KeyboardInterrupt in the main thread, also after it has been woken: see ``is_woken``.
        """
        deadline = monotonic() + timeout if timeout >= 0 else None
        left = timeout
        while not self.is_woken:
            is_main = running.thread is MAIN
            outcome = _blocking.suspend(lambda: _park(self._ticket, left, is_main), what)  # noqa: B023
            if outcome == _blocking.INTERRUPTED:
                _blocking.interrupted()
            elif outcome == _blocking.TIMED_OUT:
                break
            if deadline is not None:
                left = max(deadline - monotonic(), 0)
        return self.is_woken

    def wake(self):
        """Let the thread go on."""
        self.is_woken = True
        _unpark(self._ticket)


def sleep(seconds):
    """Suspend the running thread for so long."""
    Waiter().wait(seconds, "sleep")
