"""`load_verify_locations`: files that are and are not what they should be."""
import os
import ssl
import tempfile

from observe import observe, observing, pki


def load(*parameters, **names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(*parameters, **names)
    return context.cert_store_stats()


observe("a file", lambda: load(pki["ca"]))
observe("a file by its name", lambda: load(cafile=pki["ca"]))
observe("a file as bytes", lambda: load(pki["ca"].encode()))
observe("two in one file", lambda: load(pki["good.chain"]))
observe("a folder", lambda: load(capath=pki["capath"]))
observe("a folder that is not there", lambda: load(capath="/no/such/folder"))
observe("a file and a folder", lambda: load(pki["ca"], pki["capath"]))
observe("nothing", lambda: load())
observe("nothing, said", lambda: load(None, None, None))
observe("a file that is not there", lambda: load("/no/such/file.pem"))
observe("a folder as a file", lambda: load(pki["folder"]))
observe("a key as a file", lambda: load(pki["good.key"]))
observe("of the wrong type", lambda: load(5))
observe("a folder of the wrong type", lambda: load(capath=5))
observe("an empty path", lambda: load(""))
observe("a path with a zero byte", lambda: load("a\0b"))


def with_file(content):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.pem")
        with open(path, "wb") as file:
            file.write(content)
        return load(path)


observe("an empty file", lambda: with_file(b""))
observe("a file that is no PEM", lambda: with_file(b"nothing of use\n"))
observe("a file with damaged base64", lambda: with_file(b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"))
observe("a file that breaks off", lambda: with_file(open(pki["ca"], "rb").read()[:300]))
observe("a file with damaged DER", lambda: with_file(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
observe("a certificate with text before it", lambda: with_file(b"text\n" + open(pki["ca"], "rb").read()))


@observing("twice the same")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki["ca"])
    context.load_verify_locations(pki["ca"])
    return context.cert_store_stats()
