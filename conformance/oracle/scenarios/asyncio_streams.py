"""asyncio's streams, clients and servers, plain and with TLS: what they carry, when they end, how they fail."""
import asyncio
import socket
import ssl

from ends import TLS12, client_context, server_context
from observe import observing


async def answer(reader, writer):
    """Sends each line back turned round, until there is none."""
    try:
        while line := await reader.readline():
            writer.write(line.strip()[::-1] + b"\n")
            await writer.drain()
        writer.close()
        await writer.wait_closed()
    except (OSError, ssl.SSLError):
        writer.close()


async def asked(reader, writer, line):
    writer.write(line + b"\n")
    await writer.drain()
    return await reader.readline()


async def closed(writer):
    writer.close()
    await writer.wait_closed()


def with_server(use, answering=answer, **settings):
    """Runs `use(port)` beside a server."""

    async def run():
        async with await asyncio.start_server(answering, "127.0.0.1", 0, **settings) as server:
            return await use(server.sockets[0].getsockname()[1])

    return asyncio.run(run())


async def short(awaitable):
    """What it gives, or the class and the text of what it raises."""
    try:
        return await awaitable
    except Exception as error:
        return [type(error).__name__, str(getattr(error, "reason", None) or getattr(error, "strerror", None) or error)]


@observing("a line there and back, plain")
def _():
    async def use(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers = [await asked(reader, writer, b"hello"), await asked(reader, writer, b"world")]
        writer.write_eof()
        answers += [await reader.read(), reader.at_eof(), writer.can_write_eof()]
        await closed(writer)
        return answers

    return with_server(use)


@observing("a line there and back, TLS")
def _():
    async def use(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(), server_hostname="localhost")
        answers = [await asked(reader, writer, b"hello"), writer.can_write_eof()]
        about = writer.get_extra_info
        answers += [about("peername")[1] == port, about("ssl_object").version(), about("peercert")["subject"], about("compression")]
        answers += [type(about("socket")).__name__, about("sslcontext").verify_mode.name]
        await closed(writer)
        return answers

    return with_server(use, ssl=server_context())


@observing("TLS 1.2, the name from the address that is connected to")
def _():
    async def use(port):
        reader, writer = await asyncio.open_connection("localhost", port, ssl=client_context(**TLS12))
        answers = [writer.get_extra_info("ssl_object").version(), await asked(reader, writer, b"abc")]
        await closed(writer)
        return answers

    return with_server(use, ssl=server_context())


@observing("thirty clients at once")
def _():
    async def use(port):
        async def one(number):
            context = client_context() if number % 2 else None
            reader, writer = await asyncio.open_connection("localhost", ports[number % 2])
            if context:
                await writer.start_tls(context, server_hostname="localhost")
            received = await asked(reader, writer, f"client {number}".encode())
            await closed(writer)
            return received

        async with await asyncio.start_server(start_tls_and_answer, "127.0.0.1", 0) as second:
            ports = [port, second.sockets[0].getsockname()[1]]
            return await asyncio.gather(*(one(number) for number in range(30)))

    async def start_tls_and_answer(reader, writer):
        await writer.start_tls(server_context())
        await answer(reader, writer)

    return with_server(use)


@observing("four megabytes each way, through buffers that fill")
def _():
    payload = bytes(range(256)) * 16384

    async def echo(reader, writer):
        received = 0
        while received < len(payload) and (chunk := await reader.read(65536)):
            received += len(chunk)
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def use(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(), server_hostname="localhost")

        async def send():
            for start in range(0, len(payload), 300_000):
                writer.write(payload[start : start + 300_000])
                await writer.drain()

        sending = asyncio.create_task(send())
        received = await reader.readexactly(len(payload))
        await sending
        writer.close()
        return received == payload

    return with_server(use, echo, ssl=server_context())


@observing("a certificate that nobody trusts, and another name's")
def _():
    async def use(port):
        return [
            await short(asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name))
            for context, name in ((ssl.create_default_context(), "localhost"), (client_context(), "other.test"), (True, "localhost"))
        ]

    return with_server(use, ssl=server_context())


@observing("TLS to a server that speaks none")
def _():
    async def use(port):
        return await short(asyncio.open_connection("127.0.0.1", port, ssl=client_context(), server_hostname="localhost"))

    return with_server(use)


@observing("a client certificate that is required")
def _():
    async def use(port):
        answers = []
        for context in (client_context("client", **TLS12), client_context(**TLS12)):
            opened = await short(asyncio.open_connection("localhost", port, ssl=context))
            answers.append(opened if isinstance(opened, list) else "let in")
            if not isinstance(opened, list):
                await closed(opened[1])
        return answers

    server = server_context(verify_mode=ssl.CERT_REQUIRED)
    server.load_verify_locations(cadata=client_context_root())
    return with_server(use, ssl=server)


def client_context_root():
    [root] = client_context().get_ca_certs(binary_form=True)[:1]
    return root


@observing("a refused port")
def _():
    async def run():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        try:
            await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            return [type(error).__name__, str(error).partition("]")[2].replace(str(port), "PORT")]

    return asyncio.run(run())


@observing("time runs out: while connecting with TLS, while reading, while accepting")
def _():
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async def use(port):
        answers = []
        try:
            async with asyncio.timeout(0.05):
                await asyncio.open_connection("127.0.0.1", port, ssl=client_context(), server_hostname="localhost")
        except TimeoutError as error:
            answers.append(repr(error))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers.append(await short(asyncio.wait_for(reader.read(1), 0.05)))
        writer.close()
        answers.append(await short(asyncio.open_connection("localhost", port, ssl=client_context(), ssl_handshake_timeout=0.05)))
        return answers

    return with_server(use, silent)


@observing("a task that is cancelled while it reads")
def _():
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async def use(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=None)
        reading = asyncio.create_task(reader.read(1))
        await asyncio.sleep(0.01)
        reading.cancel()
        answers = [await asyncio.gather(reading, return_exceptions=True), reader.at_eof()]
        await closed(writer)
        return [repr(answers[0]), answers[1]]

    return with_server(use, silent)


@observing("a peer that resets")
def _():
    async def reset(reader, writer):
        await reader.readline()
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async def use(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answered = await short(asked(reader, writer, b"hello"))
        writer.close()
        return answered

    return with_server(use, reset)


@observing("what arguments are refused")
def _():
    async def run():
        loop = asyncio.get_running_loop()
        with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            return [
                await short(loop.create_server(asyncio.Protocol, "localhost", 0, sock=datagrams)),
                await short(loop.create_connection(asyncio.Protocol, "localhost", 1, server_hostname="localhost")),
                await short(loop.create_connection(asyncio.Protocol, ssl=True)),
                (await short(loop.create_connection(asyncio.Protocol, sock=datagrams)))[1].partition(", got")[0],
                await short(loop.start_tls(None, None, None)),
                await short(asyncio.open_connection("localhost")),
            ]

    return asyncio.run(run())


@observing("a server that is closed takes nobody, and ends with its last client")
def _():
    async def run():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        states = [server.is_serving(), await asked(reader, writer, b"ab")]
        server.close()
        waiting = asyncio.create_task(server.wait_closed())
        await asyncio.sleep(0.01)
        states += [server.is_serving(), server.sockets, waiting.done(), await asked(reader, writer, b"cd")]
        await closed(writer)
        await waiting
        states.append((await short(asyncio.open_connection("127.0.0.1", port)))[0])
        return states

    return asyncio.run(run())
