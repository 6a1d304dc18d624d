"""get_default_verify_paths and contexts that trust by default, with the environment's variables."""
import os
import ssl

import _ssl
from observe import observe, pki


def in_environment(function, **variables):
    os.environ.update(variables)
    try:
        return function()
    finally:
        for name in variables:
            del os.environ[name]


def names():
    return [ssl.get_default_verify_paths().openssl_cafile_env, ssl.get_default_verify_paths().openssl_capath_env, _ssl.get_default_verify_paths()[::2]]


def paths():
    found = ssl.get_default_verify_paths()
    return [found.cafile == pki["ca"], found.capath == pki["capath"], list(found._fields)]


def trusted(method):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    getattr(context, method)()
    return context.cert_store_stats()


observe("names", names)
observe("types", lambda: [type(_ssl.get_default_verify_paths()).__name__, len(_ssl.get_default_verify_paths()), {type(path).__name__ for path in _ssl.get_default_verify_paths()}])
observe("the environment's", lambda: in_environment(paths, SSL_CERT_FILE=pki["ca"], SSL_CERT_DIR=pki["capath"]))
observe("the environment's that are not there", lambda: in_environment(lambda: [ssl.get_default_verify_paths().cafile, ssl.get_default_verify_paths().capath], SSL_CERT_FILE="/no/such/file", SSL_CERT_DIR="/no/such/folder"))
for method in ("set_default_verify_paths", "load_default_certs"):
    observe(f"{method}: a file", lambda: in_environment(lambda: trusted(method), SSL_CERT_FILE=pki["ca"], SSL_CERT_DIR="/no/such/folder"))
    observe(f"{method}: a folder", lambda: in_environment(lambda: trusted(method), SSL_CERT_FILE="/no/such/file", SSL_CERT_DIR=pki["capath"]))
    observe(f"{method}: neither", lambda: in_environment(lambda: trusted(method), SSL_CERT_FILE="/no/such/file", SSL_CERT_DIR="/no/such/folder"))
    observe(f"{method}: not a certificate", lambda: in_environment(lambda: trusted(method), SSL_CERT_FILE=pki["good.key"], SSL_CERT_DIR="/no/such/folder"))
observe("purposes that are none", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_default_certs("SERVER_AUTH"))
observe("purposes of none", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_default_certs(None))
observe("a default context with the environment's", lambda: in_environment(lambda: ssl.create_default_context().cert_store_stats(), SSL_CERT_FILE=pki["ca"], SSL_CERT_DIR="/no/such/folder"))
observe("a default context of its own", lambda: in_environment(lambda: ssl.create_default_context(cafile=pki["otherCa"]).cert_store_stats(), SSL_CERT_FILE=pki["ca"]))
observe("a purpose that is none", lambda: ssl.create_default_context("x"))
