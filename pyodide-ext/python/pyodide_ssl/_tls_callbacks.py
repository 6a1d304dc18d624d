"""Callbacks from OpenSSL: the one Python function that JavaScript holds, and whom it calls.

A callback comes only while an operation that Python began is under way, in the same call stack. So the object whose operation
it is lies on ``running``, and JavaScript keeps no reference to contexts, connections or callables: all of them are collected
as in CPython.
"""

from pyodide.ffi import create_proxy

from pyodide_ssl._tls_arguments import buffer, c_long
from pyodide_ssl._tls_bridge import bridge, stage
from pyodide_ssl._unraisable import frames_of_program, unraisable

# The contexts and connections whose operations are under way, innermost last: what they hold (``Settings``, ``Connection``), and
# they themselves.
running = []

# What tells JavaScript that there is no answer: fail, or (SNI) go on.
_NONE = -1

_INTERNAL_ERROR, _HANDSHAKE_FAILURE = 80, 40


def _dispatch(kind, *arguments):
    return _CALLS[kind](*running[-1], *arguments)


def _password(settings, _context):
    """``_password_callback``: the length of what was staged."""
    try:
        return stage(settings.ask_password())
    except BaseException as error:
        settings.kept = error
        return _NONE


def _server_name(connection, face, name):
    """``_servername_callback``: an alert, or none."""
    callback = connection.settings.sni_callback
    if callback is None:
        return _NONE
    what = "Exception ignored in ssl servername callback"
    target = connection.target(face)
    if target is None:
        return _INTERNAL_ERROR
    if name is not None and not name.isascii():
        name = name.encode()
        unraisable(UnicodeDecodeError("ascii", name, 0, 1, "ordinal not in range(128)"), f"{what} while decoding name {name!r}")
        return _INTERNAL_ERROR
    try:
        result = callback(target, name, connection.context)
    except BaseException as error:
        unraisable(error, f"{what} while calling set SNI callback {callback!r}")
        return _HANDSHAKE_FAILURE
    if result is None:
        return _NONE
    try:
        return c_long(result) & 0xFFFFFFFF
    except BaseException as error:
        unraisable(error, f"{what} while calling set SNI callback (result={result!r})")
        return _INTERNAL_ERROR


def _message(connection, face, direction, version, content_type, message_type, data):
    """``_PySSL_msg_callback``: an exception is raised by the operation under way, when it ends."""
    callback = connection.settings.message_callback
    if callback is None:
        return
    try:
        callback(connection.target(face), direction, version, content_type, message_type, data.to_bytes())
    except BaseException as error:
        connection.kept = error.with_traceback(frames_of_program(error.__traceback__))


def _psk_client(connection, _face, hint):
    """``psk_client_callback``: the lengths of identity and key, packed, with both staged one after the other."""
    callback = connection.settings.psk_client_callback
    try:
        result = callback(hint or None)
        if not isinstance(result, tuple):
            raise SystemError("new style getargs format but argument is not a tuple")
        if len(result) != 2:
            raise TypeError(f"function takes exactly 2 arguments ({len(result)} given)")
        identity = b"" if result[0] is None else _bytes_of(result[0], 1, str)
        key = _bytes_of(result[1], 2)
    except BaseException as error:
        unraisable(error, f"Exception ignored in ssl PSK client callback while calling callback {callback!r}")
        return _NONE
    stage(identity + key)
    return len(identity) * 65536 + len(key)


def _psk_server(connection, _face, identity):
    """``psk_server_callback``: the length of the key that was staged."""
    callback = connection.settings.psk_server_callback
    try:
        result = callback(identity or None)
        if not isinstance(result, bytes):
            raise TypeError(f"expected bytes, {type(result).__name__} found")
    except BaseException as error:
        unraisable(error, f"Exception ignored in ssl PSK server callback while calling callback {callback!r}")
        return _NONE
    return stage(result)


def _bytes_of(value, place, *others):
    """Formats ``y#`` and, with str, ``z#``."""
    if isinstance(value, others):
        return value.encode()
    with memoryview(buffer(value)) as view:
        if not view.readonly:
            kind = type(value).__name__
            raise TypeError(f"argument {place} must be read-only bytes-like object, not {kind}")
        return bytes(view)


_CALLS = {
    "password": _password,
    "serverName": _server_name,
    "message": _message,
    "pskClient": _psk_client,
    "pskServer": _psk_server,
}


bridge.setDispatcher(create_proxy(_dispatch))
