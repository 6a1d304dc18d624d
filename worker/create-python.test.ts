/** The built package on Node, through its public entry. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createPython, type Python, PythonError } from "pyodide-ssl";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const START_TIMEOUT_MS = 60_000;

let python: Python;
let printed = "";

beforeAll(async () => {
  python = await createPython({
    stdout: (text) => {
      printed += text;
    },
    stderr: (text) => {
      printed += text;
    },
    env: { GREETING: "hello" },
    argv: ["prog", "one"],
    stdin: { text: "first\nsecond\n" },
  });
}, START_TIMEOUT_MS);

afterAll(() => python.terminate());

/** What `call` rejects with, which must be Python's. */
async function pythonErrorOf(call: Promise<unknown>): Promise<PythonError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PythonError)) throw new Error(`not a PythonError: ${String(error)}`);
  return error;
}

describe("run", () => {
  test("gives the value of the last expression as JavaScript has it", async () => {
    expect(await python.run("{'a': [1, 2.5, None, True], 'b': (b'xy', 'é'), 'c': 2**60}")).toEqual({
      a: [1, 2.5, undefined, true],
      b: [new Uint8Array([120, 121]), "é"],
      c: 2n ** 60n,
    });
    expect(await python.run("x = 1")).toBeUndefined();
  });

  test("gives the repr of what JavaScript has no counterpart for, inside containers too", async () => {
    expect(await python.run("[3+4j, range(2)]")).toEqual(["(3+4j)", "range(0, 2)"]);
    expect(await python.run("import js; js.fetch")).toBeTypeOf("string");
  });

  test("keeps the names of __main__ between programs, and takes others by `globals`", async () => {
    await python.run("kept = 41");
    expect(await python.run("kept + 1")).toBe(42);
    expect(await python.run("[n * k for n in ns]", { globals: { ns: [1, 2], k: 10 } })).toEqual([10, 20]);
    expect((await pythonErrorOf(python.run("kept", { globals: {} }))).type).toBe("NameError");
  });

  test("allows await at the top level and blocking calls below it", async () => {
    const code =
      "import asyncio, time\nasync def f():\n  time.sleep(0.001)\n  return 5\n[await f(), asyncio.run(f())]";
    expect(await python.run(code)).toEqual([5, 5]);
  });

  test("runs programs one after another in the order of the calls", async () => {
    await python.run("order = []");
    const slow = python.run("await asyncio.sleep(0.02); order.append(1)", { globals: undefined });
    const quick = python.run("order.append(2); order");
    await slow;
    expect(await quick).toEqual([1, 2]);
  });

  test("does not dedent", async () => {
    expect((await pythonErrorOf(python.run("  1"))).type).toBe("IndentationError");
  });

  test("passes environment, arguments and standard input", async () => {
    expect(await python.run("import os, sys; [os.environ['GREETING'], sys.argv]")).toEqual([
      "hello",
      ["prog", "one"],
    ]);
    expect(await python.run("[input(), sys.stdin.read()]")).toEqual(["first", "second\n"]);
    expect((await pythonErrorOf(python.run("input()"))).type).toBe("EOFError");
  });
});

