"""The types of `_ssl`: what can't be set on them, derived from them, made of them."""
import _ssl

from observe import observe

TYPES = ("_SSLContext", "_SSLSocket", "MemoryBIO", "SSLSession", "Certificate", "SSLError")
ERRORS = ("SSLCertVerificationError", "SSLEOFError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError")

for name in TYPES:
    kind = getattr(_ssl, name)
    observe(f"{name}: its type", lambda: type(kind) is type)
    observe(f"{name}: a new attribute", lambda: setattr(kind, "x", 1))
    observe(f"{name}: its name", lambda: setattr(kind, "__name__", "Other"))
    observe(f"{name}: its text", lambda: setattr(kind, "__repr__", None))
    observe(f"{name}: deleting", lambda: delattr(kind, "__doc__"))
    observe(f"{name}: its bases", lambda: setattr(kind, "__bases__", (object,)))
    observe(f"{name}: as a base", lambda: type("Derived", (kind,), {}).__mro__[1].__name__)
    observe(f"{name}: an unknown member", lambda: kind.unknown)
    observe(f"{name}: flags", lambda: [bool(kind.__flags__ & 1 << bit) for bit in (7, 8, 9, 10)])

for name in ("_SSLSocket", "SSLSession", "Certificate"):
    kind = getattr(_ssl, name)
    observe(f"{name}: called", lambda: kind())
    observe(f"{name}: called with arguments", lambda: kind(1, x=2))
    observe(f"{name}: by object", lambda: object.__new__(kind))
    observe(f"{name}: by its own __new__", lambda: kind.__new__(kind))

observe("_SSLContext: called without a protocol", lambda: _ssl._SSLContext())
observe("_SSLContext: called with two", lambda: _ssl._SSLContext(16, 17))
observe("_SSLContext: called with a name", lambda: _ssl._SSLContext(protocol=16))
observe("_SSLContext: called with a text", lambda: _ssl._SSLContext("16"))
observe("_SSLContext: called with a float", lambda: _ssl._SSLContext(16.0))
observe("_SSLContext: an unknown protocol", lambda: _ssl._SSLContext(99))
observe("_SSLContext: a huge protocol", lambda: _ssl._SSLContext(1 << 40))
observe("_SSLContext: unknown member of an instance", lambda: _ssl._SSLContext(16).unknown)
observe("_SSLContext: new member of an instance", lambda: setattr(_ssl._SSLContext(16), "unknown", 1))
observe("MemoryBIO: called with an argument", lambda: _ssl.MemoryBIO(1))
observe("MemoryBIO: called with a name", lambda: _ssl.MemoryBIO(x=1))
observe("MemoryBIO: new member of an instance", lambda: setattr(_ssl.MemoryBIO(), "unknown", 1))

for name in ERRORS:
    kind = getattr(_ssl, name)
    observe(f"{name}: a new attribute", lambda: [setattr(kind, "extra", 1), kind.extra, delattr(kind, "extra")])
    observe(f"{name}: bases", lambda: [base.__name__ for base in kind.__bases__])
