"""TLS servers and clients in threads of one program, all blocking."""
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


@observing("megabytes both ways at once")
def _():
    size = 2_000_000

    def both_ways(connection):
        writer = threading.Thread(target=connection.sendall, args=(bytes(size),))
        writer.start()
        received = 0
        while received < size:
            received += len(connection.recv(65536))
        writer.join()
        return received

    address, thread, outcomes = serve(both_ways, server_context())
    with connect(address) as tls:
        received = both_ways(tls)
    thread.join()
    return [received, outcomes]


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


@observing("two threads read and write one connection")
def _():
    address, thread, outcomes = serve(echo, server_context())
    with connect(address) as tls:
        received = []

        def read():
            while sum(map(len, received)) < 100_000:
                received.append(tls.recv(65536))

        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(10):
            tls.sendall(bytes(10_000))
        reader.join()
        tls.unwrap()
    thread.join()
    return [sum(map(len, received)), outcomes]


@observing("closing wakes nobody, shutdown does")
def _():
    address, thread, outcomes = serve(echo, server_context())
    plain = socket.create_connection(address, 20)
    with client_context().wrap_socket(plain, server_hostname="localhost") as tls:
        seen = []
        reader = threading.Thread(target=lambda: seen.append(raised(tls.recv, 1)))
        reader.start()
        tls.sendall(b"x")
        reader.join()
        tls.unwrap()
    thread.join()
    return [seen, outcomes]
