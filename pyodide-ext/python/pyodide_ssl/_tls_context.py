"""``_ssl._SSLContext``; follows ``_ssl.c`` from ``_ssl__SSLContext_impl`` on."""

import json
import operator
import os
import sys
import warnings

import _socket

from pyodide_ssl._c_types import c_type
from pyodide_ssl._tls_arguments import buffer, c_int, c_long, clinic_int, file_path, getset_descriptor, text, type_name
from pyodide_ssl._tls_bridge import CONSTANTS, FAILED, bridge, checked, failure, owned, stage, to_bytes
from pyodide_ssl._tls_callbacks import running
from pyodide_ssl._tls_certificate import certificate_info
from pyodide_ssl._tls_connection import new_connection
from pyodide_ssl._tls_memory_bio import MemoryBIO, bio_handle

_get = bridge.contextGet
_set = bridge.contextSet

_TLS, _TLS_CLIENT, _TLS_SERVER = (CONSTANTS[f"PROTOCOL_TLS{suffix}"] for suffix in ("", "_CLIENT", "_SERVER"))

_DEPRECATED_PROTOCOLS = {
    CONSTANTS["PROTOCOL_TLS"]: "ssl.PROTOCOL_TLS is deprecated",
    CONSTANTS["PROTOCOL_TLSv1"]: "ssl.PROTOCOL_TLSv1 is deprecated",
    CONSTANTS["PROTOCOL_TLSv1_1"]: "ssl.PROTOCOL_TLSv1_1 is deprecated",
    CONSTANTS["PROTOCOL_TLSv1_2"]: "ssl.PROTOCOL_TLSv1_2 is deprecated",
}
_DEPRECATED_VERSIONS = {
    CONSTANTS["PROTO_SSLv3"]: "ssl.TLSVersion.SSLv3 is deprecated",
    CONSTANTS["PROTO_TLSv1"]: "ssl.TLSVersion.TLSv1 is deprecated",
    CONSTANTS["PROTO_TLSv1_1"]: "ssl.TLSVersion.TLSv1_1 is deprecated",
}
_OPTIONS_NO_VERSION = 0
for _name in ("SSLv2", "SSLv3", "TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"):
    _OPTIONS_NO_VERSION |= CONSTANTS[f"OP_NO_{_name}"]

# How loadCertChain gets the password: ssl-bridge-context.ts.
_NO_PASSWORD, _STAGED_PASSWORD, _ASKED_PASSWORD = 0, 1, 2

# How many Python frames lie between `warn` and the caller of a setter: the setter, `getset_descriptor.__set__`. CPython's
# stack level is 2; its C functions have no frame.
_SETTER_LEVEL = 4


def _setting(name, convert=None, doc=None):
    """A getset that the bridge keeps: ``contextGet`` and ``contextSet``; read-only without *convert*."""

    def fget(self):
        return checked(_get(settings_of(self).handle, name))

    def fset(self, value):
        checked(_set(settings_of(self).handle, name, convert(value)))

    return getset_descriptor(fget, fset if convert else None, None, doc)


def _unsigned_long(value):
    """Format ``k``, of 64 bits: no check for overflow."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"argument must be int, not {type_name(value)}")
    return value.__index__() & 0xFFFFFFFFFFFFFFFF


def _unsigned_int(value):
    """Format ``I``: no check for overflow."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value.__index__() & 0xFFFFFFFF


class Settings:
    """The fields of a ``PySSLContext``."""

    __slots__ = (
        "handle",
        "high_verify_flags",
        "keylog_filename",
        "kept",
        "message_callback",
        "password",
        "protocol",
        "psk_client_callback",
        "psk_server_callback",
        "sni_callback",
    )

    def __init__(self, handle, protocol):
        self.handle = handle
        self.protocol = protocol
        self.keylog_filename = None
        # C's unsigned long has 64 bits natively and 32 here: these mean nothing to OpenSSL, but are read back.
        self.high_verify_flags = 0
        self.message_callback = self.sni_callback = None
        self.psk_client_callback = self.psk_server_callback = None
        # What asks for the password while a key is loaded, and what that raised.
        self.password = self.kept = None

    def ask_password(self):
        """``_password_callback``."""
        return _password_bytes(self.password(), "password callback must return a string")


