"""What must hold in every version of Pyodide that is supported: one function for each thing, with a sentence that says what.

``matrix.ts`` runs it, by way of ``python-runs.ts``. A check that fails raises.
"""

import asyncio
import gc
import http.client
import json
import re
import signal
import socket
import ssl
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request

import pyodide

CHECKS = []

# What matrix.ts says: the port of an HTTPS server on this machine, and the names of the native `_ssl`.
settings = {}


def check(function):
    CHECKS.append(function)
    return function


def equal(seen, expected):
    assert seen == expected, f"{seen!r}, and not {expected!r}"


def client_context():
    return ssl.create_default_context(cafile="/pki/root.pem")


def server_context():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain("/pki/good.chain.pem", "/pki/good.key")
    return context


class Server(threading.Thread):
    """A TLS server on loopback in a thread: answers each client with what it got, in capital letters."""

    def __init__(self, context, clients=1):
        super().__init__()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.context, self.clients = context, clients

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.listener.close()
        self.join()

    def run(self):
        for _ in range(self.clients):
            try:
                with self.context.wrap_socket(self.listener.accept()[0], server_side=True) as connection:
                    connection.sendall(connection.recv(100).upper())
            except ssl.SSLError:
                pass


def talk(server, context, session=None):
    """One exchange with it; answers the connection, which is closed by then, its session and its facts."""
    with socket.create_connection(server.address) as sock:
        with context.wrap_socket(sock, server_hostname="localhost", session=session) as tls:
            tls.sendall(b"hello")
            equal(tls.recv(100), b"HELLO")
            return tls, tls.session, tls.session_reused, tls.version()


@check
def default_context():
    """create_default_context() makes a verified TLS 1.3 connection"""
    with socket.create_connection(("localhost", settings["port"])) as sock:
        with client_context().wrap_socket(sock, server_hostname="localhost") as tls:
            equal(tls.version(), "TLSv1.3")
            assert ("DNS", "localhost") in tls.getpeercert()["subjectAltName"]


@check
def verification():
    """a wrong name and an unknown authority are refused, with native texts"""

    def refusal(context, name):
        try:
            with socket.create_connection(("localhost", settings["port"])) as sock:
                context.wrap_socket(sock, server_hostname=name)
        except ssl.SSLCertVerificationError as error:
            return error.verify_code, re.sub(r" \(_ssl\.c:\d+\)$", "", str(error))
        raise AssertionError(f"{name} was accepted")

    start = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    wrong = f"{start}Hostname mismatch, certificate is not valid for 'other.test'."
    equal(refusal(client_context(), "other.test"), (62, wrong))
    unknown = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    equal(refusal(unknown, "localhost"), (20, f"{start}unable to get local issuer certificate"))


@check
def client_certificate():
    """a client shows its certificate, by urllib.request"""
    context = client_context()
    context.load_cert_chain("/pki/client.chain.pem", "/pki/client.key")
    with urllib.request.urlopen(f"https://localhost:{settings['port']}/", context=context) as response:
        body = response.read().decode()
    assert body.startswith("hello over TLS, "), body


@check
def clients():
    """http.client and requests work unmodified"""
    connection = http.client.HTTPSConnection("localhost", settings["port"], context=client_context())
    connection.request("GET", "/")
    equal(connection.getresponse().read(), b"hello over TLS")
    connection.close()
    import requests

    with requests.Session() as session:
        session.verify = "/pki/root.pem"
        equal(session.get(f"https://localhost:{settings['port']}/").text, "hello over TLS")
        session.verify = True
        try:
            session.get(f"https://localhost:{settings['port']}/")
        except requests.exceptions.SSLError as error:
            assert "self-signed certificate in certificate chain" in str(error) or "local issuer" in str(error), error
        else:
            raise AssertionError("an unknown authority was accepted")


@check
def threads():
    """servers in threads answer clients of the same Python"""
    with Server(server_context(), 3) as server:
        for _ in range(3):
            equal(talk(server, client_context())[3], "TLSv1.3")


@check
def waiting():
    """what waits is suspended, and timeouts end it"""
    ticks = []
    thread = threading.Thread(target=lambda: [ticks.append(time.sleep(0.001)) for _ in range(3)])
    thread.start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        try:
            listener.accept()
        except TimeoutError as error:
            equal(str(error), "timed out")
        else:
            raise AssertionError("somebody connected")
    thread.join()
    equal(len(ticks), 3)


@check
def signals():
    """a signal that comes while other code runs ends what the program waits for"""
    asyncio.get_event_loop().call_soon(signal.raise_signal, signal.SIGINT)
    try:
        time.sleep(30)
    except KeyboardInterrupt:
        return
    raise AssertionError("nothing was raised")


@check
async def asyncio_tasks():
    """tasks of asyncio, and asyncio.run() in a thread, use sockets that wait"""

    async def fetch():
        with urllib.request.urlopen(f"https://localhost:{settings['port']}/", context=client_context()) as response:
            return response.read()

    equal(await asyncio.gather(fetch(), fetch(), asyncio.sleep(0, "slept")), [b"hello over TLS"] * 2 + ["slept"])
    answers = []
    thread = threading.Thread(target=lambda: answers.append(asyncio.run(fetch())))
    thread.start()
    thread.join()
    equal(answers, [b"hello over TLS"])


