"""The exceptions of ``_ssl``, and how failure records of the TLS bridge become exceptions.

The classes follow ``sslmodule_init_exceptions`` of ``_ssl.c``; their public home is ``ssl``.
"""

import errno
import json
import os

from pyodide_ssl import _os_error
from pyodide_ssl._c_types import plain_c_type


class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    __module__ = "ssl"
    __slots__ = ()

    def __str__(self, /):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


plain_c_type(SSLError)


def _error(name, doc, bases=(SSLError,)):
    """``PyErr_NewExceptionWithDoc``."""
    return type(name, bases, {"__doc__": doc, "__module__": "ssl"})


SSLCertVerificationError = _error(
    "SSLCertVerificationError", "A certificate could not be verified.", (SSLError, ValueError)
)
SSLZeroReturnError = _error("SSLZeroReturnError", "SSL/TLS session closed cleanly.")
SSLWantReadError = _error(
    "SSLWantReadError",
    "Non-blocking SSL socket needs to read more data\nbefore the requested operation can be completed.",
)
SSLWantWriteError = _error(
    "SSLWantWriteError",
    "Non-blocking SSL socket needs to write more data\nbefore the requested operation can be completed.",
)
SSLSyscallError = _error("SSLSyscallError", "System error when attempting SSL operation.")
SSLEOFError = _error("SSLEOFError", "SSL/TLS connection terminated abruptly.")

_KINDS = {
    cls.__name__: cls
    for cls in (
        SSLError,
        SSLCertVerificationError,
        SSLZeroReturnError,
        SSLWantReadError,
        SSLWantWriteError,
        SSLSyscallError,
        SSLEOFError,
        ValueError,
        TypeError,
        OverflowError,
        MemoryError,
        NotImplementedError,
    )
}


def exception_of(failure):
    """The exception that CPython would raise for *failure*, a JSON record of ``shim/ssl/failure.ts``."""
    record = json.loads(failure)
    kind = record["kind"]
    if kind == "OSError":
        return _os_error_of(record)
    cls = _KINDS[kind]
    message = record["message"]
    code = record["code"]
    if not issubclass(cls, SSLError):
        return cls(message) if message else cls()
    error = cls(message) if code is None else cls(code, message)
    # fill_and_set_sslerror sets these; exceptions that CPython raises with a text alone lack them.
    if "library" in record:
        error.reason = record["reason"]
        error.library = record["library"]
    if "verifyCode" in record:
        error.verify_code = record["verifyCode"]
        error.verify_message = record["verifyMessage"]
    return error


def text_error(text, line):
    """``_setSSLError`` with a text of ``_ssl`` itself, at a line of ``_ssl.c``."""
    error = SSLError(0, f"{text} (_ssl.c:{line})")
    error.reason = error.library = None
    return error


def _os_error_of(record):
    code = record["errno"]
    message = record["message"]
    if hasattr(errno, code) and not message and code not in _os_error._TEXTS:
        message = os.strerror(getattr(errno, code))
    error = _os_error.os_error(code, message)
    if "filename" in record:
        return OSError(error.errno, error.strerror, record["filename"])
    return error
