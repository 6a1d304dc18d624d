"""Real TLS and sockets for Python in WebAssembly.

``install()`` in JavaScript puts this package into Pyodide and with it CPython's own ``ssl`` over OpenSSL, and ``socket`` over
a gateway (in browsers) or TCP (on Node). Programs need not import anything from here: ``ssl``, ``socket``, ``select`` and all
that build on them are real afterwards.

A call that must wait where JavaScript has called Python so that it cannot be suspended raises ``BlockingImpossibleError``.
"""

from pyodide_ssl._blocking import BlockingImpossibleError

__all__ = ["BlockingImpossibleError"]
__version__ = "0.1.0"
