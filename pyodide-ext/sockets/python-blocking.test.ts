import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadPythonWithSockets, type PythonWithSockets, serve, type TestServer } from "./pyodide.fixture.ts";

let python: PythonWithSockets;

beforeAll(async () => {
  python = await loadPythonWithSockets();
  await python.run("import asyncio, gc, select, signal, socket, sys");
});

afterEach(() => {
  expect(python.io.table.numbers(), "sockets that a test left open").toEqual([]);
  expect(python.io.waits.size, "waits that a test left behind").toBe(0);
});

afterAll(() => {
  python.io.dispose();
});

/** Connects `s` in Python, so that what waits next is not the connect. */
async function connectPython(server: TestServer): Promise<Socket> {
  await python.run(`s = socket.create_connection(("127.0.0.1", ${server.port}))`);
  return server.accepted();
}

/** Settles when Python is suspended in as many waits. */
async function blocked(waits = 1): Promise<void> {
  while (python.io.waits.size < waits) await new Promise((resolve) => setImmediate(resolve));
}

describe("where Python cannot be suspended", () => {
  it("raises BlockingImpossibleError with cause and ways out, from runPython", async () => {
    await using server = await serve();
    const text = python.pyodide.runPython(`
from pyodide_ssl._blocking import BlockingImpossibleError
s = socket.socket()
try:
    s.connect(("127.0.0.1", ${server.port}))
except BlockingImpossibleError as e:
    text = str(e)
s.close()
[text, issubclass(BlockingImpossibleError, RuntimeError), issubclass(BlockingImpossibleError, OSError)]
`) as { toJs(): [string, boolean, boolean]; destroy(): void };
    const [message, isRuntimeError, isOsError] = text.toJs();
    text.destroy();
    expect(message).toMatch(
      /wait for a socket.*runPython\(\).*runPythonAsync\(\).*callPromising\(\).*createPython\(\)/s,
    );
    expect([isRuntimeError, isOsError]).toEqual([true, false]);
  });

  it("says which name could not be looked up", () => {
    const text = python.pyodide.runPython(`
try:
    socket.gethostbyname("example.invalid")
except RuntimeError as e:
    text = str(e)
text`) as string;
    expect(text).toContain("look up the name 'example.invalid'");
  });

  it("does what needs no waiting: non-blocking sockets, ready data, sleeping in select", async () => {
    await using server = await serve((socket) => socket.write("ready"));
    await python.run(`
s = socket.create_connection(("127.0.0.1", ${server.port}), 5)
select.select([s], [], [])`);
    const seen = python.pyodide.runPython(`
seen = s.recv(10).decode()
s.sendall(b"x")
select.select([], [], [], 0.001)
s.setblocking(False)
try:
    s.recv(1)
except BlockingIOError:
    seen += " and then nothing"
s.close()
seen`) as string;
    expect(seen).toBe("ready and then nothing");
  });
});

describe("a wait", () => {
  it("is over before JavaScript does anything else, once the bytes are there", async () => {
    const order: string[] = [];
    python.pyodide.registerJsModule("order_of_things", { note: (what: string) => order.push(what) });
    const reading = python.run(`
from order_of_things import note
a, b = socket.socketpair()
a.recv(1)
note("Python")`);
    await blocked();
    const turned = new Promise((resolve) => setImmediate(resolve)).then(() => order.push("event loop"));
    python.pyodide.runPython("b.send(b'x')");
    await Promise.all([reading, turned]);
    await python.run("a.close(); b.close()");
    expect(order).toEqual(["Python", "event loop"]);
  });

  it("lets JavaScript's event loop turn now and then, however fast two stacks answer each other", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    python.pyodide.registerJsModule("turns_so_far", { turns: () => turns });
    try {
      await python.run(`
from turns_so_far import turns
a, b = socket.socketpair()
def exchange(own):
    # Each waits for the other alone, which answers at once.
    while turns() < 3:
        own.send(b"x")
        own.recv(1)
    own.send(b"x")`);
      await Promise.all([python.run("exchange(a)"), python.run("exchange(b)")]);
      await python.run("a.close(); b.close()");
      expect(turns).toBeGreaterThanOrEqual(3);
    } finally {
      clearInterval(timer);
    }
  });
});

