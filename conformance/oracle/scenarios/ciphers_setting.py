"""`set_ciphers`, `set_ecdh_curve` and `set_alpn_protocols`: what they take and refuse."""
import ssl

from observe import observe, observing


def new():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@observing("one cipher of TLS 1.2")
def _():
    context = new()
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    return [cipher["name"] for cipher in context.get_ciphers()]


@observing("a group of ciphers")
def _():
    context = new()
    context.set_ciphers("ECDHE+AESGCM:!aNULL")
    return [cipher["name"] for cipher in context.get_ciphers()]


observe("no such cipher", lambda: new().set_ciphers("NO-SUCH-CIPHER"))
observe("an empty list", lambda: new().set_ciphers(""))
observe("ciphers of the wrong type", lambda: new().set_ciphers(None))
observe("ciphers with a zero byte", lambda: new().set_ciphers("AES\0"))
observe("a curve", lambda: new().set_ecdh_curve("prime256v1"))
observe("no such curve", lambda: new().set_ecdh_curve("no-such-curve"))
observe("a curve as bytes", lambda: new().set_ecdh_curve(b"prime256v1"))
observe("a curve of the wrong type", lambda: new().set_ecdh_curve(None))
observe("ALPN names", lambda: new().set_alpn_protocols(["h2", "http/1.1"]))
observe("an ALPN name that is empty", lambda: new().set_alpn_protocols([""]))
observe("an ALPN name that is too long", lambda: new().set_alpn_protocols(["x" * 256]))
observe("an ALPN name that is not ASCII", lambda: new().set_alpn_protocols(["ä"]))
observe("no ALPN names", lambda: new().set_alpn_protocols([]))
observe("NPN is gone", lambda: new().set_npn_protocols(["h2"]))
