"""What the program sees of the server's certificate."""
import ssl

from observe import connected, observe, observing, peers, pki, trusting_context


def der(path):
    return ssl.PEM_cert_to_DER_cert(open(path).read())


@observing("as a dictionary")
def _():
    with connected("good") as tls:
        return tls.getpeercert()


@observing("as a dictionary, by P-256")
def _():
    with connected("good-ec") as tls:
        return tls.getpeercert(binary_form=False)


@observing("as DER")
def _():
    with connected("good") as tls:
        return [tls.getpeercert(True) == der(pki["good.certificate"]), type(tls.getpeercert(True)).__name__]


@observing("the chain that was sent")
def _():
    with connected("good") as tls:
        chain = tls.get_unverified_chain()
        return [len(chain), chain[0] == der(pki["good.certificate"]), chain[1] == der(pki["intermediate"])]


@observing("the chain that was verified")
def _():
    with connected("good") as tls:
        chain = tls.get_verified_chain()
        return [len(chain), chain[2] == der(pki["ca"])]


@observing("chains without verification")
def _():
    context = ssl._create_unverified_context()
    with connected("missing-intermediate", context) as tls:
        return [len(tls.get_unverified_chain()), len(tls.get_verified_chain())]


@observing("certificate objects")
def _():
    with connected("good") as tls:
        leaf = tls._sslobj.get_unverified_chain()[0]
        return [
            leaf.get_info() == tls.getpeercert(),
            leaf.public_bytes(ssl._ssl.ENCODING_PEM).startswith("-----BEGIN CERTIFICATE-----"),
            leaf.public_bytes(ssl._ssl.ENCODING_DER) == tls.getpeercert(True),
            leaf == tls._sslobj.get_verified_chain()[0],
            hash(leaf) == hash(tls._sslobj.get_verified_chain()[0]),
            leaf == 5,
            repr(leaf),
        ]


observe("certificate objects with an encoding that is none", lambda: with_leaf(lambda leaf: leaf.public_bytes(99)))


def with_leaf(use):
    with connected("good") as tls:
        return use(tls._sslobj.get_unverified_chain()[0])


observe("an encoding that is none", lambda: with_leaf(lambda leaf: leaf.public_bytes(99)))


@observing("before the handshake")
def _():
    import socket

    with socket.create_connection(("127.0.0.1", peers["good"])) as plain:
        context = trusting_context()
        with context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False) as tls:
            return tls.getpeercert()


observe("get_server_certificate", lambda: ssl.get_server_certificate(("127.0.0.1", peers["good"]), timeout=20) == ssl.DER_cert_to_PEM_cert(der(pki["good.certificate"])))
observe("get_server_certificate, verified", lambda: ssl.get_server_certificate(("localhost", peers["good"]), ca_certs=pki["ca"], timeout=20)[:27])
observe("get_server_certificate, not trusted", lambda: ssl.get_server_certificate(("localhost", peers["good"]), ca_certs=pki["otherCa"], timeout=20))
