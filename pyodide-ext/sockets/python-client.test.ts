import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closedPort, loadPythonWithSockets, type PythonWithSockets, serve } from "./pyodide.fixture.ts";

let python: PythonWithSockets;

beforeAll(async () => {
  python = await loadPythonWithSockets();
  await python.run(`
import errno, gc, select, selectors, socket, struct, warnings

def raised(call, *args):
    """The class, errno's name and text of what a call raises."""
    try:
        call(*args)
    except BaseException as e:
        return [type(e).__name__, errno.errorcode.get(getattr(e, "errno", None)), getattr(e, "strerror", None) or str(e)]
`);
});

afterEach(() => {
  expect(python.io.table.numbers(), "sockets that a test left open").toEqual([]);
  expect(python.io.waits.size, "waits that a test left behind").toBe(0);
});

afterAll(() => {
  python.io.dispose();
});

/** Runs statements with `port` set; they append to `seen`, which is the answer. */
async function observe(port: number, statements: string): Promise<unknown> {
  return JSON.parse(
    (await python.run(`port = ${port}\nseen = []\n${statements}\nimport json; json.dumps(seen)`)) as string,
  );
}

describe("a connected socket", () => {
  it("gives back what an echo server sends, through recv and recv_into", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const seen = await observe(
      server.port,
      `
with socket.create_connection(("127.0.0.1", port), 5) as s:
    s.sendall(b"hello")
    seen.append(s.recv(100).decode())
    buffer = bytearray(b"..........")
    s.sendall(b"abc")
    seen.append(s.recv_into(buffer))
    s.sendall(b"xyz")
    seen.append(s.recv_into(memoryview(buffer)[5:], 2))
    seen.append(s.recv(10).decode())
    seen.append(buffer.decode())
`,
    );
    expect(seen).toEqual(["hello", 3, 2, "z", "abc..xy..."]);
  });

  it("reads lines through makefile, and closes when the last of file and socket is closed", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const seen = await observe(
      server.port,
      `
s = socket.create_connection(("127.0.0.1", port), 5)
f = s.makefile("rw", encoding="utf-8", newline="\\n")
s.close()
f.write("ein\\nzwei\\n"); f.flush()
seen += [f.readline(), f.readline()]
f.close()
`,
    );
    expect(seen).toEqual(["ein\n", "zwei\n"]);
  });

  it("looks at bytes without taking them with MSG_PEEK, and waits for all with MSG_WAITALL", async () => {
    await using server = await serve((socket) => {
      socket.write("abc");
      setImmediate(() => socket.write("defgh"));
    });
    const seen = await observe(
      server.port,
      `
with socket.create_connection(("127.0.0.1", port)) as s:
    seen.append(s.recv(2, socket.MSG_PEEK).decode())
    seen.append(s.recv(7, socket.MSG_WAITALL).decode())
    seen.append(s.recv(7).decode())
    seen.append(raised(s.recv, 1, socket.MSG_DONTWAIT))
`,
    );
    expect(seen).toEqual([
      "ab",
      "abcdefg",
      "h",
      ["BlockingIOError", "EAGAIN", "Resource temporarily unavailable"],
    ]);
  });

  it("sends 8 MB with one sendall to a peer that reads slowly", async () => {
    await using server = await serve();
    const received = server.accepted().then(async (socket) => {
      let sum = 0;
      let count = 0;
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        count += chunk.length;
        for (let index = 0; index < chunk.length; index += 4099) sum += chunk[index] ?? 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
      return [count, sum > 0];
    });
    await observe(
      server.port,
      `
with socket.create_connection(("127.0.0.1", port), 20) as s:
    s.sendall(memoryview(bytes(range(256)) * 32768))
    s.shutdown(socket.SHUT_WR)
    seen.append(s.recv(1).decode())
`,
    );
    expect(await received).toEqual([8 * 1024 * 1024, true]);
  });

  it("sees the peer's end as an empty read and can go on sending", async () => {
    await using server = await serve((socket) => socket.end("last words"));
    const heard = server.accepted().then(async (socket) => {
      socket.resume();
      const [chunk] = (await once(socket, "data")) as [Buffer];
      return chunk.toString();
    });
    const seen = await observe(
      server.port,
      `
with socket.create_connection(("127.0.0.1", port), 5) as s:
    with s.makefile("rb") as f:
        seen.append(f.read().decode())
    seen.append(s.recv(1).decode())
    seen.append(s.send(b"I heard"))
    s.shutdown(socket.SHUT_WR)
    seen.append(raised(s.send, b"x"))
`,
    );
    expect(seen).toEqual(["last words", "", 7, ["BrokenPipeError", "EPIPE", "Broken pipe"]]);
    expect(await heard).toBe("I heard");
  });

  it("reports a reset once, after the bytes that came before it", async () => {
    await using server = await serve((socket) => {
      socket.once("data", () => socket.resetAndDestroy());
    });
    const seen = await observe(
      server.port,
      `
with socket.create_connection(("127.0.0.1", port), 5) as s:
    s.sendall(b"go")
    seen.append(raised(s.recv, 10))
    seen.append(s.recv(10).decode())
    seen.append(raised(s.send, b"x"))
    seen.append(raised(s.getpeername))
`,
    );
    expect(seen).toEqual([
      ["ConnectionResetError", "ECONNRESET", "Connection reset by peer"],
      "",
      ["BrokenPipeError", "EPIPE", "Broken pipe"],
      ["OSError", "ENOTCONN", "Transport endpoint is not connected"],
    ]);
  });

  it("closes with a reset when SO_LINGER says so", async () => {
    await using server = await serve();
    const failure = server.accepted().then(async (socket) => {
      socket.resume();
      const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
      return error.code;
    });
    await observe(
      server.port,
      `
s = socket.create_connection(("127.0.0.1", port), 5)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()
`,
    );
    expect(await failure).toBe("ECONNRESET");
  });

  it("lives on under a second number after dup, and under the same one after detach", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const seen = await observe(
      server.port,
      `
first = socket.create_connection(("127.0.0.1", port), 5)
second = first.dup()
seen.append(first.fileno() == second.fileno())
first.close()
second.sendall(b"still"); seen.append(second.recv(10).decode())
third = socket.socket(fileno=second.detach())
seen += [second.fileno(), third.family.name, third.type.name]
# The timeout was the object's; what the number keeps is that it does not block.
seen += [third.gettimeout(), raised(third.recv, 1)[0]]
third.setblocking(True)
third.sendall(b"here"); seen.append(third.recv(10).decode())
third.close()
`,
    );
    expect(seen).toEqual([
      ...[false, "still", -1, "AF_INET", "SOCK_STREAM"],
      ...[null, "BlockingIOError", "here"],
    ]);
  });
});

