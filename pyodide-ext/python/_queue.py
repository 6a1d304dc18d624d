"""C implementation of the Python queue module.
This module is an implementation detail, please do not use it directly."""

# Follows CPython's Modules/_queuemodule.c.

from collections import deque
from time import monotonic
from types import GenericAlias

from pyodide_ssl._parking import Waiter
from pyodide_ssl._thread_locks import seconds_of


class Empty(Exception):
    """Exception raised by Queue.get(block=0)/get_nowait()."""


class SimpleQueue:
    """Simple, unbounded, reentrant FIFO queue."""

    __slots__ = ("__weakref__", "_items", "_waiters")

    def __init__(self):
        self._items = deque()
        self._waiters = deque()

    def put(self, item, block=True, timeout=None):
        """Put the item on the queue.

        The optional 'block' and 'timeout' arguments are ignored, as this method
        never blocks.  They are provided for compatibility with the Queue class."""
        self._items.append(item)
        if self._waiters:
            self._waiters.popleft().wake()

    def put_nowait(self, item):
        """Put an item into the queue without blocking.

        This is exactly equivalent to `put(item)` and is only provided
        for compatibility with the Queue class."""
        self.put(item)

    def get(self, block=True, timeout=None):
        """Remove and return an item from the queue.

        If optional args 'block' is true and 'timeout' is None (the default),
        block if necessary until an item is available. If 'timeout' is
        a non-negative number, it blocks at most 'timeout' seconds and raises
        the Empty exception if no item was available within that time.
        Otherwise ('block' is false), return an item if one is immediately
        available, else raise the Empty exception ('timeout' is ignored
        in that case)."""
        left = 0
        if block:
            left = -1 if timeout is None else seconds_of(timeout)
            if left < 0 and timeout is not None:
                raise ValueError("'timeout' must be a non-negative number")
        if self._items:
            return self._items.popleft()
        if left == 0:
            raise Empty
        deadline = None if left < 0 else monotonic() + left
        while not self._wait(left):
            if deadline is not None:
                left = max(deadline - monotonic(), 0)
        return self._items.popleft()

    def _wait(self, timeout):
        """Wait for an item; answers whether there is one, as somebody may come by and take it."""
        waiter = Waiter()
        self._waiters.append(waiter)
        try:
            is_woken = waiter.wait(timeout, "wait for an item of a queue")
        except BaseException:
            self._withdraw(waiter)
            raise
        if not is_woken:
            self._waiters.remove(waiter)
            raise Empty
        return bool(self._items)

    def _withdraw(self, waiter):
        if not waiter.is_woken:
            self._waiters.remove(waiter)
        elif self._items and self._waiters:
            self._waiters.popleft().wake()

    def get_nowait(self):
        """Remove and return an item from the queue without blocking.

        Only get an item if one is immediately available. Otherwise
        raise the Empty exception."""
        return self.get(False)

    def empty(self):
        """Return True if the queue is empty, False otherwise (not reliable!)."""
        return not self._items

    def qsize(self):
        """Return the approximate size of the queue (not reliable!)."""
        return len(self._items)

    __class_getitem__ = classmethod(GenericAlias)
