"""Certificates of the client, where the server wants one."""
import json

from observe import connected, get, observe, pki, read_all, trusting_context


def attempt(peer, certificate=None, key=None, password=None, use=None):
    context = trusting_context()
    if certificate is not None:
        context.load_cert_chain(pki[certificate], key and pki[key], password)
    with connected(peer, context) as tls:
        return use(tls) if use else get(tls, "/tls")


def verdict(tls):
    status, body = get(tls, "/tls")
    seen = json.loads(body)
    return [status, seen["client"], seen["verified"]]


observe("given", lambda: attempt("client-certificate", "client.chain", "client.key", use=verdict))
observe("given in one file", lambda: attempt("client-certificate", "client.bundle", use=verdict))
observe("given with an encrypted key", lambda: attempt("client-certificate", "client.chain", "client.encryptedKey", pki["password"], use=verdict))
observe("given with a key on P-256", lambda: attempt("client-certificate", "client-ec.chain", "client-ec.key", use=verdict))
observe("optional and given", lambda: attempt("client-certificate-optional", "client.chain", "client.key", use=verdict))
observe("optional and not given", lambda: attempt("client-certificate-optional", use=verdict))
observe("not given, told by nginx", lambda: attempt("client-certificate", use=lambda tls: get(tls)[0]))
observe("by an unknown authority, told by nginx", lambda: attempt("client-certificate", "client-unknown.chain", "client-unknown.key", use=lambda tls: get(tls)[0]))
observe("not given, TLS 1.2 alert", lambda: attempt("client-certificate-1.2"))
observe("by an unknown authority, TLS 1.2 alert", lambda: attempt("client-certificate-1.2", "client-unknown.chain", "client-unknown.key"))
observe("given, TLS 1.2", lambda: attempt("client-certificate-1.2", "client.chain", "client.key", use=lambda tls: tls.version()))
