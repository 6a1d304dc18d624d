"""Application protocols."""
from observe import connected, observe, trusting_context


def attempt(peer, names=None):
    context = trusting_context()
    if names is not None:
        context.set_alpn_protocols(names)
    with connected(peer, context) as tls:
        return tls.selected_alpn_protocol()


observe("the server's first", lambda: attempt("alpn", ["http/1.1", "h2"]))
observe("the only one in common", lambda: attempt("alpn", ["x", "http/1.1"]))
observe("none in common", lambda: attempt("alpn", ["x", "y"]))
observe("none offered", lambda: attempt("alpn"))
observe("with nginx", lambda: attempt("good", ["http/1.1"]))
observe("none in common with nginx", lambda: attempt("good", ["x"]))
