"""``_thread.lock`` and ``_thread.RLock``; follows ``_threadmodule.c`` and ``Python/lock.c``.

Threads take turns only where one waits, so that two statements here are never torn apart. Taking a free lock costs no call to
JavaScript.
"""

from collections import deque
from time import monotonic

from pyodide_ssl import _blocking
from pyodide_ssl._c_types import plain_c_type
from pyodide_ssl._parking import Waiter
from pyodide_ssl._thread_state import running

TIMEOUT_MAX = 9223372036.0


def seconds_of(timeout):
    """The number of seconds in an argument: ``_PyTime_FromSecondsObject``."""
    if not isinstance(timeout, float):
        if not hasattr(timeout, "__index__"):
            raise TypeError(f"'{type(timeout).__name__}' object cannot be interpreted as an integer or float")
        timeout = timeout.__index__()
    if timeout != timeout:
        raise ValueError("Invalid value NaN (not a number)")
    if not -TIMEOUT_MAX - 1 < timeout < TIMEOUT_MAX + 1:
        raise OverflowError("timestamp out of range for C PyTime_t")
    return timeout


# Taking a lock is where a thread that does not wait gives way now and then: so others go on while it looks again and again
# into a queue, say. Counting costs less than looking at the clock.
_TAKEN_PER_LOOK = 100
_countdown = _TAKEN_PER_LOOK


def take_turns():
    """Let other threads run, if it is time."""
    global _countdown
    _countdown = _TAKEN_PER_LOOK
    _blocking.yield_if_due()


def _timeout_of(blocking, timeout):
    """How long to wait, negative for ever: ``lock_acquire_parse_args``."""
    timeout = seconds_of(timeout)
    if not blocking:
        if timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        return 0
    if timeout < 0 and timeout != -1:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return timeout


class lock:
    """A lock object is a synchronization primitive.  To create a lock,
    call threading.Lock().  Methods are:

    acquire() -- lock the lock, possibly blocking until it can be obtained
    release() -- unlock of the lock
    locked() -- test whether the lock is currently locked

    A lock is not owned by the thread that locked it; another thread may
    unlock it.  A thread attempting to lock a lock that it has already locked
    will block until another thread unlocks it.  Deadlocks may ensue."""

    __slots__ = ("__weakref__", "_is_locked", "_waiters")
    __module__ = "_thread"

    def __init__(self, *args):
        if args:
            raise TypeError(f"lock expected 0 arguments, got {len(args)}")
        self._is_locked = False
        self._waiters = None

    def acquire(self, blocking=True, timeout=-1):
        """Lock the lock.

        Without argument, this blocks if the lock is already
        locked (even by the same thread), waiting for another thread to release
        the lock, and return True once the lock is acquired.
        With an argument, this will only block if the argument is true,
        and the return value reflects whether the lock is acquired.
        The blocking operation is interruptible."""
        global _countdown
        if timeout != -1 or not blocking:
            timeout = _timeout_of(blocking, timeout)
        _countdown -= 1
        if not _countdown:
            take_turns()
        if not self._is_locked:
            self._is_locked = True
            return True
        return timeout != 0 and self._wait(timeout)

    def release(self):
        """Release the lock.

        Allows another thread that is blocked waiting for
        the lock to acquire the lock.  The lock must be in the locked state,
        but it needn't be locked by the same thread that unlocks it."""
        if not self._is_locked:
            raise RuntimeError("release unlocked lock")
        if self._waiters:
            self._pass_on()
        else:
            self._is_locked = False

    def locked(self):
        """Return whether the lock is in the locked state."""
        return self._is_locked

    def __enter__(self):
        """Lock the lock."""
        global _countdown
        _countdown -= 1
        if not _countdown:
            take_turns()
        if self._is_locked:
            return self._wait(-1)
        self._is_locked = True
        return True

    def __exit__(self, *exc_info):
        """Release the lock."""
        self.release()

    def __repr__(self):
        state = "locked" if self._is_locked else "unlocked"
        return f"<{state} _thread.lock object at {id(self):#x}>"

    def _at_fork_reinit(self):
        self.__init__()

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked

    # Waiting: first come, first served, but who finds the lock free may take it, unless somebody has waited long for it.

    def _wait(self, timeout):
        deadline = monotonic() + timeout if timeout > 0 else None
        waiter = Waiter()
        if self._waiters is None:
            self._waiters = deque()
        self._waiters.append(waiter)
        while True:
            try:
                is_woken = waiter.wait(timeout, "wait for a lock")
            except BaseException:
                self._withdraw(waiter)
                raise
            if not is_woken:
                self._waiters.remove(waiter)
                return False
            if waiter.has_lock:
                return True
            if not self._is_locked:
                self._is_locked = True
                return True
            # Somebody was quicker. The next one to be woken is this one again.
            if deadline is not None:
                timeout = max(deadline - monotonic(), 0)
            fair_at, waiter = waiter.fair_at, Waiter()
            waiter.fair_at = fair_at
            self._waiters.appendleft(waiter)

    def _pass_on(self):
        """Wake who waits longest."""
        waiter = self._waiters.popleft()
        if monotonic() >= waiter.fair_at:
            waiter.has_lock = True
        else:
            self._is_locked = False
        waiter.wake()

    def _withdraw(self, waiter):
        """*waiter* does not go on waiting; what it was woken for is for the next one."""
        if not waiter.is_woken:
            self._waiters.remove(waiter)
        elif waiter.has_lock:
            self.release()
        elif self._waiters and not self._is_locked:
            self._waiters.popleft().wake()


