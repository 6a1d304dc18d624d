"""asyncio's `SSLProtocol` driven by hand: a client and a server over memory, with a loop that only runs what is due."""
import asyncio
import asyncio.sslproto
import collections
import ssl

from ends import TLS12, client_context, server_context
from observe import observe, observing


class Loop:
    """What `SSLProtocol` needs of an event loop: calls that are due, in order. No time passes."""

    def __init__(self):
        self.due = collections.deque()
        self.problems = []

    def get_debug(self):
        return False

    def call_soon(self, callback, *parameters, context=None):
        self.due.append((callback, parameters))

    def call_later(self, delay, callback, *parameters, context=None):
        return type("Handle", (), {"cancel": lambda self: None})()

    def call_exception_handler(self, context):
        self.problems.append([context["message"].split(" 0x")[0], type(context.get("exception")).__name__])

    def run(self):
        for _ in range(10_000):
            if not self.due:
                return
            callback, parameters = self.due.popleft()
            callback(*parameters)
        raise AssertionError("the loop does not come to rest")


class Transport(asyncio.Transport):
    """One end of a connection in memory; what is written comes to the other's protocol later."""

    def __init__(self, loop):
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.loop, self.other, self.protocol, self.closed, self.paused = loop, None, None, False, False

    def write(self, data):
        data = bytes(data)
        self.loop.call_soon(self.other.deliver, data)

    def writelines(self, chunks):
        self.write(b"".join(chunks))

    def deliver(self, data):
        while data and not self.closed:
            buffer = self.protocol.get_buffer(len(data))
            count = min(len(buffer), len(data))
            buffer[:count] = data[:count]
            self.protocol.buffer_updated(count)
            data = data[count:]

    def close(self):
        if not self.closed:
            self.closed = True
            self.loop.call_soon(self.protocol.connection_lost, None)
            self.loop.call_soon(self.other.end)

    abort = _force_close = lambda self, error=None: self.close()

    def end(self):
        if not self.closed:
            self.protocol.eof_received()
            self.close()

    def is_closing(self):
        return self.closed

    def get_write_buffer_size(self):
        return 0

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False


class App(asyncio.Protocol):
    def __init__(self, name, seen, answer=None):
        self.name, self.seen, self.answer = name, seen, answer

    def connection_made(self, transport):
        self.transport = transport
        self.seen.append([self.name, "made", transport.get_extra_info("ssl_object").version()])

    def data_received(self, data):
        self.seen.append([self.name, "data", len(data), data[:12]])
        if self.answer:
            self.transport.write(self.answer(data))

    def eof_received(self):
        self.seen.append([self.name, "eof"])

    def connection_lost(self, error):
        self.seen.append([self.name, "lost", type(error).__name__])


class Waiter:
    """Stands for the future that `create_connection` waits for."""

    outcome = None

    def cancelled(self):
        return False

    def done(self):
        return self.outcome is not None

    def set_result(self, value):
        self.outcome = "done"

    def set_exception(self, error):
        self.outcome = [type(error).__name__, getattr(error, "reason", None)]


def pair(client=None, server=None, hostname="localhost", answer=None):
    loop, seen = Loop(), []
    transports = [Transport(loop), Transport(loop)]
    transports[0].other, transports[1].other = transports[1], transports[0]
    waiters = [Waiter(), Waiter()]
    apps = [App("client", seen), App("server", seen, answer)]
    for number, context in enumerate((client or client_context(), server or server_context())):
        transports[number].protocol = asyncio.sslproto.SSLProtocol(
            loop, apps[number], context, waiters[number], server_side=number == 1, server_hostname=None if number else hostname
        )
    for transport in transports:
        transport.protocol.connection_made(transport)
    loop.run()
    return loop, seen, apps, waiters, transports


@observing("a handshake, bytes and an end")
def _():
    loop, seen, apps, waiters, transports = pair(answer=lambda data: data.upper())
    apps[0].transport.write(b"hello")
    loop.run()
    apps[0].transport.close()
    loop.run()
    return [seen, [waiter.outcome for waiter in waiters], loop.problems, [transport.closed for transport in transports]]


@observing("TLS 1.2, ended by the server")
def _():
    loop, seen, apps, waiters, transports = pair(client_context(**TLS12))
    apps[1].transport.write(b"welcome")
    apps[1].transport.close()
    loop.run()
    return [seen, [waiter.outcome for waiter in waiters], loop.problems, [transport.closed for transport in transports]]


@observing("much in both directions")
def _():
    loop, seen, apps, *_ = pair(answer=lambda data: bytes(len(data)))
    apps[0].transport.writelines([b"x" * 100_000] * 3)
    loop.run()
    return [sum(item[2] for item in seen if item[:2] == [name, "data"]) for name in ("client", "server")]


@observing("a wrong name")
def _():
    loop, seen, _, waiters, transports = pair(hostname="wrong.test")
    return [seen, [waiter.outcome for waiter in waiters], loop.problems, [transport.closed for transport in transports]]


@observing("no version in common")
def _():
    loop, seen, _, waiters, _ = pair(client_context(**TLS12), server_context(minimum_version=ssl.TLSVersion.TLSv1_3))
    return [seen, [waiter.outcome for waiter in waiters], loop.problems]


@observing("what a transport tells")
def _():
    loop, _, apps, *_ = pair()
    transport = apps[0].transport
    names = ("sslcontext", "ssl_object", "peercert", "cipher", "compression", "peername", "nothing")
    seen = {name: type(transport.get_extra_info(name)).__name__ for name in names}
    return [seen, transport.is_closing(), transport.get_write_buffer_size(), transport.get_write_buffer_limits(), transport.can_write_eof(), transport.is_reading()]


@observing("an abort")
def _():
    loop, seen, apps, _, transports = pair()
    apps[0].transport.abort()
    loop.run()
    return [seen, [transport.closed for transport in transports]]


@observing("the connection is cut")
def _():
    loop, seen, _, _, transports = pair()
    transports[1].close()
    loop.run()
    return [seen, loop.problems]


@observing("a peer that speaks no TLS")
def _():
    loop, seen = Loop(), []
    one, other = Transport(loop), Transport(loop)
    one.other, other.other = other, one
    waiter = Waiter()
    one.protocol = asyncio.sslproto.SSLProtocol(loop, App("client", seen), client_context(), waiter, server_hostname="localhost")
    other.protocol = type("Sink", (), {"get_buffer": lambda self, size: bytearray(size), "buffer_updated": lambda self, count: None, "eof_received": lambda self: None, "connection_lost": lambda self, error: None})()
    one.protocol.connection_made(one)
    loop.run()
    one.deliver(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    loop.run()
    return [seen, waiter.outcome, one.closed]
