"""Verification turned off, made optional, and made stricter."""
import ssl

from observe import connected, observe, pki, trusting_context


def unverified():
    context = trusting_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def facts(peer, context):
    with connected(peer, context) as tls:
        return [tls.getpeercert(), len(tls.getpeercert(True)) > 500, tls.version()]


for peer in ("expired", "wrong-host", "self-signed", "unknown-ca", "missing-intermediate"):
    observe(f"{peer}, not verified", lambda: facts(peer, unverified()))


def optional():
    context = trusting_context()
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


observe("expired, optional for a client means required", lambda: facts("expired", optional()))


def flagged(flags, *files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags = flags
    for file in files:
        context.load_verify_locations(pki[file])
    return context


def version(peer, context):
    with connected(peer, context) as tls:
        return tls.version()


observe("a partial chain is enough", lambda: version("good", flagged(ssl.VERIFY_X509_PARTIAL_CHAIN, "intermediate")))
observe("a partial chain is not enough", lambda: version("good", flagged(ssl.VERIFY_DEFAULT, "intermediate")))
observe("strict", lambda: version("good", flagged(ssl.VERIFY_X509_STRICT, "ca")))
observe("strict about a self-signed leaf", lambda: version("self-signed", flagged(ssl.VERIFY_X509_STRICT, "ca")))
observe("revocation lists are wanted", lambda: version("good", flagged(ssl.VERIFY_CRL_CHECK_LEAF, "ca")))
observe("revocation lists are wanted for all", lambda: version("good", flagged(ssl.VERIFY_CRL_CHECK_CHAIN, "ca")))
