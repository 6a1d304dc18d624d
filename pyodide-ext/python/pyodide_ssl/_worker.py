"""What the worker runs in Python: code with its result or the report of its exception, interrupts, standard input.

``worker/python-host.ts`` is the only user. It registers the JavaScript module ``_pyodide_ssl_worker`` beforehand.
"""

import ast
import asyncio
import errno
import io
import json
import linecache
import os
import signal
import sys
import traceback

import _pyodide_ssl_worker as _js
import pyodide.ffi
from pyodide import webloop
from pyodide.code import CodeRunner
from pyodide.ffi import to_js

from . import _blocking
from ._thread_state import MAIN, running

# --- exceptions as data ---------------------------------------------------------------------------------------------

MAX_CHAIN = 16


def _plain(value):
    """*value* if JSON carries it, else its repr: a report must not fail on what a program puts into its exception."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and -(2**53) < value < 2**53:
        return int(value)
    if isinstance(value, float) and value - value == 0.0:
        return float(value)
    return _text(repr, value)


def _text(convert, value):
    try:
        return convert(value)
    except Exception:
        return f"<{type(value).__qualname__} whose {convert.__name__}() failed>"


def _chain_member(exc, name, depth):
    other = getattr(exc, name)
    if other is None or depth >= MAX_CHAIN:
        return {}
    return {name.strip("_"): _describe(other, depth + 1)}


def _describe(exc, depth):
    report = {
        "type": type(exc).__qualname__,
        "module": type(exc).__module__,
        "message": _text(str, exc),
        "traceback": "".join(traceback.format_exception(exc)),
        "args": [_plain(arg) for arg in exc.args],
    }
    attributes = ("errno", "strerror", "filename", "library", "reason", "verify_code", "verify_message")
    if isinstance(exc, OSError):
        for name in attributes:
            value = getattr(exc, name, None)
            if value is not None:
                first, *others = name.split("_")
                report[first + "".join(map(str.capitalize, others))] = _plain(value)
        if exc.errno in errno.errorcode:
            report["errnoName"] = errno.errorcode[exc.errno]
    if exc.__cause__ is not None:
        report |= _chain_member(exc, "__cause__", depth)
    elif not exc.__suppress_context__:
        report |= _chain_member(exc, "__context__", depth)
    return report


def program_traceback(exc, is_first):
    """The traceback of *exc* from the frame on whose code *is_first*, else None: what is above is not the program's.

    Of an interrupt, this package's frames at the end are left out as well: natively they are no Python.
    """
    tb = exc.__traceback__
    while tb is not None and not is_first(tb.tb_frame.f_code):
        tb = tb.tb_next
    if isinstance(exc, KeyboardInterrupt):
        last = member = tb
        while member is not None:
            if not member.tb_frame.f_code.co_filename.startswith(_PACKAGE):
                last = member
            member = member.tb_next
        if last is not None:
            last.tb_next = None
    return tb


def report_json(exc, filename):
    """The report of *exc* as JSON, for ``PythonExceptionReport`` in ``worker/errors.ts``."""
    tb = program_traceback(exc, lambda code: code.co_filename == filename)
    return json.dumps(_describe(exc.with_traceback(tb), 0))


# --- interrupts -----------------------------------------------------------------------------------------------------
#
# KeyboardInterrupt is for the program. When the program computes, a signal raises it there; but not in a function that
# stands for what is C in native Python, nor in callbacks that C makes (of weak references, of abstract classes), where it
# would break something or be lost: then the signal comes again a little later.
# When the program waits, its stack is suspended and other code runs meanwhile: the event loop's, Pyodide's, this package's.
# A signal that is noticed there must not raise there, where nobody expects it, but end the wait. Sockets end their own
# waits; the others are Pyodide's suspensions (time.sleep, run_until_complete, run_sync) and a program that awaits at its
# top level.

_suspensions = []
_runs = []
_entries = set()
_is_handling = False

# Where its code says that it is from. `os` is frozen, and with Pyodide 314.0.0 to 314.0.3 its file is said to be elsewhere.
_STDLIB = os.path.dirname(os.path.dirname(asyncio.__file__)) + os.sep
_PACKAGE = os.path.dirname(__file__) + os.sep
_FROZEN = "<frozen "
# What is no program by itself: the standard library, Pyodide and this package.
_LIBRARY = (_STDLIB, _PACKAGE, _FROZEN)
# Where a program is not interrupted.
_ATOMIC = (_PACKAGE, _FROZEN, *(_STDLIB + name for name in ("pyodide/", "_pyodide/", "weakref.py", "_weakrefset.py")))


def program_entry(function):
    """Mark *function*: all that it calls is the program, wherever the code comes from."""
    _entries.add(function.__code__)
    return function


def _is_program(code):
    return code in _entries or not code.co_filename.startswith(_LIBRARY)


def _is_of_program(frame):
    while frame is not None:
        if _is_program(frame.f_code):
            return True
        frame = frame.f_back
    return False


def _is_atomic(frame):
    """Whether an exception would break something in *frame*, or be dropped: what a finalizer of the library calls is part of it."""
    if frame.f_code.co_filename.startswith(_ATOMIC) and frame.f_code not in _entries:
        return True
    while not _is_program(frame.f_code):
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def _on_sigint(signum, frame):
    """Raise KeyboardInterrupt, if it is the program that was running and it may be interrupted here."""
    global _is_handling
    if _is_handling:
        return
    _is_handling = True
    try:
        # Signals are the main thread's, which waits while another one runs.
        is_of_program = running.thread is MAIN and _is_of_program(frame)
        is_atomic = is_of_program and _is_atomic(frame)
    finally:
        _is_handling = False
    if not is_of_program:
        _js.wake(True)
    elif is_atomic:
        _js.defer()
    else:
        raise KeyboardInterrupt


class _Interruptible:
    """An awaitable that an interrupt can end, and whether one did."""

    def __init__(self, awaitable):
        self.task = asyncio.ensure_future(awaitable)
        self.is_interrupted = False

    def interrupt(self):
        """Cancel the task if it waits, as ``asyncio.Runner`` does; answer whether it was."""
        # A task that waits for nothing of the loop's runs, is suspended elsewhere, or is about to end.
        if self.task.done() or getattr(self.task, "_fut_waiter", self.task) is None:
            return False
        self.is_interrupted = True
        return self.task.cancel()


def _run_sync_interruptibly(awaitable):
    """``run_sync``, and KeyboardInterrupt in the main thread when interrupted."""
    if running.thread is not MAIN:
        return _blocking.suspend(lambda: awaitable, "wait for an awaitable")
    suspension = _Interruptible(awaitable)
    _suspensions.append(suspension)
    try:
        return _blocking.suspend(lambda: suspension.task, "wait for an awaitable")
    except asyncio.CancelledError:
        if suspension.is_interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        _suspensions.remove(suspension)


_run_sync = _blocking.run_sync
_mask_until_suspended = _js.maskUntilSuspended


def _run_sync_masked(awaitable):
    """``run_sync``, out of reach of signals on the way into the suspension.

    Pyodide (314.0.7) makes a proxy of the awaitable there, and runs Python code between two thread states: a handler that
    is called meanwhile leaves it with a ConversionError, or worse.
    """
    _mask_until_suspended()
    return _run_sync(awaitable)


_blocking.run_sync = _run_sync_masked
pyodide.ffi.run_sync = webloop.run_sync = _run_sync_interruptibly


def interrupt():
    """End the innermost suspension with KeyboardInterrupt, else the program that awaits; answer whether one was ended."""
    if _suspensions:
        return _suspensions[-1].interrupt()
    return any(program.interrupt() for program in _runs)


# --- running code ---------------------------------------------------------------------------------------------------


def _to_js(value):
    """*value* as structured clone carries it; what has no counterpart in JavaScript becomes its repr."""
    from js import Object

    return to_js(
        value,
        create_pyproxies=False,
        dict_converter=Object.fromEntries,
        default_converter=lambda inconvertible, *_: repr(inconvertible),
    )


async def _evaluate(source, filename, namespace):
    """``eval_code_async``, but what it would dedent is run as it is: it has that as an option from Pyodide 314.0.7 on."""
    tree = compile(source, filename, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    runner = CodeRunner(source, filename=filename, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    runner.ast = tree
    return await runner.compile().run_async(namespace)


async def run(source, filename, names):
    """Run *source* in ``__main__``, or in a namespace of *names*. Answers ``(True, result)`` or ``(False, report)``."""
    main = sys.modules["__main__"].__dict__
    namespace = main if names is None else {"__name__": "__main__", "__builtins__": __builtins__, **names}
    # No time stamp: linecache keeps the lines, and tracebacks show them, though there is no such file.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    program = _Interruptible(_outcome(_evaluate(source, filename, namespace)))
    _runs.append(program)
    try:
        value, exc = await program.task
        if isinstance(exc, asyncio.CancelledError) and program.is_interrupted:
            exc = KeyboardInterrupt().with_traceback(exc.__traceback__)
        return (True, _to_js(value)) if exc is None else (False, report_json(exc, filename))
    except BaseException as exc:
        return False, report_json(exc, filename)
    finally:
        _runs.remove(program)
        flush()


@program_entry
async def _outcome(program):
    """What *program* gives and what it raises. Out of a task KeyboardInterrupt and SystemExit would go to the event loop."""
    try:
        return await program, None
    except BaseException as exc:
        return None, exc


def flush():
    """Hand over what ``sys.stdout`` and ``sys.stderr`` still hold."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # None, broken or closed by the program: nothing is left to hand over


