"""The exceptions of ``_ssl``, and how failure records of the TLS bridge become exceptions.

The classes follow ``sslmodule_init_exceptions`` of ``_ssl.c``; their public home is ``ssl``.
"""

import errno
import json
import os

from pyodide_ssl import _os_error


class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    __module__ = "ssl"
    __slots__ = ()

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""

    __module__ = "ssl"


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""

    __module__ = "ssl"


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data
    before the requested operation can be completed."""

    __module__ = "ssl"


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data
    before the requested operation can be completed."""

    __module__ = "ssl"


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""

    __module__ = "ssl"


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""

    __module__ = "ssl"


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