describe("an exception", () => {
  test("arrives with class, arguments, errno and a traceback of the program's own lines", async () => {
    const error = await pythonErrorOf(
      python.run("def f():\n    raise ConnectionRefusedError(14, 'no')\nf()", { filename: "prog.py" }),
    );
    expect(error).toMatchObject({
      type: "ConnectionRefusedError",
      module: "builtins",
      args: [14, "no"],
      errno: 14,
      errnoName: "ECONNREFUSED",
      message: "ConnectionRefusedError: [Errno 14] no",
    });
    expect(error.traceback).toBe(
      [
        "Traceback (most recent call last):",
        '  File "prog.py", line 3, in <module>',
        "    f()",
        "    ~^^",
        '  File "prog.py", line 2, in f',
        "    raise ConnectionRefusedError(14, 'no')",
        "ConnectionRefusedError: [Errno 14] no",
        "",
      ].join("\n"),
    );
  });

  test("has its cause, else its context", async () => {
    const caused = await pythonErrorOf(
      python.run("try:\n  1/0\nexcept Exception as e:\n  raise ValueError('v') from e"),
    );
    expect(caused.cause).toMatchObject({ type: "ZeroDivisionError" });
    const inContext = await pythonErrorOf(
      python.run("try:\n  1/0\nexcept Exception:\n  raise ValueError('v')"),
    );
    expect(inContext.cause).toMatchObject({ type: "ZeroDivisionError" });
    const alone = await pythonErrorOf(
      python.run("try:\n  1/0\nexcept Exception:\n  raise ValueError('v') from None"),
    );
    expect(alone.cause).toBeUndefined();
  });

  test("with OpenSSL's reason keeps it", async () => {
    const garbage = [
      "import ssl",
      "incoming = ssl.MemoryBIO()",
      "incoming.write(b'HTTP/1.1 400 Bad Request')",
      "context = ssl.create_default_context()",
      "context.wrap_bio(incoming, ssl.MemoryBIO(), server_hostname='x').do_handshake()",
    ].join("\n");
    expect(await pythonErrorOf(python.run(garbage))).toMatchObject({
      type: "SSLError",
      module: "ssl",
      library: "SSL",
      reason: "WRONG_VERSION_NUMBER",
    });
  });

  test("that says it can't be told, or SystemExit, or a syntax error, arrives as well", async () => {
    const odd = "class Odd(Exception):\n  def __str__(self): raise RuntimeError\nraise Odd(object())";
    expect((await pythonErrorOf(python.run(odd))).type).toBe("Odd");
    expect(await pythonErrorOf(python.run("import sys; sys.exit(3)"))).toMatchObject({
      type: "SystemExit",
      args: [3],
    });
    expect((await pythonErrorOf(python.run("def f(:"))).type).toBe("SyntaxError");
    expect(await python.run("'alive'")).toBe("alive");
  });
});

describe("output", () => {
  test("is there before run settles, standard error too", async () => {
    printed = "";
    await python.run("print('out'); print('é', end=''); print('err', file=sys.stderr)");
    expect(printed).toContain("out\n");
    expect(printed).toContain("é");
    expect(printed).toContain("err\n");
  });

  test("comes as a stream as well", async () => {
    const reader = python.stdout.getReader();
    await python.run("print('streamed')");
    let text = "";
    while (!text.includes("streamed\n")) text += (await reader.read()).value ?? "";
    reader.releaseLock();
  });
});

describe("files", () => {
  test("can be written, listed, read and removed", async () => {
    await python.files.mkdir("/home/a/b", { recursive: true });
    await python.files.writeFile("/home/a/b/t.txt", "é");
    await python.files.writeFile("/home/a/b.bin", new Uint8Array([0, 255]));
    expect(await python.run("open('/home/a/b/t.txt').read()")).toBe("é");
    expect(await python.files.readFile("/home/a/b/t.txt", "utf-8")).toBe("é");
    expect(await python.files.readFile("/home/a/b.bin")).toEqual(new Uint8Array([0, 255]));
    expect(await python.files.list("/home/a")).toEqual([
      { name: "b", type: "directory", size: 0 },
      { name: "b.bin", type: "file", size: 2 },
    ]);
    await expect(python.files.remove("/home/a")).rejects.toMatchObject({ code: "ENOTEMPTY" });
    await python.files.remove("/home/a", { recursive: true });
    await expect(python.files.list("/home/a")).rejects.toMatchObject({
      name: "PythonFileError",
      code: "ENOENT",
    });
  });
});