class _SSLContext:
    __module__ = "_ssl"
    __slots__ = ("_state",)

    def __new__(cls, /, *args, **kwargs):
        if kwargs:
            raise TypeError("_SSLContext() takes no keyword arguments")
        if len(args) != 1:
            raise TypeError(f"_SSLContext expected 1 argument, got {len(args)}")
        protocol = clinic_int(args[0])
        if protocol in _DEPRECATED_PROTOCOLS:
            warnings.warn(_DEPRECATED_PROTOCOLS[protocol], DeprecationWarning, stacklevel=3)
        return _new(Settings(owned(bridge.newContext(protocol)), protocol), cls)

    # Connections

    def _wrap_socket(self, /, sock, server_side, server_hostname=None, *, owner=None, session=None):
        if not isinstance(sock, _socket.socket):
            raise TypeError(f"_wrap_socket() argument 'sock' must be _socket.socket, not {type_name(sock)}")
        return new_connection(self, settings_of(self), bool(server_side), server_hostname, owner, session, sock=sock)

    def _wrap_bio(self, /, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None):
        for name, value in (("incoming", incoming), ("outgoing", outgoing)):
            if not isinstance(value, MemoryBIO):
                raise TypeError(f"_wrap_bio() argument '{name}' must be _ssl.MemoryBIO, not {type_name(value)}")
        bios = bio_handle(incoming), bio_handle(outgoing)
        return new_connection(self, settings_of(self), bool(server_side), server_hostname, owner, session, bios=bios)

    # Ciphers and protocols

    def set_ciphers(self, cipherlist, /):
        checked(bridge.setCiphers(settings_of(self).handle, text(cipherlist, "set_ciphers", "")))

    def get_ciphers(self, /):
        return json.loads(checked(bridge.getCiphers(settings_of(self).handle)))

    if sys.version_info >= (3, 15):

        def set_ciphersuites(self, ciphersuites, /):
            suites = text(ciphersuites, "set_ciphersuites", "")
            checked(bridge.setCiphersuites(settings_of(self).handle, suites))

        def set_groups(self, grouplist, /):
            checked(bridge.setGroups(settings_of(self).handle, text(grouplist, "set_groups", "")))

        def get_groups(self, /, *, include_aliases=False):
            return json.loads(checked(bridge.getGroups(settings_of(self).handle, bool(include_aliases))))

        def set_client_sigalgs(self, sigalgslist, /):
            names = text(sigalgslist, "set_client_sigalgs", "")
            checked(bridge.setSigalgs(settings_of(self).handle, "client", names))

        def set_server_sigalgs(self, sigalgslist, /):
            names = text(sigalgslist, "set_server_sigalgs", "")
            checked(bridge.setSigalgs(settings_of(self).handle, "server", names))

    def _set_alpn_protocols(self, protos, /):
        length = stage(buffer(protos))
        checked(bridge.setAlpnProtocols(settings_of(self).handle, length))

    def set_ecdh_curve(self, name, /):
        curve = file_path(name)
        try:
            checked(bridge.setEcdhCurve(settings_of(self).handle, curve))
        except ValueError:
            raise ValueError(f"unknown elliptic curve name {name!r}") from None

    def load_dh_params(self, path, /):
        checked(bridge.loadDhParams(settings_of(self).handle, file_path(path)))

    # Certificates

    def load_cert_chain(self, /, certfile, keyfile=None, password=None):
        cert = file_path(certfile, "certfile should be a valid filesystem path")
        key = None if keyfile is None else file_path(keyfile, "keyfile should be a valid filesystem path")
        way = _NO_PASSWORD
        if callable(password):
            way = _ASKED_PASSWORD
        elif password is not None:
            stage(_password_bytes(password, "password should be a string or callable"))
            way = _STAGED_PASSWORD
        settings = settings_of(self)
        settings.password = password if way == _ASKED_PASSWORD else None
        running.append((settings, self))
        try:
            result = bridge.loadCertChain(settings.handle, cert, key, way)
        finally:
            running.pop()
            settings.password = None
        kept, settings.kept = settings.kept, None
        if result == FAILED:
            try:
                raise kept or failure()
            finally:
                del kept

    def load_verify_locations(self, /, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cafile is not None:
            cafile = file_path(cafile, "cafile should be a valid filesystem path")
        if capath is not None:
            capath = file_path(capath, "capath should be a valid filesystem path")
        pem = der_length = None
        if isinstance(cadata, str) and cadata.isascii():
            pem = cadata
        elif cadata is not None:
            der_length = stage(_certificate_data(cadata))
        checked(bridge.loadVerifyLocations(settings_of(self).handle, cafile, capath, pem, der_length))

    def set_default_verify_paths(self, /):
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            bridge.setEnvironment(name, os.environ.get(name))
        checked(bridge.setDefaultVerifyPaths(settings_of(self).handle))

    def cert_store_stats(self, /):
        """Returns quantities of loaded X.509 certificates.

        X.509 certificates with a CA extension and certificate revocation
        lists inside the context's cert store.

        NOTE: Certificates in a capath directory aren't loaded unless they
        have been used at least once."""
        return json.loads(checked(bridge.certStoreStats(settings_of(self).handle)))

    def get_ca_certs(self, /, binary_form=False):
        """Returns a list of dicts with information of loaded CA certs.

        If the optional argument is True, returns a DER-encoded copy of the
        CA certificate.

        NOTE: Certificates in a capath directory aren't loaded unless they
        have been used at least once."""
        if not binary_form:
            return [certificate_info(info) for info in json.loads(checked(bridge.getCaCerts(settings_of(self).handle)))]
        packed = to_bytes(checked(bridge.getCaCertsDer(settings_of(self).handle)))
        certificates = []
        while packed:
            end = 4 + int.from_bytes(packed[:4])
            certificates.append(packed[4:end])
            packed = packed[end:]
        return certificates

    def session_stats(self, /):
        return json.loads(checked(bridge.sessionStats(settings_of(self).handle)))

    # Callbacks

    def set_psk_client_callback(self, /, callback):
        settings = settings_of(self)
        if settings.protocol != _TLS_SERVER and callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        checked(bridge.setPskClientCallback(settings.handle, callback is not None))
        settings.psk_client_callback = callback

    def set_psk_server_callback(self, /, callback, identity_hint=None):
        if identity_hint is not None and not isinstance(identity_hint, str):
            kind = type(identity_hint).__name__
            raise TypeError(f"set_psk_server_callback() argument 'identity_hint' must be str or None, not {kind}")
        if identity_hint is not None:
            text(identity_hint, "set_psk_server_callback", "'identity_hint' ")
        settings = settings_of(self)
        if settings.protocol != _TLS_CLIENT and callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        checked(bridge.setPskServerCallback(settings.handle, callback is not None, identity_hint))
        settings.psk_server_callback = callback

    @getset_descriptor
    def sni_callback(self):
        """Set a callback that will be called when a server name is provided by the SSL/TLS client in the SNI extension.

        If the argument is None then the callback is disabled.  The method
        is called with the SSLSocket, the server name as a string, and the
        SSLContext object.

        See RFC 6066 for details of the SNI extension."""
        return settings_of(self).sni_callback

    @sni_callback.setter
    def sni_callback(self, value):
        settings = settings_of(self)
        if settings.protocol == _TLS_CLIENT:
            raise ValueError("sni_callback cannot be set on TLS_CLIENT context")
        settings.sni_callback = _callable_or_none(value)
        bridge.setSniCallback(settings.handle, settings.sni_callback is not None)
        _require_callable(value)

    @getset_descriptor
    def _msg_callback(self):
        return settings_of(self).message_callback

    @_msg_callback.setter
    def _msg_callback(self, value):
        # Unlike the SNI callback's, a failed assignment changes nothing.
        _require_callable(value)
        settings = settings_of(self)
        settings.message_callback = value
        bridge.setMessageCallback(settings.handle, value is not None)

    @getset_descriptor
    def keylog_filename(self):
        return settings_of(self).keylog_filename

    @keylog_filename.setter
    def keylog_filename(self, value):
        settings = settings_of(self)
        settings.keylog_filename = None
        checked(bridge.setKeylogFilename(settings.handle, None if value is None else file_path(value)))
        settings.keylog_filename = value

    # Settings

    @getset_descriptor
    def protocol(self):
        return settings_of(self).protocol

    @getset_descriptor
    def options(self):
        return _get(settings_of(self).handle, "options")

    @options.setter
    def options(self, value):
        value = operator.index(value)
        if value < 0:
            raise ValueError("Cannot convert negative int")
        if value >= 2**64:
            raise OverflowError("Python int too large for C unsigned long long")
        if ~self.options & value & _OPTIONS_NO_VERSION:
            message = "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated"
            warnings.warn(message, DeprecationWarning, stacklevel=_SETTER_LEVEL)
        checked(_set(settings_of(self).handle, "options", value))

    @getset_descriptor
    def minimum_version(self):
        return _get(settings_of(self).handle, "minimumVersion")

    @minimum_version.setter
    def minimum_version(self, value):
        _set_version(self, "minimumVersion", value)

    @getset_descriptor
    def maximum_version(self):
        return _get(settings_of(self).handle, "maximumVersion")

    @maximum_version.setter
    def maximum_version(self, value):
        _set_version(self, "maximumVersion", value)

    @getset_descriptor
    def post_handshake_auth(self):
        return _get(settings_of(self).handle, "postHandshakeAuth")

    @post_handshake_auth.setter
    def post_handshake_auth(self, value):
        _set(settings_of(self).handle, "postHandshakeAuth", bool(value))

    post_handshake_auth.refusal_to_delete = "cannot delete attribute"

    _host_flags = _setting("hostFlags", _unsigned_int)
    check_hostname = _setting("checkHostname", bool)
    num_tickets = _setting("numTickets", c_long, "Control the number of TLSv1.3 session tickets.")
    security_level = _setting("securityLevel", doc="The current security level.")

    @getset_descriptor
    def verify_flags(self):
        settings = settings_of(self)
        return settings.high_verify_flags | _get(settings.handle, "verifyFlags")

    @verify_flags.setter
    def verify_flags(self, value):
        flags = _unsigned_long(value)
        settings = settings_of(self)
        checked(_set(settings.handle, "verifyFlags", flags & 0xFFFFFFFF))
        settings.high_verify_flags = flags & ~0xFFFFFFFF

    verify_mode = _setting("verifyMode", c_int)


settings_of, _new = c_type(_SSLContext, can_be_base=True)


def _set_version(self, name, value):
    version = c_int(value)
    if settings_of(self).protocol in (_TLS, _TLS_CLIENT, _TLS_SERVER) and version in _DEPRECATED_VERSIONS:
        warnings.warn(_DEPRECATED_VERSIONS[version], DeprecationWarning, stacklevel=_SETTER_LEVEL + 1)
    checked(_set(settings_of(self).handle, name, version))


def _password_bytes(value, refusal):
    """``_pwinfo_set``."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    raise TypeError(refusal)


def _certificate_data(value):
    refusal = "cadata should be an ASCII string or a bytes-like object"
    if isinstance(value, str):
        raise TypeError(refusal)
    try:
        view = memoryview(value)
    except TypeError:
        raise TypeError(refusal) from None
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    if view.ndim > 1:
        raise TypeError("cadata should be a contiguous buffer with a single dimension")
    return view


def _callable_or_none(value):
    return value if callable(value) else None


def _require_callable(value):
    if value is not None and not callable(value):
        raise TypeError("not a callable object")
