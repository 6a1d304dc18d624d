"""TLS servers and clients in threads of one program, all blocking.

Each end of a connection belongs to one thread here: what two threads do with one end is in
pyodide-ext/threads/shared-connection.test.ts.
"""
import socket
import ssl
import threading

from ends import TLS12, client_context, raised, server_context
from observe import observe, observing


def serve(handle, context, count=1, **parameters):
    """Start a thread that accepts some connections and handles each. Answers the address, the thread, and what came of it."""
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True, **parameters)
    listener.settimeout(20)
    outcomes = []

    def run():
        with listener:
            for _ in range(count):
                try:
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(20)
                        outcomes.append(handle(connection))
                except OSError as error:
                    outcomes.append([type(error).__name__, getattr(error, "reason", None)])

    thread = threading.Thread(target=run)
    thread.start()
    return listener.getsockname(), thread, outcomes


def connect(address, context=None, hostname="localhost", **parameters):
    plain = socket.create_connection(address, 20)
    return (context or client_context()).wrap_socket(plain, server_hostname=hostname, **parameters)


def echo(connection):
    total = 0
    while data := connection.recv(4096):
        connection.sendall(data)
        total += len(data)
    # The client has said that it ends: this says the same, and need not wait.
    connection.unwrap()
    return total


@observing("an echo")
def _():
    address, thread, outcomes = serve(echo, server_context())
    with connect(address) as tls:
        tls.sendall(b"hello")
        seen = [tls.recv(99), tls.version()]
        tls.unwrap().close()
    thread.join()
    return [seen, outcomes]


@observing("unwrap from both sides")
def _():
    def polite(connection):
        connection.sendall(b"bye")
        plain = connection.unwrap()
        plain.sendall(b"in the clear")
        return type(plain).__name__

    address, thread, outcomes = serve(polite, server_context())
    with connect(address) as tls:
        seen = [tls.recv(3)]
        plain = tls.unwrap()
        seen.append(plain.recv(99))
    thread.join()
    return [seen, outcomes]


@observing("several clients of one server")
def _():
    address, thread, outcomes = serve(echo, server_context(), 4)
    answers = []

    def talk(number):
        with connect(address) as tls:
            tls.sendall(f"client {number}".encode())
            answers.append(tls.recv(99))
            tls.unwrap()

    clients = [threading.Thread(target=talk, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    for client in [*clients, thread]:
        client.join()
    return [sorted(answers), outcomes]


@observing("a client that does not trust the server: both are told")
def _():
    address, thread, outcomes = serve(echo, server_context(**TLS12))
    seen = raised(connect, address, ssl.create_default_context())
    thread.join()
    return [seen, outcomes]


@observing("a client without the certificate that is asked for")
def _():
    context = server_context(verify_mode=ssl.CERT_REQUIRED, **TLS12)
    address, thread, outcomes = serve(echo, context)
    seen = raised(connect, address)
    thread.join()
    return [seen, outcomes]


@observing("a client with a certificate")
def _():
    from observe import pki

    context = server_context(verify_mode=ssl.CERT_REQUIRED)
    context.load_verify_locations(pki["ca"])
    address, thread, outcomes = serve(lambda connection: (connection.sendall(b"x"), connection.getpeercert()["subject"][-1])[1], context)
    with connect(address, client_context("client")) as tls:
        tls.recv(1)
    thread.join()
    return outcomes


@observing("resumption")
def _():
    client, server = client_context(), server_context()
    address, thread, outcomes = serve(lambda connection: (connection.sendall(b"x"), connection.recv(1), connection.session_reused)[2], server, 2)
    with connect(address, client) as tls:
        tls.recv(1)
        session = tls.session
        tls.sendall(b"y")
    with connect(address, client, session=session) as tls:
        tls.recv(1)
        reused = tls.session_reused
        tls.sendall(b"y")
    thread.join()
    return [reused, outcomes, server.session_stats()["hits"]]
