"""Puts the real modules in the place of Pyodide's, inside the module objects that everybody holds already."""

import gc
import importlib
import os
import sys
import types

from pyodide_ssl import _compiled

# Ours and CPython's ssl.py, found in the folder of replacements; and those of the standard library that must run again on
# them. Each comes after what it imports.
_REPLACED = ("_thread", "_queue", "_socket", "select", "_ssl", "ssl")
_ORDER = ("_thread", "threading", "_socket", "select", "socket", "selectors", "_ssl", "ssl")
# These only if somebody has imported them.
_IF_IMPORTED = ("_queue", "queue")

# What Pyodide was built with stays to be had, under these names.
_KEPT = {"_thread": "_thread_builtin", "_socket": "_socket_builtin", "select": "_select_builtin"}


class Finder:
    """Finds the replacements for who imports them afresh or reloads them: before the built-in modules and the stubs.

    And our own modules, compiled; what of Python's library comes compiled; and hashlib, which gets a function more.
    """

    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, fullname, path=None, target=None):
        if fullname in _REPLACED:
            return _compiled.find_own(fullname, f"{self.folder}/{fullname}.py", f"{fullname}.py")
        package, _, name = fullname.rpartition(".")
        key = f"{package}/{name}.py"
        if package == __package__ and _compiled.has(key):
            return _compiled.find_own(fullname, f"{os.path.dirname(__file__)}/{name}.py", key)
        if fullname == "hashlib":
            from pyodide_ssl import _pbkdf2

            return _pbkdf2.find_spec(fullname, path)
        return _compiled.find_later(fullname, path)


def activate(folder, uses_sockets, bundle, is_reversible=False):
    """Make TLS and sockets real. Called once, by ``install()``.

    *folder* holds the replacements. *uses_sockets* tells whether there is a way to the network, so that urllib3 is to use
    sockets. *bundle* is the path of a file of certificates that OpenSSL and requests are to trust, or empty. When it
    *is_reversible*, what there was is kept for ``_deactivate``.
    """
    # So many new objects would have the collector begin again and again, and little of it is garbage.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        _activate(folder, uses_sockets, bundle, is_reversible)
    finally:
        if was_enabled:
            gc.enable()


def _activate(folder, uses_sockets, bundle, is_reversible):
    imported = [name for name in _IF_IMPORTED if name in sys.modules]
    before = {name: importlib.import_module(name) for name in (*_ORDER, *imported)}
    for name, kept in _KEPT.items():
        sys.modules[kept] = _copy(before[name], kept)
    finder = Finder(folder)
    sys.meta_path.insert(0, finder)
    old = {name: dict(vars(module)) for name, module in before.items()}
    try:
        # Before _thread is emptied: importing needs its locks.
        from pyodide_ssl import _thread_surroundings

        for name, module in before.items():
            if name in _REPLACED:
                _empty(module, finder.find_spec(name))
                module.__loader__.exec_module(module)
            else:
                _empty(module, module.__spec__)
                _compiled.execute(module)
        _keep_default_timeout(old["socket"])
        _keep_exit_functions(old["threading"])
        pairs = _thread_surroundings.replace(old["_thread"])
    except BaseException:
        sys.meta_path.remove(finder)
        for name, module in before.items():
            _refill(module, old[name])
        raise
    from pyodide_ssl import _descriptors, _event_loop, _pbkdf2, _repair, _urllib3

    _repair.repair(old, pairs)
    _descriptors.replace()
    _pbkdf2.provide()
    _event_loop.provide()
    if uses_sockets:
        _urllib3.use_sockets()
    _compiled.keep_rest()
    if is_reversible:
        from pyodide_ssl import _deactivate

        _deactivate.remember(old, finder)
    if bundle:
        os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = bundle


def _copy(module, name):
    copy = types.ModuleType(name, module.__doc__)
    vars(copy).update({key: value for key, value in vars(module).items() if key not in ("__name__", "__spec__")})
    return copy


def _empty(module, spec):
    """Leave nothing of what *module* had before, so that *spec* can run in it."""
    names = {
        "__name__": module.__name__,
        "__doc__": None,
        "__package__": spec.parent,
        "__loader__": spec.loader,
        "__spec__": spec,
    }
    if spec.has_location:
        names |= {"__file__": spec.origin, "__cached__": spec.cached}
    _refill(module, names)


def _refill(module, names):
    namespace = vars(module)
    namespace.clear()
    namespace.update(names)


def _keep_exit_functions(old_threading):
    """What is to be called before threads are joined at the end: pools of threads."""
    import threading

    threading._threading_atexits.extend(old_threading["_threading_atexits"])


def _keep_default_timeout(old_socket):
    """Keep the object that means "no timeout given": functions all over the library have it as their default."""
    import socket

    new, kept = socket._GLOBAL_DEFAULT_TIMEOUT, old_socket["_GLOBAL_DEFAULT_TIMEOUT"]
    socket._GLOBAL_DEFAULT_TIMEOUT = kept
    for module in ("socket", "ssl"):
        for function in vars(sys.modules[module]).values():
            if isinstance(function, types.FunctionType):
                _replace_defaults(function, new, kept)
    sys.modules["ssl"]._GLOBAL_DEFAULT_TIMEOUT = kept


def _replace_defaults(function, new, kept):
    if function.__defaults__:
        function.__defaults__ = tuple(kept if value is new else value for value in function.__defaults__)
    if function.__kwdefaults__:
        function.__kwdefaults__ = {
            name: kept if value is new else value for name, value in function.__kwdefaults__.items()
        }
