/**
 * Two threads that read and write one TLS connection at once. No oracle holds this: native CPython 3.14.8 fails at it now and then
 * (in 6 of 80 runs a lost connection or "double free or corruption"), as an SSL object is not made for two threads.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InstalledPython, installedPython } from "../installed.fixture.ts";

let python: InstalledPython;

beforeAll(async () => {
  python = await installedPython({ transport: null });
}, 180_000);

afterAll(() => python[Symbol.dispose]());

const PROGRAM = `
import socket, ssl, threading

def connected(serve):
    """A client's connection, and the thread of the server that runs \`serve\` on the other end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/pki/good.bundle.pem")
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    outcomes = []
    def run():
        with listener, listener.accept()[0] as connection:
            outcomes.append(serve(connection))
    server = threading.Thread(target=run)
    server.start()
    client = ssl.create_default_context(cafile="/pki/root.pem")
    tls = client.wrap_socket(socket.create_connection(listener.getsockname()), server_hostname="localhost")
    return tls, server, outcomes

def received(connection, size):
    total = 0
    while total < size:
        data = connection.recv(65536)
        if not data:
            raise EOFError(f"{total} of {size} bytes")
        total += len(data)
    return total
`;

const run = async (code: string): Promise<unknown> => python.run(PROGRAM + code);

it("carries megabytes both ways at once", async () => {
  expect(
    await run(`
size = 2_000_000
def both_ways(connection):
    writer = threading.Thread(target=connection.sendall, args=(bytes(size),))
    writer.start()
    total = received(connection, size)
    writer.join()
    return total
tls, server, outcomes = connected(both_ways)
with tls:
    seen = both_ways(tls)
server.join()
[seen, outcomes]`),
  ).toEqual([2_000_000, [2_000_000]]);
});

it("gives a thread that waits for data what another thread's words bring, and the farewell to both ends", async () => {
  expect(
    await run(`
def echo(connection):
    total = 0
    while data := connection.recv(4096):
        connection.sendall(data)
        total += len(data)
    connection.unwrap()
    return total
tls, server, outcomes = connected(echo)
with tls:
    seen = []
    reader = threading.Thread(target=lambda: seen.append(received(tls, 100_000)))
    reader.start()
    for _ in range(10):
        tls.sendall(bytes(10_000))
    reader.join()
    tls.unwrap()
server.join()
[seen, outcomes]`),
  ).toEqual([[100_000], [100_000]]);
});
