"""asyncio's loop with sockets of the program's own: `sock_recv` and its like, readers and writers, datagrams, files."""
import asyncio
import io
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from ends import client_context, connection, server_context
from observe import observing


async def short(awaitable):
    try:
        return await awaitable
    except Exception as error:
        return [type(error).__name__, str(error)]


def with_ends(use):
    async def run():
        ends = connection()
        for end in ends:
            end.setblocking(False)
        with ends[0], ends[1]:
            return await use(asyncio.get_running_loop(), *ends)

    return asyncio.run(run())


@observing("sendall, recv and recv_into")
def _():
    async def use(loop, a, b):
        big = bytes(3_000_000)
        sending = asyncio.create_task(loop.sock_sendall(a, big))
        received = 0
        while received < len(big):
            received += len(await loop.sock_recv(b, 100_000))
        await sending
        reading = asyncio.create_task(loop.sock_recv_into(b, buffer := bytearray(10)))
        await asyncio.sleep(0)
        await loop.sock_sendall(a, b"abc")
        answers = [received, await reading, bytes(buffer)]
        a.shutdown(socket.SHUT_WR)
        return [*answers, await loop.sock_recv(b, 1)]

    return with_ends(use)


@observing("accept and connect")
def _():
    async def run():
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
            listener.setblocking(False)
            client.setblocking(False)
            accepting = asyncio.create_task(loop.sock_accept(listener))
            await loop.sock_connect(client, listener.getsockname())
            server, address = await accepting
            with server:
                return [address == client.getsockname(), server.gettimeout()]

    return asyncio.run(run())


@observing("readers and writers: called as long as there is something, until they are taken away")
def _():
    async def use(loop, a, b):
        seen, enough = [], asyncio.Event()

        def readable(name):
            seen.append(name)
            if len(seen) == 3:
                seen.append(b.recv(10))
                seen.append(loop.remove_reader(b))
                enough.set()

        loop.add_reader(b, readable, "old")
        loop.add_reader(b.fileno(), readable, "new")
        a.send(b"x")
        await enough.wait()
        a.send(b"y")
        await asyncio.sleep(0.02)
        writable = asyncio.Event()
        loop.add_writer(a, writable.set)
        await writable.wait()
        return [*seen, loop.remove_reader(b), loop.remove_writer(a), loop.remove_writer(a)]

    return with_ends(use)


@observing("reading and writing of one socket at once")
def _():
    async def use(loop, a, b):
        read, written = asyncio.Event(), asyncio.Event()
        loop.add_reader(a, read.set)
        loop.add_writer(a, written.set)
        await written.wait()
        states = [read.is_set(), loop.remove_writer(a)]
        b.send(b"x")
        await read.wait()
        return [*states, loop.remove_reader(a)]

    return with_ends(use)


@observing("a socket that a transport has is not the program's")
def _():
    async def use(loop, a, b):
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=a)
        answers = [(await short(loop.sock_recv(a, 1)))[0]]
        try:
            loop.add_reader(a, print)
        except RuntimeError as error:
            answers.append(type(error).__name__)
        transport.close()
        return answers

    return with_ends(use)


@observing("a protocol sees each event in its order")
def _():
    class Protocol(asyncio.Protocol):
        def __init__(self):
            self.events = []
            self.ended = asyncio.get_running_loop().create_future()

        def connection_made(self, transport):
            self.transport = transport
            self.events.append("made")

        def data_received(self, data):
            self.events.append(data)

        def eof_received(self):
            self.events.append("eof")

        def connection_lost(self, error):
            self.events.append(["lost", error])
            self.ended.set_result(None)

    async def use(loop, a, b):
        client, server = Protocol(), Protocol()
        accepting = loop.connect_accepted_socket(lambda: server, b, ssl=server_context())
        connecting = loop.create_connection(lambda: client, sock=a, ssl=client_context(), server_hostname="localhost")
        await asyncio.gather(accepting, connecting)
        client.transport.write(b"one")
        client.transport.writelines([b"two", b"three"])
        states = [client.transport.is_reading(), client.transport.get_write_buffer_limits(), client.transport.is_closing()]
        client.transport.close()
        await asyncio.gather(client.ended, server.ended)
        received = b"".join(event for event in server.events if isinstance(event, bytes))
        others = [event for event in server.events if not isinstance(event, bytes)]
        return [states, client.events, received, others, client.transport.is_closing()]

    return with_ends(use)


