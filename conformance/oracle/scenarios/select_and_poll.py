"""`select.select` and `select.poll` over connections in every state, and with arguments that are wrong."""
import select
import socket

from ends import Sockets, arrived, connection, raised
from observe import observe, observing


def ready(*ends, timeout=0):
    return [[ends.index(end) for end in found] for found in select.select(ends, ends, ends, timeout)]


@observing("the states of a connection")
def _():
    a, b = connection()
    with a, b:
        seen = [ready(a, b)]
        b.send(b"x")
        arrived(a)
        seen.append(ready(a, b))
        a.recv(9)
        seen.append(ready(a, b))
        b.shutdown(socket.SHUT_WR)
        arrived(a)
        seen.append(ready(a))
        a.close()
        return seen


@observing("a listener is readable when somebody waits")
def _():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen = [select.select([listener], [], [], 0)[0] == []]
        with socket.create_connection(listener.getsockname(), 20):
            seen.append(select.select([listener], [], [], 20)[0] == [listener])
            listener.accept()[0].close()
            seen.append(select.select([listener], [], [], 0)[0] == [])
        return seen


@observing("the same socket in several lists, and twice in one")
def _():
    a, b = connection()
    with a, b:
        found = select.select([a, a], [a, b, a], [a], 0)
        return [len(part) for part in found]


@observing("numbers and objects with fileno")
def _():
    class Holder:
        def __init__(self, value):
            self.value = value

        def fileno(self):
            return self.value

    a, b = connection()
    with a, b:
        holder = Holder(a.fileno())
        found = select.select([], [a.fileno(), holder], [], 0)[1]
        return [found[0] == a.fileno(), found[1] is holder, raised(select.select, [Holder("x")], [], [], 0), raised(select.select, [Holder(-1)], [], [], 0)]


for label, arguments in {
    "no lists": (),
    "two lists": ([], []),
    "None": (None, [], []),
    "text": ("abc", [], []),
    "an object": ([object()], [], [], 0),
    "a negative number": ([-1], [], [], 0),
    "a number far too large": ([1 << 40], [], [], 0),
    "time as text": ([], [], [], "1"),
    "negative time": ([], [], [], -1),
    "no time": ([], [], [], float("nan")),
    "nothing at all, for no time": ([], [], [], 0),
    "tuples and sets": ((), set(), {}, 0),
    "a generator": ((number for number in ()), [], [], 0),
}.items():
    observe(f"select with {label}", lambda: select.select(*arguments))


@observing("a wait that ends by time, with somebody to wait for")
def _():
    a, b = connection()
    with a, b:
        return [len(part) for part in select.select([a], [], [b], 0.02)]


def names(events):
    return sorted(name for name in ("POLLIN", "POLLOUT", "POLLPRI", "POLLERR", "POLLHUP", "POLLNVAL") if events & getattr(select, name))


@observing("poll")
def _():
    a, b = connection()
    with a, b:
        poller = select.poll()
        poller.register(a)
        seen = [[names(events) for _, events in poller.poll(0)]]
        poller.modify(a, select.POLLIN)
        seen.append(poller.poll(0))
        b.send(b"x")
        seen.append([[fd == a.fileno(), names(events)] for fd, events in poller.poll(20_000)])
        poller.register(b, select.POLLOUT)
        seen.append(len(poller.poll(0)))
        poller.unregister(a)
        seen.append([fd == b.fileno() for fd, _ in poller.poll(None)])
        return seen


@observing("poll: events that were not asked for")
def _():
    a, b = connection()
    with a:
        poller = select.poll()
        poller.register(a, 0)
        seen = [poller.poll(0)]
        b.close()
        arrived(a)
        seen.append([names(events) for _, events in poller.poll(0)])
        a.shutdown(socket.SHUT_RDWR)
        return seen


@observing("poll: a number that is closed while registered")
def _():
    a, b = connection()
    poller = select.poll()
    poller.register(a)
    number = a.fileno()
    a.close()
    b.close()
    seen = [[fd == number, names(events)] for fd, events in poller.poll(0)]
    return [*seen, raised(poller.register, a), poller.unregister(number), raised(poller.unregister, number)[:8]]


for label, use in {
    "register nothing": lambda poller: poller.register(),
    "register text": lambda poller: poller.register("x"),
    "register a negative number": lambda poller: poller.register(-1),
    "register wrong events": lambda poller: poller.register(5, "x"),
    "register too many events": lambda poller: poller.register(5, 1 << 20),
    "register negative events": lambda poller: poller.register(5, -1),
    "modify an unknown one": lambda poller: poller.modify(77, 1),
    "unregister an unknown one": lambda poller: poller.unregister(77),
    "time as text": lambda poller: poller.poll("1"),
    "no time": lambda poller: poller.poll(0),
    "a fraction of time": lambda poller: poller.poll(0.5),
    "time too large": lambda poller: poller.poll(1 << 70),
}.items():
    observe(f"poll: {label}", lambda: use(select.poll()))

observe("poll objects are not called for", lambda: type(select.poll())())


@observing("TLS sockets")
def _():
    with Sockets() as pair:
        poller = select.poll()
        poller.register(pair.client, select.POLLIN)
        seen = [poller.poll(0)]
        pair.server.sendall(b"0123456789")
        seen.append([names(events) for _, events in poller.poll(20_000)])
        seen.append([pair.client.recv(4), poller.poll(0), pair.client.pending()])
        return seen
