"""Garbage collection while stacks are suspended.

CPython's own collections, those that begin by themselves, walk along the frames of all thread states. Some of these frames lie
on the C stack, and what a suspended stack had there is put away by Pyodide 314.0.0 to 314.0.7: the collector reads what others
have written meanwhile, and crashes (pyodide issue 6464). Collections that are asked for walk along no frames, but for those of
generation 1. So on exactly these versions CPython's own collections are off while a stack is suspended, and we ask for
collections by CPython's thresholds whenever control changes hands. To go when those versions are no longer supported.
"""

import gc

import pyodide
from _pyodide_ssl_js import threads as _threads

IS_NEEDED = pyodide.__version__ in [f"314.0.{patch}" for patch in range(8)]

_collect, _disable, _enable, _isenabled = gc.collect, gc.disable, gc.enable, gc.isenabled
_get_count, _get_threshold = gc.get_count, gc.get_threshold

# Stacks that are suspended, and whether the program wants garbage to be collected.
_suspended = 0
_is_wanted = True
# Whether JavaScript calls `collect_regularly`, for who never gives control away: programs that only await.
_is_watched = False

# After so many young collections a full one, if what survived them is a quarter of all: CPython's rule before 3.14.
_YOUNG_PER_FULL = 10
_young = 0
_survivors = 0
_total = 0


def before_suspension():
    """The running stack is about to be suspended."""
    global _is_wanted, _is_watched, _suspended
    if _suspended == 0:
        _is_wanted = _isenabled()
        _disable()
        if not _is_watched:
            _is_watched = True
            _threads.collectRegularly(True)
    else:
        collect_if_due()
    _suspended += 1


def after_suspension():
    """The stack goes on."""
    global _suspended
    _suspended -= 1
    if _suspended:
        collect_if_due()
    elif _is_wanted:
        _enable()


def collect_if_due():
    """Collect when CPython would have begun to."""
    global _survivors, _total, _young
    if not _is_wanted:
        return
    count, limit = _get_count()[0], _get_threshold()[0]
    if not 0 < limit < count:
        return
    if _young >= _YOUNG_PER_FULL and _survivors * 4 >= _total:
        _collect()
        _total = len(gc.get_objects())
        _survivors = _young = 0
    else:
        _survivors += max(count - _collect(0), 0)
        _young += 1


def collect_regularly():
    """Called now and then by JavaScript, with no Python on the stack; ends that when nothing is suspended."""
    global _is_watched
    if _suspended:
        collect_if_due()
    else:
        _is_watched = False
        _threads.collectRegularly(False)


def is_any_suspended():
    """Whether a stack is suspended, besides the one that runs."""
    return _suspended > 0


def replace_functions():
    """Let ``gc``'s switch be the program's wish, which it gets whenever it is safe."""
    if IS_NEEDED:
        gc.enable, gc.disable, gc.isenabled, gc.collect = enable, disable, isenabled, collect


def enable():
    """Enable automatic garbage collection."""
    global _is_wanted
    _is_wanted = True
    if not _suspended:
        _enable()


def disable():
    """Disable automatic garbage collection."""
    global _is_wanted
    _is_wanted = False
    _disable()


def isenabled():
    """Returns true if automatic garbage collection is enabled."""
    return _is_wanted if _suspended else _isenabled()


def collect(generation=2):
    """Run the garbage collector.

    With no arguments, run a full collection.  The optional argument
    may be an integer specifying which generation to collect.  A ValueError
    is raised if the generation number is invalid.

    The number of unreachable objects is returned."""
    if generation == 1 and _suspended:
        generation = 2
    return _collect(generation)
