"""Ciphers that both sides have, and none in common."""
import ssl

from observe import connected, observe, trusting_context


def attempt(peer, ciphers=None, high=None):
    context = trusting_context()
    if high is not None:
        context.maximum_version = high
    if ciphers is not None:
        context.set_ciphers(ciphers)
    with connected(peer, context) as tls:
        return tls.cipher()


TLS12 = ssl.TLSVersion.TLSv1_2
observe("TLS 1.3 with AES-128", lambda: attempt("aes-128"))
observe("TLS 1.3 with ChaCha20", lambda: attempt("chacha20"))
observe("TLS 1.2 with AES-128", lambda: attempt("aes-128", high=TLS12))
observe("TLS 1.2 with ChaCha20", lambda: attempt("chacha20", high=TLS12))
observe("TLS 1.2, none in common", lambda: attempt("chacha20", "ECDHE-RSA-AES128-GCM-SHA256", TLS12))
observe("TLS 1.2, the client's wish", lambda: attempt("tls-1.2", "ECDHE-RSA-AES256-GCM-SHA384"))
observe("a certificate by P-256", lambda: attempt("good-ec", high=TLS12))
observe("a certificate by Ed25519", lambda: attempt("good-ed25519"))
observe("no cipher for a certificate by P-256", lambda: attempt("good-ec", "ECDHE-RSA-AES128-GCM-SHA256", TLS12))
