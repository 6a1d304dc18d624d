"""load_dh_params."""
import os
import ssl
import tempfile

from memory_pair import Pair, client_context, server_context
from observe import observe, observing, pki

# ffdhe2048 of RFC 7919.
FFDHE2048 = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""

folder = tempfile.mkdtemp()


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


good, garbage, empty = write("good", FFDHE2048), write("garbage", "nothing"), write("empty", "")


def load(path):
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_dh_params(path)


observe("parameters", lambda: load(good))
observe("by bytes", lambda: load(good.encode()))
observe("into a client's", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_dh_params(good))
observe("twice", lambda: [context := ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), context.load_dh_params(good), context.load_dh_params(good)][1:])
observe("a file that is not there", lambda: load("/no/such/file"))
observe("a folder", lambda: load("/"))
observe("a file without parameters", lambda: load(pki["ca"]))
observe("a key", lambda: load(pki["good.key"]))
observe("a file of something else", lambda: load(garbage))
observe("an empty file", lambda: load(empty))
observe("None", lambda: load(None))
observe("a number", lambda: load(1.5))
observe("an empty name", lambda: load(""))
observe("a NUL", lambda: load("a\0b"))


@observing("agreed on")
def _():
    server = server_context(ssl.TLSVersion.TLSv1_2)
    server.load_dh_params(good)
    client = client_context(ssl.TLSVersion.TLSv1_2)
    for context in (client, server):
        context.set_ciphers("DHE-RSA-AES128-GCM-SHA256")
    return Pair(client, server).handshake().client.cipher()


@observing("not given")
def _():
    server, client = server_context(ssl.TLSVersion.TLSv1_2), client_context(ssl.TLSVersion.TLSv1_2)
    for context in (client, server):
        context.set_ciphers("DHE-RSA-AES128-GCM-SHA256")
    return Pair(client, server).outcome()
