"""Setting the attributes of a context, rightly and wrongly."""
import ssl

from observe import observe, observing


def setting(name, *values):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for value in values:
        setattr(context, name, value)
    return getattr(context, name)


observe("verify_mode none while names are checked", lambda: setting("verify_mode", ssl.CERT_NONE))
observe("verify_mode unknown", lambda: setting("verify_mode", 7))
observe("verify_mode of the wrong type", lambda: setting("verify_mode", "none"))
observe("verify_mode optional", lambda: setting("verify_mode", ssl.CERT_OPTIONAL))
observe("verify_flags", lambda: int(setting("verify_flags", ssl.VERIFY_X509_STRICT)))
observe("verify_flags of the wrong type", lambda: setting("verify_flags", None))
observe("verify_flags too large", lambda: setting("verify_flags", 1 << 70))
observe("options", lambda: bool(setting("options", ssl.OP_NO_COMPRESSION) & ssl.OP_NO_COMPRESSION))
observe("options of the wrong type", lambda: setting("options", "x"))
observe("options negative", lambda: setting("options", -1))
observe("options too large", lambda: setting("options", 1 << 100))
observe("minimum_version 1.3", lambda: setting("minimum_version", ssl.TLSVersion.TLSv1_3))
observe("minimum_version as supported", lambda: setting("minimum_version", ssl.TLSVersion.MINIMUM_SUPPORTED))
observe("minimum_version as the highest", lambda: setting("minimum_version", ssl.TLSVersion.MAXIMUM_SUPPORTED))
observe("minimum_version unknown", lambda: setting("minimum_version", 1234))
observe("minimum_version of the wrong type", lambda: setting("minimum_version", object()))
observe("maximum_version 1.2", lambda: setting("maximum_version", ssl.TLSVersion.TLSv1_2))
observe("maximum_version as supported", lambda: setting("maximum_version", ssl.TLSVersion.MAXIMUM_SUPPORTED))
observe("maximum_version as the lowest", lambda: setting("maximum_version", ssl.TLSVersion.MINIMUM_SUPPORTED))
observe("maximum_version unknown", lambda: setting("maximum_version", 1234))
observe("check_hostname of another type", lambda: setting("check_hostname", 0))
observe("hostname_checks_common_name", lambda: setting("hostname_checks_common_name", False))
observe("num_tickets on a client", lambda: setting("num_tickets", 1))
observe("post_handshake_auth", lambda: setting("post_handshake_auth", True))
observe("keylog_filename in a folder that is not there", lambda: setting("keylog_filename", "/no/such/folder/keys"))
observe("sni_callback that is none", lambda: setting("sni_callback", None))
observe("sni_callback that can't be called", lambda: setting("sni_callback", 4))
observe("protocol can't be set", lambda: setting("protocol", 2))
observe("security_level can't be set", lambda: setting("security_level", 1))


@observing("check_hostname turns verification on")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.check_hostname = True
    return context.verify_mode


@observing("num_tickets on a server")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 3
    return context.num_tickets


@observing("num_tickets negative")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = -1


observe("deleting an attribute", lambda: delattr(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "verify_mode"))
