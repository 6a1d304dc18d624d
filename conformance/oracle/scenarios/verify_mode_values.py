"""verify_mode, check_hostname and post_handshake_auth: values and how they depend on each other."""
import ssl

import _ssl
from observe import observe, observing


def raw(name, *values, protocol=16):
    context = _ssl._SSLContext(protocol)
    seen = []
    for value in values:
        try:
            setattr(context, name, value)
        except Exception as error:
            seen.append(error)
    return [*seen, context.verify_mode, context.check_hostname, context.post_handshake_auth]


for value in (0, 1, 2, 3, -1, True, None, "1", 1.0, 1 << 31, 1 << 32, 1 << 64, -(1 << 40)):
    observe(f"verify_mode of a client = {value!r}", lambda: raw("verify_mode", value))
    observe(f"verify_mode of a server = {value!r}", lambda: raw("verify_mode", value, protocol=17))
for value in (0, 1, True, False, None, "", "x", [], 1.5):
    observe(f"check_hostname = {value!r}", lambda: raw("check_hostname", value))
    observe(f"check_hostname of a server = {value!r}", lambda: raw("check_hostname", value, protocol=17))
    observe(f"post_handshake_auth = {value!r}", lambda: raw("post_handshake_auth", value))


class Unclear:
    def __bool__(self):
        raise LookupError("unclear")


observe("check_hostname of what is neither", lambda: raw("check_hostname", Unclear()))
observe("post_handshake_auth of what is neither", lambda: raw("post_handshake_auth", Unclear()))
for name in ("verify_mode", "check_hostname", "post_handshake_auth", "protocol", "security_level", "num_tickets", "_host_flags"):
    observe(f"{name} deleted", lambda: delattr(_ssl._SSLContext(16), name))
observe("protocol set", lambda: setattr(_ssl._SSLContext(16), "protocol", 1))
observe("security_level set", lambda: setattr(_ssl._SSLContext(16), "security_level", 1))


@observing("as enumerations")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    seen = [repr(context.verify_mode), repr(context.protocol)]
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    seen.append(repr(context.verify_mode))
    context.verify_mode = 1
    return [*seen, repr(context.verify_mode)]


@observing("checking names turns verification on, and only then")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    seen = [context.verify_mode]
    context.check_hostname = True
    seen.append(context.verify_mode)
    context.check_hostname = False
    seen.append(context.verify_mode)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.check_hostname = True
    return [*seen, context.verify_mode]
