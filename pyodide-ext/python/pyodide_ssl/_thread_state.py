"""Which thread runs.

A thread is a stack of JavaScript Promise Integration: it runs until it is suspended or ends, and then another goes on. Every
stack that we did not start belongs to the main thread: programs, asyncio's tasks and callbacks, calls from JavaScript.
"""

import os
from itertools import count

import _thread

_MAIN_IDENT = _thread._get_main_thread_ident()
# Natively an identifier is the address of something large, and a native one counts processes and threads.
_IDENT_STEP = 4096


class ThreadState:
    """What is to be known about one thread. The main thread's is ``MAIN``."""

    __slots__ = ("__weakref__", "event_loop", "function", "handle", "ident", "locals", "name", "native_id")

    def __init__(self, number=0):
        self.ident = _MAIN_IDENT + _IDENT_STEP * number
        self.native_id = os.getpid() + number
        self.name = "python3" if number == 0 else ""
        self.function = self.handle = self.event_loop = None
        # Weak references to the thread-local objects that have something of this thread's.
        self.locals = set()


class _Running:
    __slots__ = ("thread",)


MAIN = ThreadState()

# The one variable: who gives control away sets it to MAIN, and back when control returns.
running = _Running()
running.thread = MAIN

_numbers = count(1)


def new_thread():
    """The state of a thread that does not run yet."""
    return ThreadState(next(_numbers))
