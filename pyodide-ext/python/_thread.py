"""This module provides primitive operations to write multi-threaded programs.
The 'threading' module provides a more convenient interface."""

# Follows CPython's Modules/_threadmodule.c. Threads are stacks that take turns: see pyodide_ssl/_threads.py.

import sys as _sys

import _thread_builtin
from _thread_builtin import _excepthook, _ExceptHookArgs, _is_main_interpreter, daemon_threads_allowed

from pyodide_ssl import _threads
from pyodide_ssl import _thread_state
from pyodide_ssl._thread_local import _local
from pyodide_ssl._thread_locks import TIMEOUT_MAX, RLock, lock
from pyodide_ssl._threads import _ThreadHandle

error = RuntimeError
LockType = lock
# Natively functions. Being classes they do not become methods when they are kept as attributes of a class, nor do functions
# that are written in C.
allocate_lock = allocate = lock

_NAME_MAXLEN = 15
_SMALLEST_STACK = 53248
_running = _thread_state.running
_MAIN = _thread_state.MAIN
_stack_size = 0


def start_new_thread(function, args, kwargs={}, /):
    """Start a new thread and return its identifier.

    The thread will call the function with positional arguments from the
    tuple args and keyword arguments taken from the optional dictionary
    kwargs.  The thread exits when the function returns; the return value
    is ignored.  The thread will also exit when the function raises an
    unhandled exception; a stack trace will be printed unless the exception
    is SystemExit."""
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")
    if not isinstance(kwargs, dict):
        raise TypeError("optional 3rd arg must be a dictionary")
    _sys.audit("_thread.start_new_thread", function, args, kwargs)
    return _threads.start(function, args, kwargs, _ThreadHandle(), True)


start_new = start_new_thread


def start_joinable_thread(function, handle=None, daemon=True):
    """*For internal use only*: start a new thread.

    Like start_new_thread(), this starts a new thread calling the given function.
    Unlike start_new_thread(), this returns a handle object with methods to join
    or detach the given thread.
    This function is not for third-party code, please use the
    `threading` module instead. During finalization the runtime will not wait for
    the thread to exit if daemon is True. If handle is provided it must be a
    newly created thread._ThreadHandle instance."""
    if not callable(function):
        raise TypeError("thread function must be callable")
    if handle is None:
        handle = _ThreadHandle()
    elif not isinstance(handle, _ThreadHandle):
        raise TypeError("'handle' must be a _ThreadHandle")
    _sys.audit("_thread.start_joinable_thread", function, daemon, handle)
    _threads.start(function, (), {}, handle, daemon)
    return handle


def _make_thread_handle(ident, /):
    """Internal only. Make a thread handle for threads not spawned by the _thread or threading module."""
    if not isinstance(ident, int):
        raise TypeError("ident must be an integer")
    return _threads.handle_of(ident)


def exit():
    """This is synonymous to ``raise SystemExit''.  It will cause the current
    thread to exit silently unless the exception is caught."""
    raise SystemExit


exit_thread = exit


def get_ident():
    """Return a non-zero integer that uniquely identifies the current thread
    amongst other threads that exist simultaneously.

    This may be used to identify per-thread resources.  Even though on
    some platforms threads identities may appear to be allocated
    consecutive numbers starting at 1, this behavior should not be relied
    upon, and the number should be seen purely as a magic cookie.
    A thread's identity may be reused for another thread after it exits."""
    return _running.thread.ident


def get_native_id():
    """Return a non-negative integer identifying the thread as reported
    by the OS (kernel).

    This may be used to uniquely identify a
    particular thread within a system."""
    return _running.thread.native_id


def _get_main_thread_ident():
    """Internal only. Return a non-zero integer that uniquely identifies the main thread
    of the main interpreter."""
    return _MAIN.ident


def _count():
    """Return the number of currently running Python threads, excluding
    the main thread.

    The returned number comprises all threads created
    through `start_new_thread()` as well as `threading.Thread`, and not
    yet finished."""
    return _threads.count()


def stack_size(size=0, /):
    """Return the thread stack size used when creating new threads.

    It is taken and answered, and of no effect: a stack is as large as JavaScript makes it."""
    global _stack_size
    size = size.__index__() if hasattr(size, "__index__") else _not_an_integer(size)
    if size < 0 or 0 < size < _SMALLEST_STACK:
        raise ValueError(f"size must be at least {_SMALLEST_STACK} bytes")
    old, _stack_size = _stack_size, size
    return old


def _not_an_integer(value):
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def interrupt_main(signum=2, /):
    """Simulate the arrival of the given signal in the main thread,
    where the corresponding signal handler will be executed.

    If *signum* is omitted, SIGINT is assumed.
    A subthread can use this function to interrupt the main thread.

    Note: the default signal handler for SIGINT raises ``KeyboardInterrupt``."""
    _threads.interrupt_main(signum)


def set_name(name):
    """Set the name of the current thread."""
    if not isinstance(name, str):
        raise TypeError(f"set_name() argument 'name' must be str, not {type(name).__name__}")
    encoded = name.encode(errors="replace").partition(b"\0")[0]
    _running.thread.name = encoded[:_NAME_MAXLEN].decode(errors="surrogateescape")


def _get_name():
    """Get the name of the current thread."""
    return _running.thread.name


def _shutdown():
    """Wait for all non-daemon threads (other than the calling thread) to stop."""
    _threads.join_all()
