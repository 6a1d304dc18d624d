"""Sockets without TLS: what Linux and socketmodule.c do in each state of a connection, and with arguments that are wrong."""
import errno
import select
import socket
import struct

from observe import observe, observing

HOST = "127.0.0.1"
listener = socket.create_server((HOST, 0))
address = listener.getsockname()


def name(number):
    return errno.errorcode.get(number, number)


def events(sock):
    poller = select.poll()
    poller.register(sock, 0x7FFF)
    return [hex(found) for _, found in poller.poll(0)]


def connection():
    client = socket.create_connection(address, 5)
    server, _ = listener.accept()
    return client, server


def on_fresh(use):
    with socket.socket() as sock:
        return use(sock)


def on_connection(use):
    client, server = connection()
    with client, server:
        return use(client, server)


def text_of(call):
    """The text alone: an h_errno is no errno, and must not be taken for one."""
    try:
        return call()
    except OSError as error:
        return [type(error).__name__, error.strerror]


def closed_number():
    with open(__file__) as file:
        return file.fileno()


def on_file(use):
    with open(__file__) as file:
        return use(file.fileno())


def closed_port():
    with socket.create_server((HOST, 0)) as sock:
        return sock.getsockname()


observe("fresh: events", lambda: on_fresh(events))
observe("fresh: send", lambda: on_fresh(lambda s: s.send(b"x")))
observe("fresh: recv", lambda: on_fresh(lambda s: s.recv(1)))
observe("fresh: getpeername", lambda: on_fresh(lambda s: s.getpeername()))
observe("fresh: getsockname", lambda: on_fresh(lambda s: s.getsockname()))
observe("fresh: shutdown", lambda: on_fresh(lambda s: s.shutdown(socket.SHUT_RDWR)))
observe("fresh: accept", lambda: on_fresh(lambda s: s.accept()))
observe("connected: events", lambda: on_connection(lambda c, s: events(c)))
observe("connected: connect again", lambda: on_connection(lambda c, s: name(c.connect_ex(address))))
observe("connected: wrong way to shut down", lambda: on_connection(lambda c, s: c.shutdown(9)))
observe("listening: connect", lambda: listener.connect(address))
observe("listening: bind again", lambda: listener.bind((HOST, 0)))
observe("listening: bind another to its port", lambda: on_fresh(lambda s: s.bind(address)))
observe("bind to a foreign address", lambda: on_fresh(lambda s: s.bind(("192.0.2.1", 0))))


@observing("the peer ends its side")
def _():
    client, server = connection()
    with client, server:
        server.shutdown(socket.SHUT_WR)
        select.select([client], [], [], 5)
        seen = [events(client), client.recv(1), client.send(b"x")]
        client.shutdown(socket.SHUT_WR)
        return [*seen, events(client)]


@observing("after both sides ended")
def _():
    client, server = connection()
    with client, server:
        server.shutdown(socket.SHUT_WR)
        select.select([client], [], [], 5)
        client.recv(1)
        client.shutdown(socket.SHUT_WR)
        seen = []
        for call in (lambda: client.send(b"x"), lambda: client.shutdown(socket.SHUT_WR), client.getpeername):
            try:
                seen.append(call())
            except OSError as error:
                seen.append(name(error.errno))
        return seen


@observing("a reset is reported once")
def _():
    client, server = connection()
    with client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        server.close()
        select.select([client], [], [], 5)
        seen = [events(client)]
        for call in (lambda: client.recv(1), lambda: client.recv(1), lambda: client.send(b"x"), client.getpeername):
            try:
                seen.append(call())
            except OSError as error:
                seen.append(name(error.errno))
        return [*seen, events(client)]


@observing("a refused connect in the background")
def _():
    with socket.socket() as sock:
        sock.setblocking(False)
        seen = [name(sock.connect_ex(closed_port()))]
        select.select([], [sock], [], 5)
        seen.append(events(sock))
        for _ in range(2):
            seen.append(name(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))
        return [*seen, name(sock.connect_ex(address))]


@observing("connecting in the background, told twice")
def _():
    with socket.socket() as sock:
        sock.setblocking(False)
        seen = [name(sock.connect_ex(address))]
        select.select([], [sock], [], 5)
        seen += [name(sock.connect_ex(address)), name(sock.connect_ex(address))]
        listener.accept()[0].close()
        return seen


