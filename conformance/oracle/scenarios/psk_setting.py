"""Setting the callbacks for pre-shared keys."""
import ssl

from memory_pair import bare_contexts
from observe import observe


def client():
    return bare_contexts()[0]


def server():
    return bare_contexts()[1]


observe("a client's", lambda: client().set_psk_client_callback(lambda hint: ("", b"")))
observe("a client's, none", lambda: client().set_psk_client_callback(None))
observe("a client's on a server", lambda: server().set_psk_client_callback(lambda hint: ("", b"")))
observe("a client's, none, on a server", lambda: server().set_psk_client_callback(None))
observe("a client's, not to be called", lambda: client().set_psk_client_callback(4))
observe("a client's, not to be called, on a server", lambda: server().set_psk_client_callback(4))
observe("a server's", lambda: server().set_psk_server_callback(lambda identity: b""))
observe("a server's, none", lambda: server().set_psk_server_callback(None))
observe("a server's with a hint", lambda: server().set_psk_server_callback(lambda identity: b"", "hint"))
observe("a server's with a hint by name", lambda: server().set_psk_server_callback(callback=len, identity_hint="hint"))
observe("a server's on a client", lambda: client().set_psk_server_callback(lambda identity: b""))
observe("a server's, none, on a client", lambda: client().set_psk_server_callback(None))
observe("a server's, not to be called", lambda: server().set_psk_server_callback(4))
observe("a hint of bytes", lambda: server().set_psk_server_callback(len, b"hint"))
observe("a hint that is a number", lambda: server().set_psk_server_callback(len, 4))
observe("a hint with a NUL", lambda: server().set_psk_server_callback(len, "a\0b"))
observe("a hint that is no UTF-8", lambda: server().set_psk_server_callback(len, "\ud800"))
observe("a long hint", lambda: server().set_psk_server_callback(len, "h" * 129))
observe("the longest hint", lambda: server().set_psk_server_callback(len, "h" * 128))
observe("on a context of any side", lambda: [ssl.SSLContext(ssl.PROTOCOL_TLS).set_psk_client_callback(len), ssl.SSLContext(ssl.PROTOCOL_TLS).set_psk_server_callback(len)])
observe("an attribute", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).psk_client_callback)
