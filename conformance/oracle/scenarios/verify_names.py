"""Names that a certificate has and has not."""
import ssl

from observe import connected, observe, trusting_context


def attempt(peer, host, **settings):
    context = trusting_context()
    for name, value in settings.items():
        setattr(context, name, value)
    with connected(peer, context, host) as tls:
        return tls.server_hostname


for host in ("localhost", "LOCALHOST", "example.test", "api.example.test", "127.0.0.1", "::1"):
    observe(f"good for {host}", lambda: attempt("good", host))
for host in ("other.test", "a.b.example.test", "127.0.0.2", "::2", "localhost.", "example.test."):
    observe(f"not good for {host}", lambda: attempt("good", host))
observe("wrong host", lambda: attempt("wrong-host", "localhost"))
observe("wrong address", lambda: attempt("wrong-ip", "127.0.0.1"))
observe("right name beside a wrong address", lambda: attempt("wrong-ip", "localhost"))
observe("the common name does not count beside alternative names", lambda: attempt("common-name-only", "localhost"))
observe("and not when it may not count at all", lambda: attempt("common-name-only", "localhost", hostname_checks_common_name=False))
observe("names are not checked", lambda: attempt("wrong-host", "localhost", check_hostname=False))
observe("an international name", lambda: attempt("good", "bücher.example.test"))
observe("an international name, encoded", lambda: attempt("good", "xn--bcher-kva.example.test"))
observe("an empty name", lambda: attempt("good", ""))
observe("a name that begins with a dot", lambda: attempt("good", ".example.test"))
observe("a name with a zero byte", lambda: attempt("good", "localhost\0.example.test"))
observe("a name of the wrong type", lambda: attempt("good", 5))
observe("no name", lambda: attempt("good", None))
observe("a name too long", lambda: attempt("good", "a" * 300 + ".example.test"))
observe("a label too long", lambda: attempt("good", "a" * 70 + ".example.test"))
