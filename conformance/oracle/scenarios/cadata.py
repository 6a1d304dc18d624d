"""Trusted certificates given as data."""
import ssl

from observe import connected, observe, observing, pki

pem = open(pki["ca"]).read()
other = open(pki["otherCa"]).read()
der = ssl.PEM_cert_to_DER_cert(pem)


def load(data):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=data)
    return context.cert_store_stats()


observe("PEM", lambda: load(pem))
observe("PEM of two", lambda: load(pem + other))
observe("PEM of two with text between", lambda: load("head\n" + pem + "again\n" + other + "tail"))
observe("PEM twice the same", lambda: load(pem + pem))
observe("DER", lambda: load(der))
observe("DER of two", lambda: load(der + ssl.PEM_cert_to_DER_cert(other)))
observe("DER as a bytearray", lambda: load(bytearray(der)))
observe("empty text", lambda: load(""))
observe("empty bytes", lambda: load(b""))
observe("text that is no PEM", lambda: load("broken"))
observe("bytes that are no DER", lambda: load(b"broken"))
observe("PEM as bytes", lambda: load(pem.encode()))
observe("DER that breaks off", lambda: load(der[:100]))
observe("DER with something after it", lambda: load(der + b"x"))
observe("text that is not ASCII", lambda: load("ä"))
observe("of the wrong type", lambda: load(object()))
observe("of the wrong type, a number", lambda: load(5))


@observing("is trusted")
def _():
    with connected("good", ssl.create_default_context(cadata=pem)) as tls:
        return tls.version()
