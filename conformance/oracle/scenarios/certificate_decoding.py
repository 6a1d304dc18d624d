"""_test_decode_cert, getpeercert and the forms of certificates."""
import os
import ssl
import tempfile

import _ssl
from memory_pair import Pair, client_context, server_context
from observe import observe, observing, pki

folder = tempfile.mkdtemp()


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


PEM = open(pki["good.certificate"]).read()
for name in ("ca", "intermediate", "otherCa", "good.certificate", "good-ec.certificate", "client.certificate", "sni-one.certificate"):
    observe(name, lambda: _ssl._test_decode_cert(pki[name]))
    observe(f"{name}: order of keys", lambda: list(_ssl._test_decode_cert(pki[name])))
observe("with text before", lambda: _ssl._test_decode_cert(write("before", "text\n" + PEM))["subject"])
observe("two", lambda: _ssl._test_decode_cert(write("two", PEM + open(pki["ca"]).read()))["subject"])
for name, path in {"nothing there": "/no/such/file", "a folder": "/", "a key": pki["good.key"], "empty": write("empty", ""), "broken": write("broken", PEM.replace("A", "B", 30)), "cut": write("cut", PEM[:200])}.items():
    observe(name, lambda: _ssl._test_decode_cert(path))
for path in (None, 5.5, "", "a\0b", pki["ca"].encode()):
    observe(f"as {type(path).__name__} {path if not isinstance(path, bytes) else ''!r}", lambda: _ssl._test_decode_cert(path)["version"])


def peer(der=False, **client):
    context = client_context(**client)
    return Pair(context).handshake().client.getpeercert(der)


observe("a peer's", lambda: peer())
observe("a peer's, not verified", lambda: peer(check_hostname=False, verify_mode=ssl.CERT_NONE))
observe("a peer's DER, not verified", lambda: len(peer(True, check_hostname=False, verify_mode=ssl.CERT_NONE)) > 500)
observe("a peer's DER", lambda: ssl.DER_cert_to_PEM_cert(peer(True)).strip() == PEM[PEM.index("-----BEGIN") :].strip())
observe("of a client without", lambda: Pair().handshake().server.getpeercert())
observe("before the handshake", lambda: Pair().client.getpeercert())
for value in (0, 1, None, "", "x", []):
    observe(f"binary_form {value!r}", lambda: type(peer(value)).__name__)


@observing("of a client")
def _():
    client, server = client_context(), server_context(verify_mode=ssl.CERT_REQUIRED)
    client.load_cert_chain(pki["client.chain"], pki["client.key"])
    server.load_verify_locations(pki["ca"])
    pair = Pair(client, server).handshake()
    pair.exchange()
    return [pair.server.getpeercert(), len(pair.server.get_verified_chain()), len(pair.server.get_unverified_chain())]


for text in ("Jan  5 09:34:43 2018 GMT", "Jan 05 09:34:43 2018 GMT", "Feb 30 00:00:00 2018 GMT", "jan  5 09:34:43 2018 GMT", "Jan  5 09:34 2018 GMT", "Dec 31 23:59:60 2008 GMT", "Jan  1 00:00:00 1600 GMT", "", "x", None):
    observe(f"the time {text!r}", lambda: ssl.cert_time_to_seconds(text))
