"""Tracing, profiling and monitoring while stacks are suspended.

Switching them on or off walks along the frames of all thread states, and crashes as CPython's own garbage collection does: see
``_collection``. While a stack is suspended they stay as they are, with a warning. To go together with the other.
"""

import sys
import warnings

from pyodide_ssl import _collection

_FUNCTIONS = (
    (sys, "settrace"),
    (sys, "setprofile"),
    (sys, "_settraceallthreads"),
    (sys, "_setprofileallthreads"),
    (sys.monitoring, "set_events"),
    (sys.monitoring, "set_local_events"),
    (sys.monitoring, "clear_tool_id"),
    (sys.monitoring, "free_tool_id"),
)


def replace_functions():
    """Let the functions have an effect only when it is safe."""
    if _collection.IS_NEEDED:
        for owner, name in _FUNCTIONS:
            setattr(owner, name, _guarded(getattr(owner, name), f"{owner.__name__}.{name}()"))


def _guarded(function, name):
    def guarded(*args):
        if not _collection.is_any_suspended():
            return function(*args)
        if args != (None,) or (sys.gettrace() or sys.getprofile()) is not None:
            warnings.warn(
                f"{name} has no effect here: threads or other stacks are suspended, and Pyodide would crash. "
                "Call it before they begin to wait.",
                RuntimeWarning,
                stacklevel=2,
            )
        return None

    guarded.__name__, guarded.__doc__ = function.__name__, function.__doc__
    return guarded
