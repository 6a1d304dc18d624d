"""Chains that do not lead to a root that is trusted."""
import ssl

from observe import connected, observe, pki, trusting_context


def attempt(peer, context=None):
    with connected(peer, context) as tls:
        return tls.version()


observe("self-signed", lambda: attempt("self-signed"))
observe("by an unknown authority", lambda: attempt("unknown-ca"))
observe("without the intermediate", lambda: attempt("missing-intermediate"))
observe("with no root at all", lambda: attempt("good", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))


def other_root():
    return ssl.create_default_context(cafile=pki["otherCa"])


observe("the other root is trusted", lambda: attempt("unknown-ca", other_root()))
observe("only the other root is trusted", lambda: attempt("good", other_root()))


def with_intermediate():
    context = trusting_context()
    context.load_verify_locations(pki["intermediate"])
    return context


observe("the intermediate is known here", lambda: attempt("missing-intermediate", with_intermediate()))