@observing("reading that is paused holds the sender back")
def _():
    async def use(loop, a, b):
        received = bytearray()

        class Reader(asyncio.Protocol):
            def data_received(self, data):
                received.extend(data)

        transport, _ = await loop.create_connection(Reader, sock=b)
        transport.pause_reading()
        sending = asyncio.create_task(loop.sock_sendall(a, bytes(20_000_000)))
        await asyncio.sleep(0.05)
        states = [len(received), sending.done()]
        transport.resume_reading()
        await sending
        while len(received) < 20_000_000:
            await asyncio.sleep(0.01)
        transport.close()
        return [*states, len(received)]

    return with_ends(use)


@observing("datagrams there and back")
def _():
    class Protocol(asyncio.DatagramProtocol):
        def __init__(self):
            self.received = asyncio.get_running_loop().create_future()

        def datagram_received(self, data, address):
            if not self.received.done():
                self.received.set_result([data, address])

    async def run():
        loop = asyncio.get_running_loop()
        here, first = await loop.create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
        there, second = await loop.create_datagram_endpoint(Protocol, remote_addr=here.get_extra_info("sockname"))
        there.sendto(b"ping")
        ping, address = await first.received
        here.sendto(b"pong", address)
        pong, origin = await second.received
        for transport in (here, there):
            transport.close()
        return [ping, pong, origin == here.get_extra_info("sockname")]

    return asyncio.run(run())


@observing("a file, through a transport and a socket")
def _():
    async def use(loop, a, b):
        content = bytes(range(256)) * 1000
        sent = await loop.sock_sendfile(a, io.BytesIO(content))
        received = b""
        while len(received) < len(content):
            received += await loop.sock_recv(b, 1 << 20)
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=a)
        again = await loop.sendfile(transport, io.BytesIO(content), 1000, 500)
        second = await loop.sock_recv(b, 1 << 20)
        transport.close()
        return [sent, received == content, again, second == content[1000:1500]]

    return with_ends(use)


@observing("names and addresses")
def _():
    async def run():
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo("127.0.0.1", 443, type=socket.SOCK_STREAM)
        return [found[0][4], await loop.getnameinfo(("127.0.0.1", 443), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)]

    return asyncio.run(run())


@observing("a selector loop of its own, in a thread")
def _():
    async def answer(reader, writer):
        writer.write(await reader.readline())
        writer.close()

    async def run():
        async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_context()) as server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("localhost", port, ssl=client_context())
            writer.write(b"hello\n")
            received = await reader.read()
            writer.close()
            return received

    def in_thread():
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(run())

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(in_thread).result()


@observing("a loop in a thread that ends while a connection is open, and then gets something")
def _():
    a, b = connection()
    kept = []

    async def leave():
        reader, writer = await asyncio.open_connection(sock=a)
        kept.append(writer)
        asyncio.ensure_future(reader.read(1))
        await asyncio.sleep(0.01)

    unraisable, sys.unraisablehook = sys.unraisablehook, lambda raised: kept.append(raised.exc_value)
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, leave()).result()
        b.sendall(b"x")
        time.sleep(0.05)
        return [len(kept), sys.stderr.getvalue()]
    finally:
        sys.unraisablehook, sys.stderr = unraisable, stderr
        a.close()
        b.close()


@observing("two loops, one after the other, and in a thread")
def _():
    async def run():
        a, b = connection()
        with a, b:
            a.setblocking(False)
            b.send(b"hello")
            return await asyncio.get_running_loop().sock_recv(a, 10)

    async def in_thread():
        return await asyncio.get_running_loop().run_in_executor(pool, lambda: asyncio.run(run()))

    with ThreadPoolExecutor(1) as pool:
        return [asyncio.run(run()), asyncio.run(run()), asyncio.run(in_thread())]
