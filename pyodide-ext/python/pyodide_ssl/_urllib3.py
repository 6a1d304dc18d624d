"""urllib3 uses sockets, although ``sys.platform`` is ``"emscripten"``.

On that platform urllib3 replaces its connection classes, when imported, by ones over the browser's fetch
(``urllib3.contrib.emscripten``). With real sockets its own are better: certificates are checked by Python, CORS does not apply,
and every part of requests works. Without a way to the network nothing is changed here.
"""

import importlib
import importlib.machinery
import sys
import types

_CONTRIB = "urllib3.contrib.emscripten"


def use_sockets():
    """Make urllib3 use its own connection classes, whether it is imported already or later."""
    sys.meta_path.insert(0, _Finder())
    if _CONTRIB in sys.modules:
        _restore()


def _restore():
    """Take back what ``inject_into_urllib3`` did. The originals are still in ``urllib3.connectionpool``."""
    import urllib3.connection
    import urllib3.connectionpool

    pool = urllib3.connectionpool
    pool.HTTPConnectionPool.ConnectionCls = pool.HTTPConnection
    pool.HTTPSConnectionPool.ConnectionCls = pool.HTTPSConnection
    urllib3.connection.HTTPConnection = pool.HTTPConnection
    urllib3.connection.HTTPSConnection = pool.HTTPSConnection
    urllib3.connection.VerifiedHTTPSConnection = pool.HTTPSConnection
    sys.modules[_CONTRIB].inject_into_urllib3 = inject_into_urllib3


def use_fetch():
    """Take back ``use_sockets``: urllib3 does again what it does on this platform."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    for name in [name for name in sys.modules if name == _CONTRIB or name.startswith(f"{_CONTRIB}.")]:
        del sys.modules[name]
    if "urllib3" in sys.modules:
        importlib.import_module(_CONTRIB).inject_into_urllib3()


def inject_into_urllib3():
    """Does nothing: there are sockets, so urllib3 keeps its own connection classes."""


class _Finder:
    """Finds ``urllib3.contrib.emscripten`` as a package whose ``inject_into_urllib3`` does nothing."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != _CONTRIB:
            return None
        original = importlib.machinery.PathFinder.find_spec(fullname, path)
        if original is None:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(), origin=original.origin, is_package=True)
        spec.submodule_search_locations = original.submodule_search_locations
        return spec


class _Loader:
    def create_module(self, spec):
        return types.ModuleType(spec.name, "urllib3's connections over fetch, not in use: there are sockets.")

    def exec_module(self, module):
        module.inject_into_urllib3 = inject_into_urllib3
