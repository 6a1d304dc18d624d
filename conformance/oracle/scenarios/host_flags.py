"""How host names are compared: _host_flags and hostname_checks_common_name."""
import ssl

import _ssl
from memory_pair import Pair, client_context, server_context
from observe import observe


def raw(*values):
    context = _ssl._SSLContext(16)
    for value in values:
        context._host_flags = value
    return context._host_flags


def attempt(hostname, leaf="good", flags=None, by_common_name=None):
    client = client_context()
    if flags is not None:
        client._host_flags = flags
    if by_common_name is not None:
        client.hostname_checks_common_name = by_common_name
    return Pair(client, server_context(leaf=leaf), hostname).outcome()["client"]


observe("at first", lambda: [raw(), ssl.HAS_NEVER_CHECK_COMMON_NAME, client_context().hostname_checks_common_name])
for value in (0, 1, 63, 1 << 31, (1 << 32) - 1, 1 << 32, -1, 1 << 70, True, None, "1", 1.0):
    observe(f"set to {value!r}", lambda: raw(value))
for hostname in ("localhost", "LOCALHOST", "localhost.", "example.test", "a.example.test", "a.b.example.test", ".example.test", "*.example.test", "xn--a.example.test", "127.0.0.1", "127.0.0.2", "::1", "0:0:0:0:0:0:0:1", "127.1", "10.0.0.1", "other.test"):
    observe(f"the name {hostname}", lambda: attempt(hostname))
for name in ("HOSTFLAG_NO_WILDCARDS", "HOSTFLAG_SINGLE_LABEL_SUBDOMAINS", "HOSTFLAG_NEVER_CHECK_SUBJECT", "HOSTFLAG_MULTI_LABEL_WILDCARDS"):
    observe(f"{name}: a.example.test", lambda: attempt("a.example.test", flags=getattr(_ssl, name)))
    observe(f"{name}: a.b.example.test", lambda: attempt("a.b.example.test", flags=getattr(_ssl, name)))
    observe(f"{name}: example.test", lambda: attempt("example.test", flags=getattr(_ssl, name)))
observe("the common name alone", lambda: attempt("one.example.test", "sni-one", by_common_name=False))
observe("switched on and off", lambda: [setattr(context := client_context(), "hostname_checks_common_name", False), context.hostname_checks_common_name, context._host_flags, setattr(context, "hostname_checks_common_name", True), context.hostname_checks_common_name, context._host_flags])
