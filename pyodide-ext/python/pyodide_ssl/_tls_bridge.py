"""The TLS bridge's functions, bound once, and the handles by which Python owns what lives in OpenSSL."""

import json

from _pyodide_ssl_js import ssl as _calls

from pyodide_ssl._tls_errors import exception_of

# Outcomes that are not values: ssl-bridge.ts.
WANT_READ, WANT_WRITE, FAILED = -1, -2, -1000

# The largest piece that crosses from Python at once: docs/decisions/0005-moving-bytes.md.
ROOM_SIZE = 256 * 1024

# With these begins what OpenSSL does: the other calls take what they made.
_FIRST_CALLS = frozenset(
    (
        "newContext",
        "newBio",
        "txt2obj",
        "nid2obj",
        "randBytes",
        "randAdd",
        "randStatus",
        "getDefaultVerifyPaths",
        "getSigalgs",
        "testDecodeCert",
    )
)


class _Bridge:
    """The bridge's functions. OpenSSL is loaded by the first call that needs it: a program without TLS does without it."""

    def __getattr__(self, name):
        call = getattr(_calls, name)
        if name in _FIRST_CALLS:
            call = _loading_first(call)
        setattr(self, name, call)
        return call


def _loading_first(call):
    def first(*args):
        if _calls.load() is not None:
            _wait_until_loaded()
        return call(*args)

    return first


def _wait_until_loaded():
    from pyodide.ffi import JsException
    from pyodide_ssl._blocking import result_of

    try:
        result_of(_calls.load, "load OpenSSL")
    except JsException as error:
        raise ImportError(f"TLS is not there: {error.message}") from None


bridge = _Bridge()
_failure = bridge.failure
_free = bridge.free
_room = bridge.room

_module = json.loads(bridge.module())

# Every constant of _ssl by name, and the lines of _ssl.c that texts name.
CONSTANTS = {name: tuple(value) if isinstance(value, list) else value for name, value in _module["constants"].items()}
LINES = _module["lines"]

# What OpenSSL would say of the object identifiers that ssl.py asks for when it is imported.
OBJECTS = {oid: tuple(value) for oid, value in _module["objects"].items()}


class Handle(int):
    """A number for something in OpenSSL; the thing is freed with the number.

    The objects of ``_ssl`` hold one each. It is no finalizer of theirs, so that a subclass can't lose it, and so that they
    look as CPython's do.
    """

    __slots__ = ()

    def __del__(self, _free=_free):
        _free(self)


def failure():
    """The exception for the call of the bridge that has just answered FAILED."""
    return exception_of(_failure())


def checked(result):
    """*result*, unless it tells of a failure, which is raised."""
    if type(result) is int and result == FAILED:
        raise failure()
    return result


def owned(result):
    """A handle for a new thing's number; raises if there is none."""
    return Handle(checked(result))


def stage(data):
    """Put *data*, anything with the buffer protocol, where the next call of the bridge finds it; answers its length."""
    view = data if type(data) is bytes else memoryview(data).cast("B")
    length = len(view)
    array = _room(length)
    if length:
        array.assign(view)
    return length


def to_bytes(array):
    """``bytes`` of a byte array from JavaScript."""
    return array.to_bytes()