describe("failures", () => {
  it("raises ConnectionRefusedError, and the socket can try again elsewhere", async () => {
    await using server = await serve();
    const seen = await observe(
      await closedPort(),
      `
s = socket.socket()
seen.append(raised(s.connect, ("127.0.0.1", port)))
seen.append(errno.errorcode[s.connect_ex(("127.0.0.1", port))])
seen.append(s.connect_ex(("127.0.0.1", ${server.port})))
s.close()
`,
    );
    expect(seen).toEqual([
      ["ConnectionRefusedError", "ECONNREFUSED", "Connection refused"],
      "ECONNREFUSED",
      0,
    ]);
  });

  it("raises gaierror for a name that does not exist", async () => {
    const seen = await observe(
      80,
      `
def failed_lookup(call, *args):
    try:
        call(*args)
    except socket.gaierror as e:
        return ["gaierror", e.errno, e.strerror]
seen.append(failed_lookup(socket.getaddrinfo, "no-such-host.invalid", 80))
seen.append(failed_lookup(socket.create_connection, ("no-such-host.invalid", 80)))
seen.append(socket.gaierror.__mro__[1].__name__)
`,
    );
    const unknown = ["gaierror", -2, "Name or service not known"];
    expect(seen).toEqual([unknown, unknown, "OSError"]);
  });

  it("raises TimeoutError when nothing is received in time, and the socket still works", async () => {
    await using server = await serve();
    const accepted = server.accepted();
    const seen = await observe(
      server.port,
      `
s = socket.create_connection(("127.0.0.1", port), 5)
s.settimeout(0.01)
seen.append(raised(s.recv, 1))
seen.append(socket.timeout is TimeoutError)
s.settimeout(5)
`,
    );
    (await accepted).write("late");
    const late = await observe(server.port, `seen.append(s.recv(10).decode()); s.close()`);
    expect([seen, late]).toEqual([[["TimeoutError", null, "timed out"], true], ["late"]]);
  });

  it("raises TimeoutError when the send buffer stays full", async () => {
    await using server = await serve((socket) => socket.pause());
    const seen = await observe(
      server.port,
      `
with socket.create_connection(("127.0.0.1", port), 0.05) as s:
    seen.append(raised(s.sendall, bytes(64 << 20)))
`,
    );
    expect(seen).toEqual([["TimeoutError", null, "timed out"]]);
  });
});