describe("interrupt", () => {
  it("raises KeyboardInterrupt in a blocked recv, and the socket is usable afterwards", async () => {
    await using server = await serve();
    const peer = await connectPython(server);
    const running = python.run(`
try:
    s.recv(1)
except KeyboardInterrupt:
    seen = "interrupted"
seen`);
    await blocked();
    expect(python.io.interrupt()).toBe(1);
    expect(await running).toBe("interrupted");
    peer.write("after");
    expect(await python.run(`data = s.recv(10).decode(); s.close(); data`)).toBe("after");
  });

  it("reaches select, poll, accept and a name lookup too", async () => {
    for (const call of [
      "select.select([server], [], [])",
      "(lambda p: (p.register(server), p.poll()))(select.poll())",
      "server.accept()",
    ]) {
      const running = python.run(`
server = socket.create_server(("127.0.0.1", 0))
try:
    ${call}
except KeyboardInterrupt:
    seen = "interrupted"
finally:
    server.close()
seen`);
      // bind's own wait is over when the listener is there.
      while (
        python.io.table.size === 0 ||
        !python.io.table.get(python.io.table.numbers()[0] ?? 0)?.isListening
      ) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await blocked();
      python.io.interrupt();
      expect(await running, call).toBe("interrupted");
    }
  });

  it("runs a handler of SIGINT, and goes on waiting when it returns", async () => {
    await using server = await serve();
    const peer = await connectPython(server);
    const running = python.run(`
calls = []
old = signal.signal(signal.SIGINT, lambda number, frame: calls.append(number))
with s:
    data = s.recv(10).decode()
signal.signal(signal.SIGINT, old)
f"{data} after {len(calls)}"`);
    await blocked();
    python.io.interrupt();
    await blocked();
    peer.write("bytes");
    expect(await running).toBe("bytes after 1");
  });

  it("answers that nothing was interrupted when nothing waits", () => {
    expect(python.io.interrupt()).toBe(0);
  });
});

describe("several stacks at once", () => {
  it("lets asyncio tasks block in recv at the same time while Python allocates and collects", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const seen = await python.run(`
gc.enable()
async def visit(number):
    with socket.create_connection(("127.0.0.1", ${server.port}), 10) as s:
        total = 0
        for turn in range(20):
            s.sendall(b"%d" % number * 100)
            garbage = [[[] for _ in range(50)] for _ in range(50)]
            for item in garbage:
                item.append(item)
            total += len(s.recv(1000))
        return total
totals = await asyncio.gather(*(visit(number) for number in range(8)))
f"{totals} {gc.isenabled()}"`);
    expect(seen).toBe(`[${Array(8).fill(2000).join(", ")}] True`);
  });

  it("gives asyncio connections, servers and readers, which leave no wait behind", async () => {
    const received = await python.run(`
from pyodide_ssl import _event_loop
_event_loop.provide()
async def answer(reader, writer):
    writer.write(await reader.readline())
    writer.close()

async def use():
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        address = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"hello\\n")
        received = [await reader.read()]
        writer.close()
        reader, writer = await asyncio.open_connection(*address)
        try:
            await asyncio.wait_for(reader.read(), 0.01)
        except TimeoutError:
            received.append("too late")
        writer.close()
        await asyncio.sleep(0.01)
        return received

repr(await use())`);
    expect(received).toBe("[b'hello\\n', 'too late']");
  });

  it("switches automatic collection off while a stack is suspended, on exactly the versions that crash", async () => {
    await using server = await serve();
    const peer = await connectPython(server);
    const running = python.run(`
with s:
    s.recv(1)
gc.isenabled()`);
    await blocked();
    const isUnsafe = /^314\.0\.[4-7]$/.test(python.pyodide.version);
    expect(python.pyodide.runPython("gc.isenabled()")).toBe(!isUnsafe);
    peer.end("x");
    expect(await running).toBe(true);
  });

  it("wakes a wait when another stack closes the socket", async () => {
    await using server = await serve();
    await connectPython(server);
    const running = python.run(`
try:
    s.recv(1)
except OSError as e:
    text = e.strerror
text`);
    await blocked();
    python.pyodide.runPython("s.close()");
    expect(await running).toBe("Bad file descriptor");
  });
});
