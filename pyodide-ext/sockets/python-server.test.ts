import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadPythonWithSockets, type PythonWithSockets } from "./pyodide.fixture.ts";

let python: PythonWithSockets;

beforeAll(async () => {
  python = await loadPythonWithSockets();
  await python.run("import socket, json");
});

afterEach(() => {
  expect(python.io.table.numbers(), "sockets that a test left open").toEqual([]);
});

afterAll(() => {
  python.io.dispose();
});

/** Everything that `socket` receives until the other side ends. */
async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
}

describe("a listening socket", () => {
  it("takes its port at bind, and serves a client of Node's", async () => {
    const port = (await python.run(`
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(10)
server.getsockname()[1]`)) as number;
    const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const answer = readAll(client);
    client.end("question");
    const seen = await python.run(`
connection, address = server.accept()
with connection, connection.makefile("rb") as f:
    question = f.read().decode()
    connection.sendall(b"answer to " + question.encode())
server.close()
json.dumps([question, address[0], connection.family.name])`);
    expect(JSON.parse(seen as string)).toEqual(["question", "127.0.0.1", "AF_INET"]);
    expect(await answer).toBe("answer to question");
  });

  it("times out, would block, and refuses a taken port, as on Linux", async () => {
    const seen = await python.run(`
seen = []
server = socket.create_server(("127.0.0.1", 0))
for timeout in (0.01, 0):
    server.settimeout(timeout)
    try:
        server.accept()
    except OSError as e:
        seen.append(type(e).__name__)
other = socket.socket()
try:
    other.bind(server.getsockname())
except OSError as e:
    seen.append(e.strerror)
other.close()
server.close()
json.dumps(seen)`);
    expect(JSON.parse(seen as string)).toEqual(["TimeoutError", "BlockingIOError", "Address already in use"]);
  });

  it("carries CPython's http.server", async () => {
    const port = (await python.run(`
import http.server, io, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"you asked for {self.path}".encode())
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
server.server_port`)) as number;
    const response = fetch(`http://127.0.0.1:${port}/this`).then((found) => found.text());
    await python.run(`server.handle_request(); server.server_close()`);
    expect(await response).toBe("you asked for /this");
  });

  it("binds a client's socket, which then connects from an address of the transport's choice", async () => {
    const port = (await python.run(`
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname(), 5, source_address=("127.0.0.1", 0))
connection, _ = server.accept()
client.sendall(b"x"); seen = connection.recv(1)
same = client.getsockname() == connection.getpeername()
for s in (client, connection, server):
    s.close()
same and seen == b"x"`)) as boolean;
    expect(port).toBe(true);
  });
});

describe("socketpair", () => {
  it("connects two sockets in memory, with half-close, back-pressure and broken pipes", async () => {
    const seen = await python.run(`
seen = []
a, b = socket.socketpair()
a.sendall(b"to b"); b.sendall(b"to a")
seen += [b.recv(10).decode(), a.recv(10).decode(), a.getpeername() == b.getsockname()]
a.setblocking(False)
sent = 0
try:
    while True:
        sent += a.send(bytes(100000))
except BlockingIOError:
    seen.append(0 < sent < 10_000_000)
a.shutdown(socket.SHUT_WR)
got = 0
while chunk := b.recv(1 << 20):
    got += len(chunk)
seen.append(got == sent)
b.sendall(b"still"); seen.append(a.recv(10).decode())
a.close()
try:
    b.send(b"x")
except BrokenPipeError as e:
    seen.append(e.strerror)
b.close()
json.dumps(seen)`);
    expect(JSON.parse(seen as string)).toEqual(["to b", "to a", true, true, true, "still", "Broken pipe"]);
  });
});

describe("a client's connection to a server that is gone", () => {
  it("is refused once the server is closed", async () => {
    const port = (await python.run(`
server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]; server.close(); port`)) as number;
    const client = connect(port, "127.0.0.1");
    const [error] = (await once(client, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });
});
