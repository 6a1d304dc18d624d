"""``hashlib.pbkdf2_hmac``, which CPython has from OpenSSL and Pyodide, built without, has not. SCRAM needs it: databases, mail."""

import operator
import sys
from importlib.machinery import PathFinder

from pyodide_ssl._compiled import StandIn

# As in _hashopenssl.c: what its C types hold.
_LIMIT = 2**31 - 1


def provide():
    """Give hashlib the function where it lacks it. If nobody has imported it, ``find_spec`` does when somebody does."""
    hashlib = sys.modules.get("hashlib")
    if hashlib and not hasattr(hashlib, "pbkdf2_hmac"):
        hashlib.pbkdf2_hmac = pbkdf2_hmac
        hashlib.__all__ += ("pbkdf2_hmac",)


def find_spec(fullname, path):
    """The spec of hashlib, for ``sys.meta_path``; None for all others."""
    spec = PathFinder.find_spec(fullname, path) if fullname == "hashlib" else None
    if spec is not None:
        loader = spec.loader

        def run(module):
            loader.exec_module(module)
            provide()

        spec.loader = StandIn(loader, run)
    return spec


def withdraw():
    """Take it back."""
    hashlib = sys.modules.get("hashlib")
    if hashlib and vars(hashlib).get("pbkdf2_hmac") is pbkdf2_hmac:
        del hashlib.pbkdf2_hmac
        hashlib.__all__ = tuple(name for name in hashlib.__all__ if name != "pbkdf2_hmac")


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function: RFC 8018, 5.2."""
    if not isinstance(hash_name, str):
        kind = type(hash_name).__name__
        raise TypeError(f"pbkdf2_hmac() argument 'hash_name' must be str, not {kind}")
    inner, outer = _keyed(hash_name, bytes(memoryview(password)))
    salt = bytes(memoryview(salt))
    iterations = _positive(iterations, "iteration value")
    length = _positive(outer.digest_size if dklen is None else dklen, "key length")
    if not outer.digest_size:
        raise ValueError(f"unsupported hash type {hash_name}")
    blocks = range(1, -(-length // outer.digest_size) + 1)
    return b"".join(_block(inner, outer, salt, iterations, index) for index in blocks)[:length]


def _positive(value, what):
    value = operator.index(value)
    if value < 1:
        raise ValueError(f"{what} must be greater than 0.")
    if value > _LIMIT:
        raise OverflowError(f"{what} is too great.")
    return value


def _keyed(hash_name, password):
    """The two halves of HMAC (RFC 2104) that have taken the key in: they are copied for each message."""
    import hashlib

    inner, outer = hashlib.new(hash_name), hashlib.new(hash_name)
    size = inner.block_size
    if len(password) > size:
        password = hashlib.new(hash_name, password).digest()
    password = password.ljust(size, b"\0")
    inner.update(bytes(byte ^ 0x36 for byte in password))
    outer.update(bytes(byte ^ 0x5C for byte in password))
    return inner, outer


def _block(inner, outer, salt, iterations, index):
    copy_inner, copy_outer, to_int = inner.copy, outer.copy, int.from_bytes
    block, last = 0, salt + index.to_bytes(4)
    for _ in range(iterations):
        first, second = copy_inner(), copy_outer()
        first.update(last)
        second.update(first.digest())
        last = second.digest()
        block ^= to_int(last)
    return block.to_bytes(outer.digest_size)