describe("non-blocking use", () => {
  it("connects in the background, and select and poll tell when it is done", async () => {
    await using server = await serve((socket) => socket.write("hi"));
    const seen = await observe(
      server.port,
      `
s = socket.socket()
s.setblocking(False)
seen.append(raised(s.connect, ("127.0.0.1", port)))
seen.append(raised(s.connect, ("127.0.0.1", port)))
seen.append(raised(s.recv, 1))
_, writable, _ = select.select([], [s], [], 5)
seen.append([writable == [s], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getpeername()[1] == port])
poller = select.poll()
poller.register(s, select.POLLIN)
seen.append(poller.poll(5000) == [(s.fileno(), select.POLLIN)])
seen.append(s.recv(10).decode())
seen.append(poller.poll(0))
s.close()
`,
    );
    expect(seen).toEqual([
      ["BlockingIOError", "EINPROGRESS", "Operation now in progress"],
      ["BlockingIOError", "EALREADY", "Operation already in progress"],
      ["BlockingIOError", "EAGAIN", "Resource temporarily unavailable"],
      [true, 0, true],
      true,
      "hi",
      [],
    ]);
  });

  it("gives a refused connect as SO_ERROR, once", async () => {
    const seen = await observe(
      await closedPort(),
      `
s = socket.socket()
s.setblocking(False)
s.connect_ex(("127.0.0.1", port))
select.select([], [s], [], 5)
seen.append(errno.errorcode[s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)])
seen.append(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
s.close()
`,
    );
    expect(seen).toEqual(["ECONNREFUSED", 0]);
  });

  it("drives the selectors of CPython's own selectors.py", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const seen = await observe(
      server.port,
      `
for kind in (selectors.DefaultSelector, selectors.SelectSelector):
    with kind() as selector, socket.create_connection(("127.0.0.1", port), 5) as s:
        seen.append(type(selector).__name__)
        selector.register(s, selectors.EVENT_READ, "the socket")
        seen.append(len(selector.select(0)))
        s.sendall(b"x")
        [(key, events)] = selector.select(5)
        seen.append([key.data, events, s.recv(1).decode()])
`,
    );
    const found = ["the socket", 1, "x"];
    expect(seen).toEqual(["PollSelector", 0, found, "SelectSelector", 0, found]);
  });

  it("lets time pass in select without sockets, and finds files always ready", async () => {
    const seen = await observe(
      0,
      `
seen.append(select.select([], [], [], 0.001))
with open("/tmp/file", "w+") as f:
    readable, writable, _ = select.select([f], [f], [], 0)
    seen.append([readable == [f], writable == [f]])
seen.append(raised(select.select, [777], [], [], 0))
`,
    );
    expect(seen).toEqual([
      [[], [], []],
      [true, true],
      ["OSError", "EBADF", "Bad file descriptor"],
    ]);
  });
});

describe("CPython's own clients", () => {
  it("http.client and urllib.request fetch over plain HTTP, also a chunked and a large body", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/large") response.end(Buffer.alloc(3_000_000, "z"));
      else {
        response.write(`${request.method} `);
        request.pipe(response);
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const seen = await observe(
        (server.address() as AddressInfo).port,
        `
import http.client, urllib.request
c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
for body in (b"one", b"two"):
    c.request("POST", "/", body)
    r = c.getresponse()
    seen.append([r.status, r.read().decode(), r.getheader("Transfer-Encoding")])
c.close()
with urllib.request.urlopen(f"http://127.0.0.1:{port}/large", timeout=5) as r:
    data = r.read()
    seen.append([r.status, len(data), data.count(b"z")])
`,
      );
      expect(seen).toEqual([
        [200, "POST one", "chunked"],
        [200, "POST two", "chunked"],
        [200, 3_000_000, 3_000_000],
      ]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("what a socket leaves behind", () => {
  it("warns of a socket that was not closed, and closes it", async () => {
    await using server = await serve();
    const seen = await observe(
      server.port,
      `
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    s = socket.create_connection(("127.0.0.1", port), 5)
    text = f"unclosed {s!r}"
    del s
    gc.collect()
    seen.append([(w.category.__name__, str(w.message) == text) for w in caught])
`,
    );
    expect(seen).toEqual([[["ResourceWarning", true]]]);
  });

  it("makes no proxies that stay: fifty connections leave as many as one", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const visit = `
for _ in range(times):
    with socket.create_connection(("127.0.0.1", port), 5) as s:
        s.sendall(b"x" * 70000)
        got = 0
        while got < 70000:
            got += len(s.recv(65536))
        s.recv_into(bytearray(1)) if select.select([s], [], [], 0)[0] else None
`;
    const countJsProxies = `
from pyodide.ffi import JsProxy
gc.collect()
seen.append(sum(isinstance(o, JsProxy) for o in gc.get_objects()))
seen.append(len(gc.get_objects()))
`;
    await observe(server.port, `times = 5\n${visit}`);
    const before = await observe(server.port, countJsProxies);
    await observe(server.port, `times = 50\n${visit}`);
    const after = await observe(server.port, countJsProxies);
    const [proxiesBefore, objectsBefore] = before as [number, number];
    const [proxiesAfter, objectsAfter] = after as [number, number];
    expect(proxiesAfter - proxiesBefore).toBeLessThan(3);
    expect(objectsAfter - objectsBefore).toBeLessThan(200);
  });
});
