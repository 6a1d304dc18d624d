"""``_ssl.Certificate``, and the shape in which ``_ssl`` describes certificates."""

import json

from pyodide_ssl._tls_arguments import clinic_int, not_instantiable
from pyodide_ssl._tls_bridge import Handle, bridge, checked, to_bytes

_PEM = 1


def certificate_info(text):
    """The dict of ``getpeercert()`` from JSON, where lists stand for tuples and ``{"hex": …}`` for bytes."""
    return {key: _tuples(value) for key, value in json.loads(text).items()}


def _tuples(value):
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value


def certificates(text):
    """A list of ``Certificate`` from a JSON list of handles, where null stands for None; None for null."""
    handles = json.loads(text)
    return None if handles is None else [None if handle is None else _new(handle) for handle in handles]


def _new(handle):
    self = object.__new__(Certificate)
    self._handle = Handle(handle)
    return self


@not_instantiable
class Certificate:
    __module__ = "_ssl"
    __slots__ = ("_handle",)

    def public_bytes(self, /, format=_PEM):
        result = checked(bridge.certificateBytes(self._handle, clinic_int(format)))
        return result if isinstance(result, str) else to_bytes(result)

    def get_info(self, /):
        return certificate_info(checked(bridge.certificateInfo(self._handle)))

    def __repr__(self):
        return f"<_ssl.Certificate '{checked(bridge.certificateText(self._handle))}'>"

    def __hash__(self):
        return bridge.certificateHash(self._handle)

    def __eq__(self, value, /):
        if type(value) is not Certificate:
            return NotImplemented
        return bridge.certificateEquals(self._handle, value._handle)

    def __ne__(self, value, /):
        if type(value) is not Certificate:
            return NotImplemented
        return not bridge.certificateEquals(self._handle, value._handle)

    def __lt__(self, value, /):
        return NotImplemented

    __le__ = __gt__ = __ge__ = __lt__
