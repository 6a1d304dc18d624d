"""Exceptions that nobody can catch, told to ``sys.unraisablehook`` as C tells them."""

import sys
import types


def unraisable(error, what):
    """``PyErr_FormatUnraisable``: tell ``sys.unraisablehook`` of *error* with a text of what was done."""
    error = error.with_traceback(frames_of_program(error.__traceback__))
    sys.unraisablehook(_hook_arguments()((type(error), error, error.__traceback__, what, None)))


def frames_of_program(trace):
    """*trace* without the frames of this package: C has none. Where none is left, who called ``_ssl``."""
    kept = []
    while trace is not None:
        if not _is_own(trace.tb_frame):
            kept.append((trace.tb_frame, trace.tb_lasti, trace.tb_lineno))
        trace = trace.tb_next
    if not kept:
        frame = sys._getframe()
        while frame is not None and _is_own(frame):
            frame = frame.f_back
        if frame is not None:
            kept.append((frame, frame.f_lasti, frame.f_lineno))
    for entry in reversed(kept):
        trace = types.TracebackType(trace, *entry)
    return trace


def _is_own(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0] == "pyodide_ssl"


def _hook_arguments():
    """The type of what ``sys.unraisablehook`` takes. It has no name in Python: an exception in a finalizer shows one."""
    global _hook_arguments_type
    if _hook_arguments_type is None:

        class Raising:
            def __del__(self):
                raise RuntimeError

        seen = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda arguments: seen.append(type(arguments))
        try:
            Raising()
        finally:
            sys.unraisablehook = hook
        _hook_arguments_type = seen[0]
    return _hook_arguments_type


_hook_arguments_type = None
