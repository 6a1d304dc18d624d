"""Implementation module for SSL socket operations.  See the socket module
for documentation."""

# The face of CPython's `_ssl` over OpenSSL in WebAssembly; CPython's own ssl.py runs on it. Each class has a module of its own.
from pyodide_ssl._tls_bridge import CONSTANTS as _CONSTANTS
from pyodide_ssl._tls_certificate import Certificate
from pyodide_ssl._tls_connection import _SSLSocket
from pyodide_ssl._tls_context import _SSLContext
from pyodide_ssl._tls_errors import (
    SSLCertVerificationError,
    SSLEOFError,
    SSLError,
    SSLSyscallError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLZeroReturnError,
)
from pyodide_ssl._tls_functions import (
    RAND_add,
    RAND_bytes,
    RAND_status,
    _test_decode_cert,
    get_default_verify_paths,
    nid2obj,
    txt2obj,
)
from pyodide_ssl._tls_memory_bio import MemoryBIO
from pyodide_ssl._tls_session import SSLSession

globals().update(_CONSTANTS)
del _CONSTANTS

if hasattr(_SSLContext, "set_groups"):  # Python 3.15.
    from pyodide_ssl._tls_functions import get_sigalgs

    HAS_PSK_TLS13 = True