@check
async def asyncio_streams():
    """asyncio's own streams and servers do TLS"""

    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        writer.close()

    async def ask(port):
        reader, writer = await asyncio.open_connection("localhost", port, ssl=client_context())
        writer.write(b"hello\n")
        received = await reader.read()
        writer.close()
        await writer.wait_closed()
        return received

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_context()) as server:
        port = server.sockets[0].getsockname()[1]
        equal(await asyncio.gather(*(ask(port) for _ in range(5))), [b"HELLO\n"] * 5)


def memory_pair(client, server):
    """A client and a server over memory, after their handshake."""
    first, second = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(first, second, server_hostname="localhost"),
        server.wrap_bio(second, first, server_side=True),
    ]
    waiting = list(ends)
    for _ in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    assert not waiting, "the handshake does not end"
    return ends


@check
def memory_bio():
    """SSLObject over MemoryBIO"""
    client, server = memory_pair(client_context(), server_context())
    client.write(b"hello")
    equal(server.read(), b"hello")


@check
def resumption():
    """sessions are resumed"""
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Server(server_context(), 2) as server:
        _, session, is_reused, _ = talk(server, context)
        equal(is_reused, False)
        equal(talk(server, context, session)[2], True)


@check
def collection():
    """automatic garbage collection is off while a stack is suspended exactly where Pyodide needs that, and never for the program"""
    from pyodide_ssl import _collection

    equal(_collection.IS_NEEDED, re.fullmatch(r"314\.0\.[0-7]", pyodide.__version__) is not None)
    begun, end = threading.Event(), threading.Event()

    def work():
        begun.set()
        end.wait()

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    while_suspended = _collection._isenabled()
    end.set()
    thread.join()
    equal((while_suspended, gc.isenabled()), (not _collection.IS_NEEDED, True))


@check
def surface():
    """_ssl has exactly the native names and members"""
    import _ssl

    ours = {name for name in vars(_ssl) if not name.startswith("__")}
    native = set(settings["names"])
    equal(sorted(ours ^ native), [])
    for name, members in settings["members"].items():
        ours = {member for member in vars(getattr(_ssl, name)) if member not in ("__doc__", "__module__")}
        equal((name, sorted(ours ^ set(members))), (name, []))


@check
def additions():
    """what Python 3.15 added to ssl is there on 3.15, and only there"""
    names = ("set_ciphersuites", "set_groups", "get_groups", "set_client_sigalgs", "set_server_sigalgs")
    is_new = sys.version_info >= (3, 15)
    equal([hasattr(ssl.SSLContext, name) for name in names], [is_new] * 5)
    equal([hasattr(ssl, name) for name in ("get_sigalgs", "HAS_PSK_TLS13")], [is_new] * 2)
    if is_new:
        _use_additions()


def _use_additions():
    client, server = client_context(), server_context()
    client.load_cert_chain("/pki/client.chain.pem", "/pki/client.key")
    server.load_verify_locations("/pki/root.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    algorithm = "rsa_pss_rsae_sha384"
    equal([client.set_groups("P-384:X25519"), server.set_groups("X25519")], [None, None])
    equal(client.set_ciphersuites("TLS_AES_128_GCM_SHA256"), None)
    server.set_client_sigalgs(algorithm)
    client.set_server_sigalgs(algorithm)
    ends = memory_pair(client, server)
    facts = [(end.group(), end.cipher()[0], end.server_sigalg(), end.client_sigalg()) for end in ends]
    equal(facts, [("x25519", "TLS_AES_128_GCM_SHA256", algorithm, algorithm)] * 2)
    assert ssl.HAS_PSK_TLS13 is True
    assert algorithm in ssl.get_sigalgs()
    assert "P-256" in client.get_groups(include_aliases=True) and "P-256" not in client.get_groups()
    for name, text in {
        "set_groups": "unrecognized group",
        "set_ciphersuites": "No cipher suite can be selected.",
        "set_client_sigalgs": "unrecognized signature algorithm",
        "set_server_sigalgs": "unrecognized signature algorithm",
    }.items():
        try:
            getattr(client, name)("nonsense")
        except ssl.SSLError as error:
            equal((error.errno, re.sub(r"\d+", "N", error.strerror)), (0, f"{text} (_ssl.c:N)"))
        else:
            raise AssertionError(f"{name}() takes nonsense")


async def run(values):
    """Run every check; answers JSON: the sentence of each, and what went wrong or null."""
    settings.update(values)
    outcomes = []
    for function in CHECKS:
        failure = None
        try:
            outcome = function()
            if outcome is not None:
                await outcome
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            failure = f"{type(error).__name__}: {error} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno})"
        outcomes.append([function.__doc__, failure])
    return json.dumps(outcomes)