describe("interrupt", () => {
  /** A server that takes connections and never says a word. */
  let silent: Server;
  beforeAll(async () => {
    silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
  });
  afterAll(() => silent.close());

  /** Interrupts once the program has printed `ready`. */
  async function interrupted(code: string): Promise<PythonError> {
    printed = "";
    const running = pythonErrorOf(python.run(`print("ready", flush=True)\n${code}`));
    for (;;) {
      const outcome = await Promise.race([running, new Promise((resolve) => setImmediate(resolve))]);
      if (outcome instanceof PythonError) return outcome;
      if (printed.includes("ready")) break;
    }
    python.interrupt();
    return running;
  }

  test("ends a blocked recv", async () => {
    const { port } = silent.address() as AddressInfo;
    const code = `import socket\nwith socket.create_connection(("127.0.0.1", ${port})) as s:\n  print("ready", flush=True)\n  s.recv(1)`;
    expect(await interrupted(code)).toMatchObject({ type: "KeyboardInterrupt" });
  });

  test.each([
    ["a loop that only computes", "while True: pass"],
    ["time.sleep", "import time; time.sleep(1000)"],
    ["asyncio.run", "asyncio.run(asyncio.sleep(1000))"],
    ["a program that awaits", "await asyncio.sleep(1000)"],
    ["a task that only computes", "async def spin():\n  while True: pass\nasyncio.run(spin())"],
  ])("ends %s", async (_what, code) => {
    expect(await interrupted(code)).toMatchObject({ type: "KeyboardInterrupt" });
  });

  test("can be caught, and the program goes on", async () => {
    printed = "";
    const outcome = python.run(
      "try:\n  print('ready'); time.sleep(1000)\nexcept KeyboardInterrupt:\n  r = 'caught'\nr",
    );
    while (!printed.includes("ready")) await new Promise((resolve) => setImmediate(resolve));
    python.interrupt();
    expect(await outcome).toBe("caught");
  });

  test("does nothing to the program that comes next", async () => {
    python.interrupt();
    python.interrupt();
    expect(await python.run("sum(range(100000))")).toBe(4999950000);
  });
});

describe(
  "a Python of its own",
  () => {
    test("is asked for lines when standard input is a function", async () => {
      const lines = ["one\n", "two\n"];
      await using asking = await createPython({ stdin: async () => lines.shift() ?? null });
      expect(await asking.run("import sys; [input(), sys.stdin.readline(), sys.stdin.read()]")).toEqual([
        "one",
        "two\n",
        "",
      ]);
    });

    test("is gone at once when it is terminated in a call, and says so to every call", async () => {
      const doomed = await createPython({});
      const call = expect(doomed.run("while True: pass")).rejects.toMatchObject({
        code: "WORKER_LOST",
        reason: "terminated",
      });
      await doomed.terminate();
      await call;
      await expect(doomed.run("1")).rejects.toMatchObject({ code: "WORKER_LOST" });
      expect((await doomed.closed).reason).toBe("terminated");
    });

    test("that ends its own process rejects what runs", async () => {
      const leaving = await createPython({});
      await expect(leaving.run("import js; js.process.exit(7)")).rejects.toMatchObject({
        code: "WORKER_LOST",
        reason: "exited",
      });
    });
  },
  START_TIMEOUT_MS,
);

describe(
  "createPython rejects with the stage that failed",
  () => {
    test("when there is no Pyodide at the URL", async () => {
      await expect(createPython({ pyodideUrl: "file:///nowhere/pyodide.mjs" })).rejects.toMatchObject({
        code: "START_FAILED",
        stage: "pyodide",
        message: expect.stringContaining("/nowhere/pyodide.mjs") as string,
      });
    });

    test("when openssl.wasm is not there", async () => {
      await expect(createPython({ assetsUrl: "file:///nowhere/" })).rejects.toMatchObject({
        code: "START_FAILED",
        stage: "openssl",
        message: expect.stringContaining("/nowhere/") as string,
      });
    });

    test("when a package is unknown", async () => {
      await expect(createPython({ packages: ["no-such-package-at-all"] })).rejects.toMatchObject({
        code: "START_FAILED",
        stage: "packages",
        message: expect.stringContaining("no-such-package-at-all") as string,
      });
    });
  },
  START_TIMEOUT_MS,
);
