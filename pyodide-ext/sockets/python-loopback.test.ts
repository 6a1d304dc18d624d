import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createNodeTransport } from "../../transports/node.ts";
import type { Transport } from "../../transports/stream.ts";
import { loadPythonWithSockets, type PythonWithSockets } from "./pyodide.fixture.ts";

/** What a browser has: a way out that listens nowhere. Any use of it here is a failure of the test. */
function wayOut(): Transport {
  return {
    name: "wisp",
    resolvesNames: false,
    lookup: () => Promise.reject(new Error("nothing is to be looked up outside")),
    connect: (host, port) => {
      throw new Error(`nothing is to connect to ${host}:${port} outside`);
    },
    close: () => {},
  };
}

const HOSTS: [string, () => Promise<Transport | null>][] = [
  ["Node", createNodeTransport],
  ["a page with a gateway", () => Promise.resolve(wayOut())],
  ["a page without a gateway", () => Promise.resolve(null)],
];

describe.each(HOSTS)("sockets inside the interpreter, in %s", (name, host) => {
  let python: PythonWithSockets;

  beforeAll(async () => {
    python = await loadPythonWithSockets(await host());
    await python.run(`
import errno, json, select, selectors, socket, struct

def raised(call, *args):
    try:
        return call(*args)
    except OSError as e:
        return errno.errorcode.get(e.errno, type(e).__name__)

def listening(family=socket.AF_INET, host="127.0.0.1", backlog=5):
    server = socket.socket(family)
    server.bind((host, 0))
    server.listen(backlog)
    return server

def connected(**kinds):
    server = listening(**kinds)
    client = socket.socket(server.family)
    client.connect(server.getsockname())
    peer, _ = server.accept()
    server.close()
    return client, peer
`);
  });

  afterEach(() => {
    expect(python.io.table.numbers(), "sockets that a test left open").toEqual([]);
  });

  afterAll(() => {
    python.io.dispose();
  });

  /** Runs statements that append to \`seen\`, which is the answer. */
  async function observe(statements: string): Promise<unknown> {
    return JSON.parse((await python.run(`seen = []\n${statements}\njson.dumps(seen)`)) as string);
  }

  it("are client and server of one thread, with addresses that match, over IPv4 and IPv6", async () => {
    const seen = await observe(`
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    with listening(family, host) as server, socket.socket(family) as client:
        client.connect(server.getsockname())
        peer, address = server.accept()
        with peer:
            seen.append(address == client.getsockname() == peer.getpeername())
            seen.append(client.getpeername() == server.getsockname() == peer.getsockname())
            client.sendall(b"question"); seen.append(peer.recv(100).decode())
            peer.sendall(b"answer"); peer.shutdown(socket.SHUT_WR)
            seen.append(client.makefile("rb").read().decode())
`);
    expect(seen).toEqual([true, true, "question", "answer", true, true, "question", "answer"]);
  });

  it("connect and accept without blocking, as selectors tell", async () => {
    const seen = await observe(`
with listening() as server, socket.socket() as client:
    server.setblocking(False); client.setblocking(False)
    seen.append(raised(server.accept))
    seen.append(errno.errorcode[client.connect_ex(server.getsockname())])
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ); selector.register(client, selectors.EVENT_WRITE)
        seen.append(len(selector.select(0)))
    seen.append(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    peer, _ = server.accept(); peer.close()
    seen.append(client.recv(1).decode())
`);
    expect(seen).toEqual(["EAGAIN", "EINPROGRESS", 2, 0, ""]);
  });

  it("refuse where a socket is bound and does not listen, does so no more, or never did", async () => {
    const seen = await observe(`
with socket.socket() as bound:
    bound.bind(("127.0.0.1", 0))
    address = bound.getsockname()
    with socket.socket() as client:
        seen.append(raised(client.connect, address))
    bound.listen()
    with socket.socket() as client:
        seen.append(raised(client.connect, address))
        bound.close()
        seen.append(raised(client.recv, 1))
with socket.socket() as client:
    seen.append(errno.errorcode[client.connect_ex(address)] if ${JSON.stringify(name)} != "a page with a gateway" else "ECONNREFUSED")
`);
    expect(seen).toEqual(["ECONNREFUSED", null, "ECONNRESET", "ECONNREFUSED"]);
  });

  it("wait in the backlog, and connect when there is room in it", async () => {
    const seen = await observe(`
with listening(backlog=0) as server:
    clients = [socket.socket() for _ in range(3)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex(server.getsockname())
    def writable():
        return len(select.select([], clients, [], 0)[1])
    seen.append(writable())
    first, _ = server.accept(); seen.append(writable())
    second, _ = server.accept(); seen.append(writable())
    first.close(); second.close(); clients[0].close(); server.close()
    seen.append(raised(clients[2].recv, 1))
    for client in clients:
        client.close()
`);
    expect(seen).toEqual([1, 2, 3, "ECONNRESET"]);
  });

  it("end and reset as TCP on Linux does", async () => {
    const seen = await observe(`
client, peer = connected()
peer.close()
seen.append(client.recv(1).decode())
seen += [client.send(b"one"), raised(client.send, b"two"), client.recv(1).decode()]
client.close()
client, peer = connected()
client.send(b"unread"); peer.send(b"before")
peer.close()
seen += [client.recv(100).decode(), raised(client.recv, 1), client.recv(1).decode(), raised(client.send, b"x")]
client.close()
client, peer = connected()
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
seen += [errno.errorcode[client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)], client.recv(1).decode()]
client.close()
client, peer = connected()
client.shutdown(socket.SHUT_WR)
seen += [peer.recv(1).decode(), raised(client.send, b"x")]
peer.sendall(b"still"); seen.append(client.recv(10).decode())
client.close(); peer.close()
`);
    expect(seen).toEqual(
      [
        ["", 3, "EPIPE", ""],
        ["before", "ECONNRESET", "", "EPIPE"],
        ["ECONNRESET", ""],
        ["", "EPIPE", "still"],
      ].flat(),
    );
  });

  it("hold no more than their buffers, whose sizes a program may set", async () => {
    const seen = await observe(`
client, peer = connected()
client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
client.setblocking(False)
sent = 0
while (count := raised(client.send, bytes(10000))) != "EAGAIN":
    sent += count
seen += [sent <= 32768, len(select.select([], [client], [], 0)[1])]
got = 0
while got < sent:
    got += len(peer.recv(1000))
seen += [got == sent, len(select.select([], [client], [], 0)[1])]
client.close(); peer.close()
`);
    expect(seen).toEqual([true, 0, true, 1]);
  });

  it("take ports by Linux's rules", async () => {
    const seen = await observe(`
def bound(port, *, reuse=(), family=socket.AF_INET, host="127.0.0.1", v6only=None):
    s = socket.socket(family)
    for option in reuse:
        s.setsockopt(socket.SOL_SOCKET, option, 1)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    outcome = raised(s.bind, (host, port))
    return s, outcome
ADDR, PORT = [socket.SO_REUSEADDR], [socket.SO_REUSEPORT]
first, _ = bound(0)
port = first.getsockname()[1]
for how in (dict(), dict(reuse=ADDR), dict(host="127.0.0.2"), dict(host="0.0.0.0")):
    other, outcome = bound(port, **how); other.close(); seen.append(outcome)
first.close()
first, _ = bound(port, reuse=ADDR); second, outcome = bound(port, reuse=ADDR)
seen.append(outcome)
first.listen(); seen.append(raised(second.listen))
third, outcome = bound(port, reuse=ADDR); seen.append(outcome)
for s in (first, second, third):
    s.close()
first, _ = bound(0, reuse=PORT); first.listen()
second, outcome = bound(first.getsockname()[1], reuse=PORT); seen += [outcome, raised(second.listen)]
first.close(); second.close()
seen.append(raised(socket.create_server, ("203.0.113.1", 0)))
`);
    expect(seen).toEqual(
      [
        ["EADDRINUSE", "EADDRINUSE", null, "EADDRINUSE"],
        [null, "EADDRINUSE", "EADDRINUSE"],
        [null, null],
        ["EADDRNOTAVAIL"],
      ].flat(),
    );
  });

  it("serve IPv4 and IPv6 at once when asked to", async () => {
    const seen = await observe(`
seen.append(socket.has_dualstack_ipv6())
with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
    port = server.getsockname()[1]
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.create_connection((host, port), 5) as client:
            peer, address = server.accept(); peer.close()
            seen.append(address[0])
`);
    expect(seen).toEqual([true, "::ffff:127.0.0.1", "::1"]);
  });

  it("send datagrams whole, in order, with their sender, and lose what does not fit", async () => {
    const seen = await observe(`
with socket.socket(type=socket.SOCK_DGRAM) as a, socket.socket(type=socket.SOCK_DGRAM) as b:
    b.bind(("127.0.0.1", 0)); b.setblocking(False)
    seen.append(raised(b.recvfrom, 10))
    seen += [a.sendto(b"first", b.getsockname()), a.sendto(b"", b.getsockname()), a.sendto(b"third", b.getsockname())]
    seen.append(b.recv(3, socket.MSG_PEEK).decode())
    data, sender = b.recvfrom(3)
    seen += [data.decode(), sender == ("127.0.0.1", a.getsockname()[1])]
    seen.append(b.recv(10).decode())
    data, ancillary, flags, sender = b.recvmsg(2)
    seen += [data.decode(), bool(flags & socket.MSG_TRUNC)]
    a.connect(b.getsockname()); b.connect(a.getsockname())
    a.send(b"connected"); buffer = bytearray(20)
    count, sender = b.recvfrom_into(buffer)
    seen += [bytes(buffer[:count]).decode(), sender == a.getsockname(), len(select.select([b], [b], [], 0)[0])]
    seen += [raised(a.send, bytes(70000)), raised(a.listen), raised(socket.socket().sendto, b"x", ("127.0.0.1", 9))]
    b.close()
    seen += [a.send(b"to nobody"), raised(a.recv, 1)]
with socket.socket(type=socket.SOCK_DGRAM) as lone:
    seen.append(raised(lone.send, b"x"))
`);
    expect(seen).toEqual(
      [
        ["EAGAIN", 5, 0, 5, "fir", "fir", true, "", "th", true],
        ["connected", true, 0],
        ["EMSGSIZE", "ENOTSUP", "EPIPE"],
        [9, "ECONNREFUSED", "EDESTADDRREQ"],
      ].flat(),
    );
  });

  it("carry socketserver and an HTTP server with its client", async () => {
    const seen = await observe(`
import http.client, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(self.path.encode())
    def log_message(self, *args):
        pass
with http.server.HTTPServer(("localhost", 0), Handler) as server:
    connection = http.client.HTTPConnection("localhost", server.server_port)
    connection.request("GET", "/inside")
    server.handle_request()
    seen.append(connection.getresponse().read().decode())
    connection.close()
`);
    expect(seen).toEqual(["/inside"]);
  });

  it("say of other kinds of sockets what Linux says without privileges", async () => {
    const seen = await observe(`
seen += [raised(socket.socket, socket.AF_INET, kind) for kind in (socket.SOCK_RAW, socket.SOCK_SEQPACKET)]
seen += [raised(socket.socket, socket.AF_PACKET), raised(socket.socket, socket.AF_INET, socket.SOCK_DGRAM, 6)]
seen.append(hasattr(socket, "AF_UNIX"))
`);
    expect(seen).toEqual(["EPERM", "ESOCKTNOSUPPORT", "EAFNOSUPPORT", "EPROTONOSUPPORT", false]);
  });
});
