"""``_ssl.Certificate``, and the shape in which ``_ssl`` describes certificates."""

import json

from pyodide_ssl._c_types import c_type
from pyodide_ssl._tls_arguments import clinic_int
from pyodide_ssl._tls_bridge import Handle, bridge, checked, to_bytes


class _Encoding(int):
    """A default that reads as natively: the number is ``ENCODING_PEM``."""

    def __repr__(self):
        return "Encoding.PEM"


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
    return None if handles is None else [None if handle is None else _new(Handle(handle)) for handle in handles]


class Certificate:
    __module__ = "_ssl"
    __slots__ = ("_state",)

    def public_bytes(self, /, format=_Encoding(1)):
        result = checked(bridge.certificateBytes(_handle(self), clinic_int(format)))
        return result if isinstance(result, str) else to_bytes(result)

    def get_info(self, /):
        return certificate_info(checked(bridge.certificateInfo(_handle(self))))

    def __repr__(self, /):
        return f"<_ssl.Certificate '{checked(bridge.certificateText(_handle(self)))}'>"

    def __hash__(self, /):
        return bridge.certificateHash(_handle(self))

    def __eq__(self, value, /):
        if type(value) is not Certificate:
            return NotImplemented
        return bridge.certificateEquals(_handle(self), _handle(value))

    def __ne__(self, value, /):
        if type(value) is not Certificate:
            return NotImplemented
        return not bridge.certificateEquals(_handle(self), _handle(value))

    def __lt__(self, value, /):
        return NotImplemented

    __le__ = __gt__ = __ge__ = __lt__


_handle, _new = c_type(Certificate, can_be_called=False)
