"""Trust by environment variables."""
import os
import ssl

from observe import connected, observe, pki


def attempt(peer="good", **variables):
    os.environ.update(variables)
    try:
        with connected(peer, ssl.create_default_context()) as tls:
            return tls.version()
    finally:
        for name in variables:
            del os.environ[name]


observe("a file", lambda: attempt(SSL_CERT_FILE=pki["ca"], SSL_CERT_DIR="/no/such/folder"))
observe("a folder", lambda: attempt(SSL_CERT_FILE="/no/such/file", SSL_CERT_DIR=pki["capath"]))
observe("the wrong file", lambda: attempt(SSL_CERT_FILE=pki["otherCa"], SSL_CERT_DIR="/no/such/folder"))
observe("files that are not there", lambda: attempt(SSL_CERT_FILE="/no/such/file", SSL_CERT_DIR="/no/such/folder"))
