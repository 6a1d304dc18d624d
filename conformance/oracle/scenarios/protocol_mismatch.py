"""Versions of TLS that one side has and the other has not."""
import ssl
import warnings

from observe import connected, observe, trusting_context

warnings.simplefilter("ignore", DeprecationWarning)


def attempt(peer, low=None, high=None, options=0):
    context = trusting_context()
    if high is not None:
        context.maximum_version = high
    if low is not None:
        context.minimum_version = low
    context.options |= options
    with connected(peer, context) as tls:
        return tls.version()


observe("only 1.2 here, only 1.3 there", lambda: attempt("tls-1.3", high=ssl.TLSVersion.TLSv1_2))
observe("only 1.3 here, only 1.2 there", lambda: attempt("tls-1.2", low=ssl.TLSVersion.TLSv1_3))
observe("only 1.2 there", lambda: attempt("tls-1.2"))
observe("only 1.3 there", lambda: attempt("tls-1.3"))
observe("1.2 is asked for where both are", lambda: attempt("good", high=ssl.TLSVersion.TLSv1_2))
observe("1.3 is switched off by an option", lambda: attempt("good", options=ssl.OP_NO_TLSv1_3))
observe("everything is switched off", lambda: attempt("good", options=ssl.OP_NO_TLSv1_3 | ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_1 | ssl.OP_NO_TLSv1))
observe("no version is in the range", lambda: attempt("good", low=ssl.TLSVersion.TLSv1_3, high=ssl.TLSVersion.TLSv1_2))
