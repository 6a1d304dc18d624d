"""verify_flags: what may be set, and what is read back."""
import ssl

import _ssl
from observe import observe

FLAGS = {name: int(flag) for name, flag in ssl.VerifyFlags.__members__.items()}


def raw(*values, protocol=ssl.PROTOCOL_TLS_CLIENT):
    context = _ssl._SSLContext(int(protocol))
    for value in values:
        context.verify_flags = value
    return context.verify_flags


def enum(*values):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for value in values:
        context.verify_flags = value
    return repr(context.verify_flags)


observe("at first", lambda: [raw(), enum(), raw(protocol=ssl.PROTOCOL_TLS_SERVER)])
observe("of the default contexts", lambda: [repr(ssl.create_default_context().verify_flags), repr(ssl._create_unverified_context().verify_flags)])
for name, flag in FLAGS.items():
    observe(name, lambda: [raw(flag), raw(flag, 0), enum(flag)])
observe("all", lambda: raw(sum(FLAGS.values())))
observe("none", lambda: [raw(0), enum(0)])
for bit in (1, 7, 16, 30, 31, 32, 40, 62, 63, 64):
    observe(f"bit {bit}", lambda: [raw(1 << bit), raw((1 << bit) - 1)])
observe("negative", lambda: [raw(-1), raw(-(1 << 40)), raw(-(1 << 63))])
observe("far too large", lambda: raw(1 << 200))
observe("bits above the low half are cleared again", lambda: [raw(1 << 40, 4), raw(1 << 40 | 4, 1 << 40)])
observe("a flag of ssl", lambda: enum(ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT))
observe("True", lambda: raw(True))
observe("a float", lambda: raw(1.0))
observe("a text", lambda: raw("4"))
observe("None", lambda: raw(None))
observe("an object with an index", lambda: raw(type("Index", (), {"__index__": lambda self: 4})()))
observe("deleted", lambda: delattr(_ssl._SSLContext(16), "verify_flags"))
observe("deleted from a context", lambda: delattr(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "verify_flags"))
