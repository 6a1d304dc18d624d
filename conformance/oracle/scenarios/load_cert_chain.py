"""`load_cert_chain`: files, keys and passwords that fit and do not."""
import ssl

from observe import observe, pki


def load(certificate, key=None, password=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context.load_cert_chain(certificate, key, password)


chain, key, encrypted = pki["client.chain"], pki["client.key"], pki["client.encryptedKey"]
password = pki["password"]

observe("plain", lambda: load(chain, key))
observe("as bytes", lambda: load(chain.encode(), key.encode()))
observe("in one file", lambda: load(pki["client.bundle"]))
observe("password as text", lambda: load(chain, encrypted, password))
observe("password as bytes", lambda: load(chain, encrypted, password.encode()))
observe("password as a bytearray", lambda: load(chain, encrypted, bytearray(password.encode())))
observe("password from a function", lambda: load(chain, encrypted, lambda: password))
observe("password from a function, as bytes", lambda: load(chain, encrypted, lambda: password.encode()))
observe("password that is not needed", lambda: load(chain, key, password))
observe("wrong password", lambda: load(chain, encrypted, "wrong"))
observe("empty password", lambda: load(chain, encrypted, ""))
observe("password too long", lambda: load(chain, encrypted, "x" * 2000))
observe("password of the wrong type", lambda: load(chain, encrypted, 5))
observe("password function that gives the wrong type", lambda: load(chain, encrypted, lambda: 5))
observe("password function that gives too much", lambda: load(chain, encrypted, lambda: "x" * 2000))
observe("password function that gives a wrong one", lambda: load(chain, encrypted, lambda: "wrong"))


def broken():
    raise LookupError("no password today")


observe("password function that raises", lambda: load(chain, encrypted, broken))
observe("certificate that is not there", lambda: load("/no/such/certificate.pem"))
observe("key that is not there", lambda: load(chain, "/no/such/key.pem"))
observe("a folder instead of a certificate", lambda: load(pki["folder"]))
observe("certificate without a key", lambda: load(chain))
observe("key without a certificate", lambda: load(key))
observe("key of another certificate", lambda: load(chain, pki["good.key"]))
observe("key of another kind", lambda: load(chain, pki["good-ec.key"]))
observe("files the wrong way round", lambda: load(key, chain))
observe("certificate of the wrong type", lambda: load(5))
observe("key of the wrong type", lambda: load(chain, 5))
observe("nothing", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain())
observe("empty path", lambda: load(""))
