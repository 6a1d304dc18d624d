"""``_thread._local``: attributes of which each thread has its own; follows ``_threadmodule.c``.

The instance's dictionary is exchanged whenever it is another thread that looks.
"""

import weakref

from pyodide_ssl._c_types import plain_c_type
from pyodide_ssl._thread_state import running


class _local:
    """Thread-local data"""

    # Whose dictionary the instance has now; the dictionaries of all threads; what __init__ was called with.
    __slots__ = ("__dict__", "__weakref__", "_local__arguments", "_local__dictionaries", "_local__owner")
    __module__ = "_thread"

    def __new__(cls, /, *args, **kwargs):
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self = object.__new__(cls)
        _set_arguments(self, (args, kwargs))
        _set_dictionaries(self, {})
        _adopt(self, running.thread, {})
        return self

    def __getattribute__(self, name, /):
        if _owner_of(self) is not running.thread:
            _switch(self)
        return _get(self, name)

    def __setattr__(self, name, value, /):
        if name == "__dict__":
            raise _read_only(self)
        if _owner_of(self) is not running.thread:
            _switch(self)
        _set(self, name, value)

    def __delattr__(self, name, /):
        if name == "__dict__":
            raise _read_only(self)
        if _owner_of(self) is not running.thread:
            _switch(self)
        _delete(self, name)


_get, _set, _delete = object.__getattribute__, object.__setattr__, object.__delattr__
_owner_of, _set_owner = _local._local__owner.__get__, _local._local__owner.__set__
_dictionaries_of, _set_dictionaries = _local._local__dictionaries.__get__, _local._local__dictionaries.__set__
_arguments_of, _set_arguments = _local._local__arguments.__get__, _local._local__arguments.__set__

# Out of sight: a subclass may have attributes of these names.
for _slot in ("_local__owner", "_local__dictionaries", "_local__arguments"):
    delattr(_local, _slot)
plain_c_type(_local)


def _switch(self):
    """Give *self* the dictionary of the running thread; a thread that comes for the first time runs ``__init__``."""
    thread = running.thread
    dictionary = _dictionaries_of(self).get(thread)
    if dictionary is not None:
        _set(self, "__dict__", dictionary)
        _set_owner(self, thread)
        return
    _adopt(self, thread, {})
    cls = type(self)
    if cls.__init__ is not object.__init__:
        args, kwargs = _arguments_of(self)
        try:
            cls.__init__(self, *args, **kwargs)
        except BaseException:
            _dictionaries_of(self).pop(thread, None)
            _set_owner(self, None)
            raise


def _adopt(self, thread, dictionary):
    _dictionaries_of(self)[thread] = dictionary
    thread.locals.add(weakref.ref(self, thread.locals.discard))
    _set(self, "__dict__", dictionary)
    _set_owner(self, thread)


def forget(thread):
    """*thread* ends, and with it what it had in thread-local objects."""
    references, thread.locals = thread.locals, set()
    for reference in references:
        self = reference()
        if self is not None:
            if _owner_of(self) is thread:
                _set(self, "__dict__", {})
                _set_owner(self, None)
            _dictionaries_of(self).pop(thread, None)


def _name(self):
    return "_thread._local" if type(self) is _local else type(self).__name__


def _read_only(self):
    return AttributeError(f"'{_name(self)}' object attribute '__dict__' is read-only", name="__dict__", obj=self)
