"""The command line in Python: what CPython's ``Modules/main.c`` does with a command, a module, a script or a terminal.

``main`` runs under JSPI, so that everything called from it may wait. The only user is ``cli/``.
"""

import atexit
import builtins
import code
import importlib.machinery
import io
import json
import linecache
import os
import runpy
import sys
import threading

from ._worker import program_entry, program_traceback, read_line

EXIT_INTERRUPTED = 130
EXIT_FLUSH_FAILED = 120
EXIT_USAGE = 2


@program_entry
def main(options_json):
    """Run what the command line says and answer the exit status of the process."""
    return _finish(_status_of(lambda: _run(json.loads(options_json))))


def _run(options):
    sys.executable = options["executable"]
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty(), write_through=options["unbuffered"])
    sys.stderr.reconfigure(line_buffering=True, write_through=options["unbuffered"])
    if options["has_line_editor"]:
        builtins.input = _input
    # Pyodide looked at PYTHONPATH before the host's folders were mounted, and remembers that they were not there.
    importlib.invalidate_caches()
    _FORMS[options["mode"]](options["operand"], options["args"])


def _status_of(program):
    """Run *program* and turn how it ends into an exit status, as ``_Py_HandleSystemExitAndKeyboardInterrupt`` does."""
    try:
        program()
        return 0
    except SystemExit as exc:
        if exc.code is None:
            return 0
        if isinstance(exc.code, int):
            return exc.code & 0xFF
        _flush_stdout()
        print(exc.code, file=sys.stderr)
        return 1
    except BaseException as exc:
        _flush_stdout()
        _print_uncaught(exc)
        return EXIT_INTERRUPTED if isinstance(exc, KeyboardInterrupt) else 1


def _print_uncaught(exc):
    tb = program_traceback(exc, lambda code: code.co_filename != __file__)
    try:
        sys.excepthook(type(exc), exc.with_traceback(tb), tb)
    except BaseException:
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(*sys.exc_info())


def _flush_stdout():
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        pass


def _finish(status):
    """``Py_FinalizeEx``: threads, exit functions, and standard output's last bytes."""
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except (AttributeError, ValueError):
        pass
    except OSError as exc:
        if status == 0:
            status = EXIT_FLUSH_FAILED
        print(f"Exception ignored while flushing sys.stdout:\n{type(exc).__name__}: {exc}", file=sys.stderr)
        # Nothing more goes out: not at the interpreter's end either.
        sys.stdout = sys.__stdout__ = None
    try:
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass
    return status


# --- the forms of the command line -----------------------------------------------------------------------------------


def _run_command(source, args):
    sys.argv[:] = ["-c", *args]
    sys.path.insert(0, "")
    _run_source(source.encode(), "<string>")


def _run_module(name, args):
    sys.argv[:] = ["-m", *args]
    sys.path.insert(0, os.getcwd())
    runpy._run_module_as_main(name)


def _run_script(path, args):
    sys.argv[:] = [path, *args]
    full_path = os.path.abspath(path)
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        sys.path.insert(0, full_path)
        runpy._run_module_as_main("__main__", alter_argv=False)
        return
    try:
        with io.open_code(full_path) as file:
            source = file.read()
    except OSError as exc:
        print(f"pyodide-ssl: can't open file {full_path!r}: [Errno {exc.errno}] {exc.strerror}", file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from None
    sys.path.insert(0, os.path.dirname(os.path.realpath(full_path)))
    main_module = sys.modules["__main__"]
    main_module.__file__ = full_path
    main_module.__loader__ = importlib.machinery.SourceFileLoader("__main__", full_path)
    _run_source(source, full_path)


def _run_stdin(operand, args):
    sys.argv[:] = [operand, *args]
    sys.path.insert(0, "")
    _run_source(sys.stdin.buffer.read(), "<stdin>")


def _run_source(source, filename):
    if filename.startswith("<"):
        text = source.decode("utf-8", "replace")
        # Tracebacks show the lines of a command, as CPython's do since 3.13.
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec", dont_inherit=True), sys.modules["__main__"].__dict__)


class _Console(code.InteractiveConsole):
    def raw_input(self, prompt=""):
        line = read_line(prompt)
        if line is None:
            raise EOFError
        return line.removesuffix("\n")


def _run_console(_operand, args):
    sys.argv[:] = ["", *args]
    sys.path.insert(0, "")
    console = _Console(sys.modules["__main__"].__dict__, filename="<stdin>")
    console.interact(
        banner=f"Python {sys.version} on {sys.platform}\n"
        'Type "help", "copyright", "credits" or "license" for more information.',
        exitmsg="",
    )


_FORMS = {
    "command": _run_command,
    "module": _run_module,
    "script": _run_script,
    "stdin": _run_stdin,
    "console": _run_console,
}


def _input(prompt="", /):
    """``input`` on a terminal: the owner's line editor shows the prompt."""
    sys.stderr.flush()
    line = read_line(str(prompt))
    if line is None:
        raise EOFError("EOF when reading a line")
    return line.removesuffix("\n")
