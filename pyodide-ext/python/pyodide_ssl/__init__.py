"""Real TLS and sockets for Python in WebAssembly.

In a page that installs the wheel::

    import pyodide_ssl
    pyodide_ssl.install(gateway="wss://gateway.example/")

From then on ``ssl``, ``socket``, ``select``, threads and all that build on them are real: CPython's own ``ssl`` over OpenSSL,
sockets over a gateway (in browsers) or TCP (on Node). Programs need not import anything else from here. Where JavaScript's
``install()`` or ``createPython()`` put this package into Python, all of that is done already.

A call that must wait where JavaScript has called Python so that it cannot be suspended raises ``BlockingImpossibleError``.
"""

import sys

if sys.platform != "emscripten":
    raise ImportError("pyodide_ssl is for Python in WebAssembly (Pyodide); this Python has sockets and ssl of its own")

from pyodide_ssl._errors import BlockingImpossibleError, ConfigurationError

__all__ = ["BlockingImpossibleError", "ConfigurationError", "install", "install_async", "uninstall"]
__version__ = "0.1.0"


def __getattr__(name):
    if name in ("install", "install_async", "uninstall"):
        from pyodide_ssl import _install

        return getattr(_install, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
