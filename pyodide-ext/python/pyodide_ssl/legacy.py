"""What `ssl` had in Python 3.8 and has no more: ``import pyodide_ssl.legacy`` puts it back, for old code that still calls it.

THIS LOWERS SECURITY. ``ssl.wrap_socket`` checks neither the peer's certificate nor its name unless it is told to, and
never sends a server name. Nothing here exists without the import, and no part of this package does that import: write it
only in a program whose old code cannot be changed, and never in a library. New code takes ``ssl.create_default_context()``.

Each thing behaves as the manual of Python 3.8 says (the chapter "Functions, Constants, and Exceptions" of its page on
``ssl``), and says by a DeprecationWarning that it was used. Names that depend on what OpenSSL was built with behave as 3.8's do
in a build without: there are no SSL 2.0, SSL 3.0 and NPN, and no EGD. ``docs/legacy.md`` lists everything.
"""

import enum
import os
import ssl
import warnings

from pyodide_ssl._legacy_match_hostname import match_hostname

__all__ = ["match_hostname", "wrap_socket", "RAND_pseudo_bytes", "RAND_egd"]

#: Above it OpenSSL 3 has no signature that TLS 1.0 and 1.1 could be authenticated with; 3.8's OpenSSL had them at level 1.
_DANGER_LEVEL_OF_OLD_TLS = "@SECLEVEL=0"

#: 3.8's own default. That of today has no cipher that TLS 1.0 and 1.1 could use.
_CIPHERS_OF_OLD_TLS = "DEFAULT:!aNULL:!eNULL:!MD5:!3DES:!DES:!RC4:!IDEA:!SEED:!aDSS:!SRP:!PSK"

_OLD_TLS = (ssl.PROTOCOL_TLSv1, ssl.PROTOCOL_TLSv1_1)

#: Members that `ssl._SSLMethod` has only where OpenSSL can do them. A context refuses them.
_UNAVAILABLE_PROTOCOLS = enum.IntEnum("_SSLMethod", {"PROTOCOL_SSLv2": 0, "PROTOCOL_SSLv3": 1}, module="ssl")


def _deprecated(text):
    warnings.warn(text, DeprecationWarning, stacklevel=3)


def wrap_socket(
    sock,
    keyfile=None,
    certfile=None,
    server_side=False,
    cert_reqs=ssl.CERT_NONE,
    ssl_version=ssl.PROTOCOL_TLS,
    ca_certs=None,
    do_handshake_on_connect=True,
    suppress_ragged_eofs=True,
    ciphers=None,
):
    """Wrap *sock* in a context of its own. DANGER: by default any certificate of any host is accepted.

    *cert_reqs* is the context's ``verify_mode``; *keyfile*, *certfile*, *ca_certs* and *ciphers* are given to its
    ``load_cert_chain``, ``load_verify_locations`` and ``set_ciphers``. No server name is sent, and none is compared with the
    certificate's. With ``PROTOCOL_TLSv1`` and ``PROTOCOL_TLSv1_1`` the security level is 0, without which they can't be spoken.
    """
    _deprecated("ssl.wrap_socket() is deprecated, use SSLContext.wrap_socket()")
    if not certfile:
        if server_side:
            raise ValueError("certfile must be specified for server-side operations")
        if keyfile:
            raise ValueError("certfile must be specified")
    context = _danger_context(ssl_version)
    context.verify_mode = cert_reqs
    if ca_certs:
        context.load_verify_locations(ca_certs)
    if certfile:
        context.load_cert_chain(certfile, keyfile)
    if ssl_version in _OLD_TLS:
        context.set_ciphers(f"{ciphers or _CIPHERS_OF_OLD_TLS}:{_DANGER_LEVEL_OF_OLD_TLS}")
    elif ciphers:
        context.set_ciphers(ciphers)
    return context.wrap_socket(
        sock,
        server_side=server_side,
        do_handshake_on_connect=do_handshake_on_connect,
        suppress_ragged_eofs=suppress_ragged_eofs,
    )


def _danger_context(protocol):
    """A context of a protocol that since 3.10 comes with a warning; the caller has given its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return ssl.SSLContext(protocol)


def RAND_pseudo_bytes(num, /):
    """Return (bytes, is_cryptographic): *num* random bytes, and True, as OpenSSL has had one generator only since 1.1."""
    _deprecated("ssl.RAND_pseudo_bytes() is deprecated, use ssl.RAND_bytes()")
    return ssl.RAND_bytes(num), True


def RAND_egd(path, /):
    """Fail as with a daemon that can't be reached: there are no Unix sockets here, and OpenSSL dropped the call in 1.1."""
    _deprecated("ssl.RAND_egd() is deprecated, the generator seeds itself")
    os.fsencode(path)
    raise ssl.SSLError("EGD connection failed or EGD did not return enough data to seed the PRNG")


def _set_npn_protocols(self, protos, /):
    """Refuse, as 3.8's `_ssl` does in builds without the extension. ``SSLContext.set_npn_protocols`` is still CPython's."""
    raise NotImplementedError("The NPN extension requires OpenSSL 1.0.1 or later.")


def _missing_name(name):
    """Names of `ssl` that are there for who asks, with a warning each time."""
    try:
        protocol = _UNAVAILABLE_PROTOCOLS[name]
    except KeyError:
        raise AttributeError(f"module 'ssl' has no attribute {name!r}", name=name, obj=ssl) from None
    warnings.warn(f"ssl.{name} is deprecated", DeprecationWarning, stacklevel=2)
    return protocol


def _put_back():
    for function in (wrap_socket, match_hostname, RAND_pseudo_bytes, RAND_egd):
        setattr(ssl, function.__name__, function)
    ssl.SSLContext._set_npn_protocols = _set_npn_protocols
    ssl.__getattr__ = _missing_name
    for protocol in _UNAVAILABLE_PROTOCOLS:
        ssl._PROTOCOL_NAMES.setdefault(protocol, protocol.name)


_put_back()