# --- standard input that waits --------------------------------------------------------------------------------------


class _AskedInput(io.RawIOBase):
    """Standard input whose lines the worker's owner gives, one at a time, when they are wanted."""

    name = "<stdin>"
    mode = "rb"

    def __init__(self, is_terminal):
        self._is_terminal = is_terminal
        self._line = b""

    def readable(self):
        return True

    def fileno(self):
        return 0

    def isatty(self):
        return self._is_terminal

    def readinto(self, buffer):
        if not self._line:
            self._line = (read_line(None) or "").encode("utf-8", "surrogateescape")
        count = min(len(buffer), len(self._line))
        buffer[:count] = self._line[:count]
        self._line = self._line[count:]
        return count


def read_line(prompt):
    """A line from the worker's owner, with its line end; None at the end of input. Raises KeyboardInterrupt."""
    flush()
    # A tagged answer: "=" before a line, "" for the end of input, "!" when interrupted.
    answer = _blocking.suspend(lambda: _js.readLine(prompt), "wait for a line of input")
    if answer == "!":
        raise KeyboardInterrupt
    return answer[1:] if answer else None


def use_asked_input(is_terminal):
    """Make ``sys.stdin`` ask the worker's owner for lines."""
    stream = io.TextIOWrapper(
        io.BufferedReader(_AskedInput(is_terminal), 8192), "utf-8", "surrogateescape", line_buffering=is_terminal
    )
    sys.stdin = sys.__stdin__ = stream


def set_up(argv, write_through):
    """Give ``sys`` its arguments, and let what is printed leave at once where the owner shows it."""
    sys.argv[:] = argv
    signal.default_int_handler = _on_sigint
    signal.signal(signal.SIGINT, _on_sigint)
    # A task that exits or is interrupted tells both who awaits it and the loop. Who awaits it decides what becomes of it;
    # the loop would raise it once more, where nobody catches it. A program that waits for something else is told.
    loop = asyncio.get_event_loop()
    loop._system_exit_handler = lambda code: None
    loop._keyboard_interrupt_handler = lambda: _js.wake(False)
    if write_through:
        sys.stdout.reconfigure(write_through=True)
        sys.stderr.reconfigure(write_through=True)
