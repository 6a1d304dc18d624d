"""The constants of `_ssl` and what ssl.py makes of them."""
import _ssl
import ssl

from observe import observe

# OpenSSL's version is another, and Debian has a cipher default of its own.
OTHERS = {"OPENSSL_VERSION", "OPENSSL_VERSION_INFO", "OPENSSL_VERSION_NUMBER", "_OPENSSL_API_VERSION", "_DEFAULT_CIPHERS"}

for name, value in sorted(vars(_ssl).items()):
    if not name.startswith("__") and not callable(value) and name not in OTHERS:
        observe(name, lambda: [type(value).__name__, value])
for name in ("Options", "VerifyFlags", "VerifyMode", "TLSVersion", "SSLErrorNumber", "AlertDescription", "_SSLMethod"):
    observe(name, lambda: {member: int(value) for member, value in getattr(ssl, name).__members__.items()})
observe("names of ssl", lambda: sorted(name for name in dir(ssl) if not name.startswith("__")))
observe("version of OpenSSL", lambda: [ssl.OPENSSL_VERSION.split()[0], type(ssl.OPENSSL_VERSION_NUMBER).__name__, ssl.OPENSSL_VERSION_INFO == ssl._OPENSSL_API_VERSION])
observe("Windows' functions", lambda: [hasattr(ssl, "enum_certificates"), hasattr(ssl, "enum_crls")])
