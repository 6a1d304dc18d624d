"""`getpeercert` and the chains in each mode of verification, on both sides."""
import hashlib
import ssl

from ends import TLS12, Memory, client_context, raised, server_context
from observe import observe, observing, pki


def seen(end):
    names = end.getpeercert()
    binary = end.getpeercert(True)
    return {
        "names": sorted(names) if names else names,
        "binary": binary and hashlib.sha256(binary).hexdigest()[:8] == hashlib.sha256(binary).hexdigest()[:8],
        "verified": raised(lambda: len(end.get_verified_chain())),
        "unverified": raised(lambda: len(end.get_unverified_chain())),
        "same": binary == (end.get_unverified_chain() or [None])[0],
    }


def both(client_mode, server_mode, leaf=None, **attributes):
    client = client_context(leaf, check_hostname=client_mode == ssl.CERT_REQUIRED, **attributes)
    client.verify_mode = client_mode
    server = server_context(verify_mode=server_mode)
    server.load_verify_locations(pki["ca"])
    pair = Memory(client, server)
    try:
        pair.handshake().settle()
        pair.server.write(b"x")
        pair.client.read(1)
    except ssl.SSLError as error:
        return [error.reason, raised(pair.server.do_handshake), raised(pair.client.read, 1)]
    return [seen(pair.client), seen(pair.server)]


for client_mode in ssl.VerifyMode:
    observe(f"client {client_mode.name}, server CERT_NONE", lambda: both(client_mode, ssl.CERT_NONE))
for server_mode in ssl.VerifyMode:
    for leaf in (None, "client", "client-ec", "client-unknown"):
        observe(f"server {server_mode.name}, client with {leaf}", lambda: both(ssl.CERT_REQUIRED, server_mode, leaf))
        observe(f"server {server_mode.name}, client with {leaf}, TLS 1.2", lambda: both(ssl.CERT_REQUIRED, server_mode, leaf, **TLS12))


@observing("all that a certificate says")
def _():
    pair = Memory().handshake()
    return {key: value for key, value in pair.client.getpeercert().items() if key not in ("serialNumber", "notBefore", "notAfter")}


@observing("the arguments of getpeercert")
def _():
    end = Memory().handshake().client
    return [type(raised(end.getpeercert, binary)).__name__ for binary in (0, 1, "", "yes", None)] + [raised(end.getpeercert, 1, 2)[:40]]


@observing("the binary form is the file's")
def _():
    end = Memory().handshake().client
    with open(pki["good.certificate"]) as file:
        text = file.read()
    der = ssl.PEM_cert_to_DER_cert(text[text.index(ssl.PEM_HEADER) :])
    return [end.getpeercert(True) == der, end.get_unverified_chain()[0] == der, end.get_verified_chain()[0] == der]


@observing("certificates of the chains")
def _():
    inner = Memory().handshake().client._sslobj
    chain = inner.get_verified_chain()
    return [[type(certificate).__name__, dict(sum(certificate.get_info()["subject"], ()))["commonName"], len(certificate.public_bytes(ssl._ssl.ENCODING_DER)) > 300] for certificate in chain]


@observing("a resumed connection still knows its peer")
def _():
    client, server = client_context(**TLS12), server_context()
    session = Memory(client, server).handshake().client.session
    pair = Memory(client, server, session=session).handshake()
    return [pair.client.session_reused, pair.client.getpeercert()["subject"][-1], raised(lambda: len(pair.client.get_verified_chain())), raised(lambda: len(pair.client.get_unverified_chain()))]
