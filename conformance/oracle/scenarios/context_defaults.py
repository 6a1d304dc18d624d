"""What a new context is like, before anything is asked of it."""
import ssl

from observe import observe


def facts(context):
    return {
        "protocol": context.protocol,
        "verify_mode": context.verify_mode,
        "check_hostname": context.check_hostname,
        "verify_flags": int(context.verify_flags),
        "maximum_version": context.maximum_version,
        "hostname_checks_common_name": context.hostname_checks_common_name,
        "num_tickets": context.num_tickets,
        "post_handshake_auth": context.post_handshake_auth,
        "keylog_filename": context.keylog_filename,
        "sni_callback": context.sni_callback,
        "options": [option.name for option in ssl.Options if option.value and context.options & option == option],
        "statistics": context.session_stats(),
        "store": context.cert_store_stats(),
        "classes": [context.sslsocket_class.__name__, context.sslobject_class.__name__],
    }


observe("client", lambda: facts(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))
observe("server", lambda: facts(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)))
observe("unverified", lambda: facts(ssl._create_unverified_context()))
observe("for clients of servers", lambda: ssl.create_default_context(cadata=None).verify_mode)
observe("for servers of clients", lambda: facts(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)))
observe("lowest version", lambda: [ssl.SSLContext(kind).minimum_version for kind in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER)])
observe("a protocol that is none", lambda: ssl.SSLContext(99))
observe("a protocol of the wrong type", lambda: ssl.SSLContext("tls"))
observe("ciphers of TLS 1.3", lambda: [c["name"] for c in ssl.create_default_context().get_ciphers() if c["protocol"] == "TLSv1.3"])
observe("ciphers of TLS 1.2", lambda: [c["name"] for c in ssl.create_default_context().get_ciphers() if c["protocol"] == "TLSv1.2"])
observe("one cipher in full", lambda: ssl.create_default_context().get_ciphers()[0])
observe("one cipher of TLS 1.2 in full", lambda: [c for c in ssl.create_default_context().get_ciphers() if c["protocol"] == "TLSv1.2"][0])
