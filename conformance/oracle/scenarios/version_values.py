"""minimum_version and maximum_version: values, warnings, protocols of one version."""
import ssl
import warnings

import _ssl
from observe import observe

PROTOCOLS = ("PROTOCOL_TLS", "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1_2")
VALUES = (-2, -1, 0, 1, 0x300, 0x301, 0x302, 0x303, 0x304, 0x305, -3, 1 << 31, 1 << 40, 1 << 63, 1 << 70, -(1 << 31), -(1 << 40), -(1 << 70))


def warned(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function()
        except Exception as error:
            result = error
    return [result, [[warning.category.__name__, str(warning.message), warning.filename.rpartition("/")[2], warning.lineno] for warning in caught]]


def set_raw(name, value, protocol=16):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = _ssl._SSLContext(protocol)

    def change():
        setattr(context, name, value)
        return getattr(context, name)

    return warned(change)


for name in ("minimum_version", "maximum_version"):
    for value in VALUES:
        observe(f"{name} = {value:#x}", lambda: set_raw(name, value))
    for value in (None, "771", 771.0, True, type("Index", (), {"__index__": lambda self: 771})()):
        observe(f"{name} = {type(value).__name__}", lambda: set_raw(name, value))
    observe(f"{name} deleted", lambda: delattr(_ssl._SSLContext(16), name))
    for protocol in PROTOCOLS:
        observe(f"{name} of {protocol}", lambda: set_raw(name, 0x303, getattr(_ssl, protocol)))
        observe(f"{name} unknown of {protocol}", lambda: set_raw(name, 5, getattr(_ssl, protocol)))

for protocol in PROTOCOLS:
    observe(f"making {protocol}", lambda: warned(lambda: _ssl._SSLContext(getattr(_ssl, protocol)).protocol))
    observe(f"making ssl's {protocol}", lambda: warned(lambda: repr(ssl.SSLContext(getattr(ssl, protocol)).protocol)))
observe("making one without a protocol", lambda: warned(lambda: repr(ssl.SSLContext().protocol)))


def of_fixed(protocol):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = ssl.SSLContext(getattr(ssl, protocol))
    return [repr(context.minimum_version), repr(context.maximum_version)]


observe("bounds of a fixed version", lambda: of_fixed("PROTOCOL_TLSv1_2"))
observe("ssl's setters", lambda: warned(lambda: setattr(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "minimum_version", ssl.TLSVersion.TLSv1_1)))
observe("ssl's setters, SSLv3", lambda: warned(lambda: [setattr(context := ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "minimum_version", ssl.TLSVersion.SSLv3), repr(context.minimum_version)]))


def crossed():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    side = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    return side.do_handshake()


observe("bounds that cross", crossed)
