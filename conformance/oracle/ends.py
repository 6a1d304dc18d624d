"""Two ends of TLS in one program, for scenarios that look at both: over memory, or over connected sockets."""

import select
import socket
import ssl

from observe import as_text, pki, trusting_context

NAME = "localhost"


def server_context(leaf="good", **attributes):
    """A server's context that shows a leaf of the test PKI, with attributes set before it is used."""
    return _with(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), attributes, leaf)


def client_context(leaf=None, **attributes):
    """A client's context that trusts the test root, perhaps with a certificate of its own."""
    return _with(trusting_context(), attributes, leaf)


def _with(context, attributes, leaf):
    if leaf:
        context.load_cert_chain(pki[f"{leaf}.chain"], pki[f"{leaf}.key"])
    for name, value in attributes.items():
        setattr(context, name, value)
    return context


TLS12 = {"maximum_version": ssl.TLSVersion.TLSv1_2}


class Memory:
    """A client and a server whose records go through two memory buffers."""

    def __init__(self, client=None, server=None, hostname=NAME, session=None):
        self.to_client, self.to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = (client or client_context()).wrap_bio(
            self.to_client, self.to_server, server_hostname=hostname, session=session
        )
        self.server = (server or server_context()).wrap_bio(self.to_server, self.to_client, server_side=True)

    def handshake(self):
        """Both handshakes, by turns. Raises what one of them raises."""
        take_turns(self.client.do_handshake, self.server.do_handshake)
        return self

    def settle(self):
        """Let each side take in what the other has sent beyond the handshake, such as tickets."""
        for end in (self.client, self.server):
            try:
                end.read(1)
            except ssl.SSLWantReadError:
                pass
        return self


def take_turns(*calls, rounds=40):
    """Call each until it no longer wants to read or write. Answers what they returned."""
    answers = {}
    for _ in range(rounds):
        for number, call in enumerate(calls):
            if number in answers:
                continue
            try:
                answers[number] = call()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
        if len(answers) == len(calls):
            return [answers[number] for number in range(len(calls))]
    raise AssertionError("they wait for each other")


def connection():
    """Both ends of a TCP connection. (A socket pair would be of Unix sockets natively, which have other errors.)"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), 20)
        server, _ = listener.accept()
    client.settimeout(None)
    for end in (client, server):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client, server


def arrived(end):
    """The end itself, once there are bytes for it: a system may take a moment between the two ends of a connection."""
    select.select([end], [], [], 20)
    return end


class Sockets:
    """A client and a server over a TCP connection, without threads: as context manager it closes both."""

    def __init__(self, client=None, server=None, hostname=NAME, session=None, handshake=True, timeout=20, **parameters):
        plain_client, plain_server = connection()
        self.client = (client or client_context()).wrap_socket(
            plain_client, server_hostname=hostname, session=session, do_handshake_on_connect=False, **parameters
        )
        self.server = (server or server_context()).wrap_socket(
            plain_server, server_side=True, do_handshake_on_connect=False, **parameters
        )
        if handshake:
            self.handshake()
        self.settimeout(timeout)

    def settimeout(self, timeout):
        for end in (self.client, self.server):
            end.settimeout(timeout)

    def handshake(self):
        self.settimeout(0)
        try:
            together(self.client, self.client.do_handshake, self.server, self.server.do_handshake)
        except BaseException:
            self.close()
            raise
        if self.client.version() == "TLSv1.3" and self.server.context.num_tickets:
            # Who closes with unread tickets resets the connection.
            raised(arrived(self.client).recv, 1)

    def close(self):
        self.client.close()
        self.server.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def together(*ends_and_calls):
    """Call each end's function until it is done; wait for the end that wants something. For sockets that don't block."""
    waiting = list(zip(ends_and_calls[::2], ends_and_calls[1::2]))
    answers = []
    while waiting:
        read, write = [], []
        for end, call in list(waiting):
            try:
                answers.append(call())
                waiting.remove((end, call))
            except ssl.SSLWantReadError:
                read.append(end)
            except ssl.SSLWantWriteError:
                write.append(end)
        if waiting and len(read) + len(write) == len(waiting):
            select.select(read, write, [], 20)
    return answers


def raised(call, *parameters):
    """The class and the text of what a call raises, or what it returns: for observations with many small steps."""
    try:
        return call(*parameters)
    except Exception as error:
        return f"{type(error).__name__}: {_short(error)}"


def _short(error):
    return as_text(getattr(error, "reason", None) or getattr(error, "strerror", None) or error)


def drained(end):
    """Everything that can be read now without waiting."""
    received = b""
    while True:
        try:
            chunk = end.read(65536)
        except ssl.SSLWantReadError:
            return received
        if not chunk:
            return received
        received += chunk