observe("a refused connect", lambda: on_fresh(lambda s: s.connect(closed_port())))
for value in ("host:80", (HOST,), (HOST, "80"), (HOST, 70000), (1, 2), ("a\0b", 1), [HOST, 80]):
    observe(f"connect to {value!r}", lambda value=value: on_fresh(lambda s: s.connect(value)))
for value in ("a", -1, 1e30, float("nan"), True, None, 0, 2):
    observe(
        f"settimeout({value!r})",
        lambda value=value: on_fresh(lambda s: [s.settimeout(value), s.gettimeout(), s.getblocking()]),
    )
for label, use in {
    "send str": lambda s: s.send("x"),
    "send int": lambda s: s.send(5),
    "send a view with gaps": lambda s: s.send(memoryview(b"abcdef")[::2]),
    "recv a negative number": lambda s: s.recv(-1),
    "recv str": lambda s: s.recv("a"),
    "recv_into bytes": lambda s: s.recv_into(b"abc"),
    "recv_into too little": lambda s: s.recv_into(bytearray(2), 5),
    "recv_into a negative number": lambda s: s.recv_into(bytearray(2), -5),
    "sendto without an address": lambda s: s.sendto(b"x"),
    "listen str": lambda s: s.listen("a"),
    "an unknown option": lambda s: s.setsockopt(socket.SOL_SOCKET, 9999, 1),
    "an option of an unknown level": lambda s: s.setsockopt(77, 1, 1),
    "a read-only option": lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 1),
    "an option without a value": lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, None, 4),
    "a switch set to 7": lambda s: [
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 7),
        s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR),
    ],
    "the size of a buffer": lambda s: [
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192),
        s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
    ],
}.items():
    observe(label, lambda use=use: on_fresh(use))

for arguments in (
    (HOST, 80),
    (HOST, "http"),
    (None, 80, 0, socket.SOCK_STREAM),
    (None, 80, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE),
    ("::1", 443, 0, socket.SOCK_STREAM),
    ("", 80),
    (HOST, 80, socket.AF_INET6),
    (HOST, "no-such-service"),
    (None, None),
    (HOST, 80, 0, socket.SOCK_STREAM, 17),
    (HOST, 80, 0, 0, 6),
    (HOST, 80, 99),
    (HOST, 80, 0, socket.SOCK_STREAM, 0, socket.AI_CANONNAME),
    ("127.1", 80, 0, socket.SOCK_STREAM),
    ("name.test", 80, 0, 0, 0, socket.AI_NUMERICHOST),
    ("no-such-host.invalid", 80),
    (5, 80),
    (HOST, 1.5),
):
    observe(f"getaddrinfo{arguments!r}", lambda arguments=arguments: socket.getaddrinfo(*arguments))

for label, call in {
    "gethostbyname of nothing": lambda: socket.gethostbyname(""),
    "gethostbyname of an IPv6 address": lambda: socket.gethostbyname("::1"),
    "gethostbyaddr of an unknown address": lambda: text_of(lambda: socket.gethostbyaddr("192.0.2.7")),
    "getnameinfo": lambda: socket.getnameinfo((HOST, 443), 0),
    "getnameinfo, name required": lambda: socket.getnameinfo(("192.0.2.7", 80), socket.NI_NAMEREQD),
    "getservbyport": lambda: socket.getservbyport(443),
    "getservbyname of an unknown one": lambda: socket.getservbyname("no-such-service"),
    "inet_pton, IPv6": lambda: socket.inet_pton(socket.AF_INET6, "2001:db8::1"),
    "inet_pton of nonsense": lambda: socket.inet_pton(socket.AF_INET6, "2001:db8::1::2"),
    "inet_ntop, IPv6": lambda: socket.inet_ntop(socket.AF_INET6, b"\0" * 10 + b"\xff\xff\1\2\3\4"),
    "a negative number": lambda: socket.socket(fileno=-2),
    "a number that is not open": lambda: socket.socket(fileno=closed_number()),
    "a file's number": lambda: on_file(lambda fd: socket.socket(fileno=fd)),
    "a fraction for a number": lambda: socket.socket(fileno=1.5),
    "select on a number that is not open": lambda: select.select([closed_number()], [], [], 0),
    "select with negative time": lambda: select.select([], [], [], -1),
    "select on an int": lambda: select.select(1, [], []),
    "poll: unknown number": lambda: select.poll().modify(5, 1),
    "a file in select": lambda: on_file(lambda fd: [len(ready) for ready in select.select([fd], [fd], [fd], 0)]),
}.items():
    observe(label, call)

listener.close()
