"""SSLErrors as operations raise them: their attributes, copies, pickles."""
import copy
import pickle
import ssl

from memory_pair import Pair, client_context, server_context
from observe import observe, observing, pki


def caught(function):
    try:
        function()
    except ssl.SSLError as error:
        return error


def described(error):
    return [type(error).__name__, error.args[0], sorted(vars(error)), getattr(error, "library", None), getattr(error, "reason", None)]


def untrusting():
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return Pair(client=client).outcome()


@observing("a certificate that is not trusted")
def _():
    outcome = untrusting()
    return [described(outcome["client"]), outcome["client"], described(outcome["server"]), outcome["server"]]


@observing("a copy and a pickle of it")
def _():
    error = untrusting()["client"]
    return [described(copy.copy(error)), described(pickle.loads(pickle.dumps(error))), str(copy.copy(error)) == str(error)]


@observing("a want")
def _():
    error = caught(Pair().client.do_handshake)
    return [described(error), error, error.__context__, error.__cause__]


@observing("the end of the stream")
def _():
    pair = Pair()
    pair.to_client.write_eof()
    error = caught(pair.client.do_handshake)
    return [described(error), error]


@observing("the end of the stream, again")
def _():
    pair = Pair()
    pair.to_client.write_eof()
    return [caught(pair.client.do_handshake), caught(pair.client.do_handshake), caught(lambda: pair.client.read(1)), caught(lambda: pair.client.write(b"x"))]


@observing("no cipher in common")
def _():
    client = client_context(ssl.TLSVersion.TLSv1_2)
    client.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    server = server_context(ssl.TLSVersion.TLSv1_2)
    server.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")
    outcome = Pair(client, server).outcome()
    return [described(outcome["client"]), outcome, described(outcome["server"])]


@observing("no version in common")
def _():
    outcome = Pair(client_context(ssl.TLSVersion.TLSv1_3), server_context(ssl.TLSVersion.TLSv1_2)).outcome()
    return [described(outcome["client"]), outcome, described(outcome["server"])]


@observing("an alert that means no certificate")
def _():
    server = server_context(ssl.TLSVersion.TLSv1_2, verify_mode=ssl.CERT_REQUIRED)
    outcome = Pair(client_context(ssl.TLSVersion.TLSv1_2), server).outcome()
    return [described(outcome["client"]), outcome, described(outcome["server"])]


@observing("garbage")
def _():
    pair = Pair()
    pair.to_client.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    error = caught(pair.client.do_handshake)
    return [described(error), error]


@observing("garbage, on a server")
def _():
    pair = Pair()
    pair.to_server.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    error = caught(pair.server.do_handshake)
    return [described(error), error]


observe("a key that is none", lambda: described(caught(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pki["good.chain"], pki["ca"]))))
observe("a certificate that is none", lambda: described(caught(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pki["good.key"]))))
observe("a key of another certificate", lambda: described(caught(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pki["good.chain"], pki["good-ec.key"]))))
observe("no cipher", lambda: described(caught(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers("nothing"))))
observe("wrong side", lambda: described(caught(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()))))
