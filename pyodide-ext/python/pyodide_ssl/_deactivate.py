"""Puts back what there was before ``_activate``: Pyodide's own modules, in the module objects, and the references to them."""

import gc
import importlib
import os
import sys
import time
import types

from pyodide_ssl import (
    _activate,
    _collection,
    _descriptors,
    _event_loop,
    _pbkdf2,
    _repair,
    _thread_event_loop,
    _thread_surroundings,
    _threads,
    _urllib3,
)

_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

_before = None


def remember(old, finder):
    """What ``activate`` is about to make unreachable: the namespaces of the modules as they were."""
    global _before
    _before = (old, finder, {name: os.environ.get(name) for name in _VARIABLES})


def deactivate():
    """Put everything back. Sockets and connections are closed by JavaScript afterwards.

    Raises RuntimeError while threads are running: they could not go on.
    """
    global _before
    if _threads.count():
        raise RuntimeError("pyodide-ssl cannot be uninstalled while threads are running: join them first")
    old, finder, variables = _before
    _before = None
    _close_sockets()
    _descriptors.put_back()
    _pbkdf2.withdraw()
    _event_loop.withdraw()
    _thread_event_loop.put_back()
    _drop_kept_contexts()
    sys.meta_path.remove(finder)
    modules = {name: sys.modules[name] for name in _repair._MODULES if name in sys.modules}
    now = {name: dict(vars(module)) for name, module in modules.items()}
    for name, module in modules.items():
        _activate._refill(module, old[name] if name in old else _fresh(name))
    pairs = _put_back_surroundings(now["_thread"], old["_thread"])
    # Functions of other modules of ours, which the repair cannot know to be those of Python's.
    pairs += [
        (value, old[name][key])
        for name in old
        for key, value in now[name].items()
        if isinstance(value, (type, types.FunctionType)) and value is not old[name].get(key, value)
    ]
    _repair.repair(now, pairs)
    _urllib3.use_fetch()
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _forget_modules()


def _close_sockets():
    """Sockets that programs still hold: afterwards their own functions are gone."""
    import _socket

    for held in gc.get_objects():
        if isinstance(held, _socket.socket):
            _socket.socket.close(held)


def _drop_kept_contexts():
    """urllib keeps the handlers of its first request, with a context of ours in them: it makes new ones when there are none."""
    if "urllib.request" in sys.modules:
        sys.modules["urllib.request"]._opener = None


def _fresh(name):
    """The namespace of a module that nobody had imported before."""
    kept = sys.modules.pop(name)
    try:
        return dict(vars(importlib.import_module(name)))
    finally:
        sys.modules[name] = kept


def _put_back_surroundings(now, before):
    """What ``_thread_surroundings.replace`` replaced; answers the pairs of what there is and what is to be."""
    import pyodide.ffi
    from pyodide import webloop

    ours = _thread_surroundings
    time.sleep = ours._time_sleep
    webloop._sleep, webloop._orig_sleep = ours._webloop_sleep, ours._sleep
    pyodide.ffi.run_sync = webloop.run_sync = ours._run_sync
    if _collection.IS_NEEDED:
        gc.enable, gc.disable = _collection._enable, _collection._disable
        gc.isenabled, gc.collect = _collection._isenabled, _collection._collect
    pairs = [(ours.sleep, ours._time_sleep), (ours.run_sync, ours._run_sync)]
    successors = {now["lock"]: before["lock"], now["RLock"]: before["RLock"]}
    for held in gc.get_objects():
        if type(held) in successors and not held.locked():
            pairs.append((held, successors[type(held)]()))
    return pairs


def _forget_modules():
    """Our modules hold functions of JavaScript that are no more: the next installation imports them afresh."""
    for name in ("_pyodide_ssl_js", *_activate._KEPT.values()):
        sys.modules.pop(name, None)
    package = sys.modules["pyodide_ssl"]
    stay = {"pyodide_ssl._install", "pyodide_ssl._errors"}
    for name in [name for name in sys.modules if name.startswith("pyodide_ssl.") and name not in stay]:
        vars(package).pop(name.removeprefix("pyodide_ssl."), None)
        del sys.modules[name]
