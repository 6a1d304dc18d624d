"""load_verify_locations and load_cert_chain with what is no certificate, no file, no path."""
import os
import pathlib
import ssl
import tempfile

from observe import observe, observing, pki

folder = tempfile.mkdtemp()


def write(name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


PEM = open(pki["ca"]).read()
DER = ssl.PEM_cert_to_DER_cert(PEM)
BROKEN = PEM.replace("A", "B", 40)
EMPTY = write("empty", b"")


def context():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def verify(*args, **kwargs):
    made = context()
    made.load_verify_locations(*args, **kwargs)
    return made.cert_store_stats()


def chain(*args):
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*args)


for name, value in {"a path": pathlib.Path(pki["ca"]), "bytes": pki["ca"].encode(), "a number": 5, "a float": 1.5, "a list": [], "an empty text": "", "a NUL": "a\0b", "a lone surrogate": "\ud800", "a folder": "/", "nothing there": "/no/such/file", "an empty file": EMPTY, "DER": write("der", DER), "a broken one": write("broken", BROKEN.encode()), "a key": pki["good.key"], "binary": write("binary", bytes(range(256)))}.items():
    observe(f"cafile: {name}", lambda: verify(value))
    observe(f"capath: {name}", lambda: verify(None, value))
    observe(f"certfile: {name}", lambda: chain(value))
    observe(f"keyfile: {name}", lambda: chain(pki["good.chain"], value))
for name, value in {"PEM": PEM, "DER": DER, "PEM as bytes": PEM.encode(), "two": PEM + PEM, "DER twice": DER + DER, "a bytearray": bytearray(DER), "a view": memoryview(DER), "text without": "nothing", "bytes without": b"nothing", "empty": "", "empty bytes": b"", "broken": BROKEN, "broken DER": DER[:-5], "DER and more": DER + b"xxx", "PEM and text": "before\n" + PEM + "after\n", "other letters": "ü" + PEM, "a number": 5, "a list": [PEM], "a NUL": PEM + "\0", "every second byte": memoryview(DER)[::2], "a key": open(pki["good.key"]).read()}.items():
    observe(f"cadata: {name}", lambda: verify(cadata=value))
observe("nothing", lambda: verify())
observe("nothing by names", lambda: verify(cafile=None, capath=None, cadata=None))
observe("all three", lambda: verify(pki["ca"], pki["capath"], PEM))
observe("a missing file with good data", lambda: verify("/no/such/file", cadata=PEM))
observe("a chain and no key", lambda: chain(pki["good.chain"]))
observe("a bundle", lambda: chain(pki["good.bundle"]))
observe("None for a certificate", lambda: chain(None))
observe("a key that is not there", lambda: chain(pki["good.chain"], "/no/such/file"))


@observing("data before a failing file stays")
def _():
    made = context()
    try:
        made.load_verify_locations("/no/such/file", cadata=PEM)
    except OSError:
        return made.cert_store_stats()


@observing("good data before broken data stays")
def _():
    made = context()
    try:
        made.load_verify_locations(cadata=PEM + BROKEN)
    except ssl.SSLError as error:
        return [error, made.cert_store_stats()]