plain_c_type(lock, can_be_base=False)


class RLock:
    """A reentrant lock: it must be released by the thread that acquired it, once for each time it has acquired it."""

    __slots__ = ("__weakref__", "_block", "_count", "_owner")
    __module__ = "_thread"

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self._at_fork_reinit()
        return self

    def acquire(self, blocking=True, timeout=-1):
        """Lock the lock.

        `blocking` indicates whether we should wait
        for the lock to be available or not.  If `blocking` is False
        and another thread holds the lock, the method will return False
        immediately.  If `blocking` is True and another thread holds
        the lock, the method will wait for the lock to be released,
        take it and then return True.
        (note: the blocking operation is interruptible.)

        In all other cases, the method will return True immediately.
        Precisely, if the current thread already holds the lock, its
        internal counter is simply incremented. If nobody holds the lock,
        the lock is taken and its internal counter initialized to 1."""
        if timeout != -1:
            _timeout_of(blocking, timeout)
        me = running.thread.ident
        if self._owner == me:
            self._count += 1
            return True
        if not self._block.acquire(blocking, timeout):
            return False
        self._owner = me
        self._count = 1
        return True

    def release(self):
        """Release the lock.

        Allows another thread that is blocked waiting for
        the lock to acquire the lock.  The lock must be in the locked state,
        and must be locked by the same thread that unlocks it; otherwise a
        `RuntimeError` is raised.

        Do note that if the lock was acquire()d several times in a row by the
        current thread, release() needs to be called as many times for the lock
        to be available for other threads."""
        if self._owner != running.thread.ident:
            raise RuntimeError("cannot release un-acquired lock")
        if self._count > 1:
            self._count -= 1
            return
        self._count = self._owner = 0
        self._block.release()

    def locked(self):
        """Return a boolean indicating whether this object is locked right now."""
        return self._count > 0

    def __enter__(self):
        """Lock the lock."""
        me = running.thread.ident
        if self._owner == me:
            self._count += 1
            return True
        self._block.__enter__()
        self._owner = me
        self._count = 1
        return True

    def __exit__(self, *exc_info):
        """Release the lock."""
        self.release()

    def __repr__(self):
        state = "locked" if self._count else "unlocked"
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        return f"<{state} {name} object owner={self._owner} count={self._count} at {id(self):#x}>"

    def _at_fork_reinit(self):
        self._block = lock()
        self._count = self._owner = 0

    # For internal use by `threading.Condition`.

    def _is_owned(self):
        return self._owner == running.thread.ident

    def _recursion_count(self):
        return self._count if self._owner == running.thread.ident else 0

    def _release_save(self):
        if self._count == 0:
            raise RuntimeError("cannot release un-acquired lock")
        state = (self._count, self._owner)
        self._count = self._owner = 0
        self._block.release()
        return state

    def _acquire_restore(self, state, /):
        if not isinstance(state, tuple):
            name = type(state).__name__
            raise TypeError(f"_acquire_restore() argument 1 must be 2-item tuple, not {name}")
        if len(state) != 2:
            raise TypeError(f"_acquire_restore() argument 1 must be tuple of length 2, not {len(state)}")
        self._block.acquire()
        self._count, self._owner = state


plain_c_type(RLock)
