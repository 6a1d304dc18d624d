/** The built command line, as a child process. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const TEST_TIMEOUT_MS = 150_000;
/** `script` of util-linux gives a child process a terminal; where it is missing the titles say why these are skipped. */
const hasTerminal = spawnSync("script", ["--version"]).status === 0;
const onTerminal = hasTerminal ? "" : ": the `script` command of util-linux is missing";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const running = new Set<ChildProcessWithoutNullStreams>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** A started command line, whose output can be waited for. */
class Session {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = "";
  stderr = "";
  readonly #ended: Promise<number | null>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env } });
    running.add(this.child);
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // A program may end before it has read everything.
    this.child.stdin.on("error", () => undefined);
    this.#ended = once(this.child, "close").then(([code]) => {
      running.delete(this.child);
      return code as number | null;
    });
  }

  /** Waits until standard output from `from` on contains `text`; answers where it ends. */
  async until(text: string, from = 0): Promise<number> {
    for (;;) {
      const at = this.stdout.indexOf(text, from);
      if (at >= 0) return at + text.length;
      const outcome = await Promise.race([once(this.child.stdout, "data"), this.#ended]);
      if (!Array.isArray(outcome)) {
        throw new Error(`ended without ${JSON.stringify(text)}: ${this.stdout}${this.stderr}`);
      }
    }
  }

  async status(): Promise<number | null> {
    return this.#ended;
  }
}

const start = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  new Session(process.execPath, [CLI, ...args], env);

/** Runs to the end with this standard input. */
async function run(args: readonly string[], input = "", env?: NodeJS.ProcessEnv) {
  const session = start(args, env);
  session.child.stdin.end(input);
  const status = await session.status();
  return { status, stdout: session.stdout, stderr: session.stderr };
}

function script(name: string, source: string): string {
  writeFileSync(join(folder, name), source);
  return name;
}

const SHOW_ARGV = "import sys; print(sys.argv, __name__, sys.path[0])";

describe("what runs", { timeout: TEST_TIMEOUT_MS }, () => {
  test("is a script, with its arguments, its folder on the path, its own file and the working directory", async () => {
    script("helper_module.py", "VALUE = 5");
    const source =
      "import sys, os, helper_module\nprint(sys.argv, __name__, __file__, sys.path[0], os.getcwd(), helper_module.VALUE)";
    const outcome = await run([script("s.py", source), "-c", "two words"]);
    expect(outcome).toEqual({
      status: 0,
      stdout: `['s.py', '-c', 'two words'] __main__ ${folder}/s.py ${folder} ${folder} 5\n`,
      stderr: "",
    });
  });

  test("is a command", async () => {
    expect(await run(["-c", SHOW_ARGV, "a"])).toMatchObject({ status: 0, stdout: "['-c', 'a'] __main__ \n" });
  });

  test("is a module, of the standard library or of the working directory", async () => {
    expect(await run(["-m", "json.tool", "--compact"], '{"a": 1}')).toMatchObject({
      status: 0,
      stdout: '{"a":1}\n',
    });
    script("mine.py", SHOW_ARGV);
    const outcome = await run(["-m", "mine", "x"]);
    expect(outcome).toMatchObject({ status: 0, stdout: `['${folder}/mine.py', 'x'] __main__ ${folder}\n` });
  });

  test("is what comes by standard input, with or without a dash", async () => {
    expect(await run(["-", "a"], SHOW_ARGV)).toMatchObject({ status: 0, stdout: "['-', 'a'] __main__ \n" });
    expect(await run([], SHOW_ARGV)).toMatchObject({ status: 0, stdout: "[''] __main__ \n" });
  });

  test("finds modules by PYTHONPATH and --packages-dir, and sees the environment", async () => {
    const one = mkdtempSync(join(folder, "one-"));
    const two = mkdtempSync(join(folder, "two-"));
    writeFileSync(join(one, "first_module.py"), "");
    writeFileSync(join(two, "second_module.py"), "");
    const code = "import os, first_module, second_module; print(os.environ['COLOR'])";
    const outcome = await run(["--packages-dir", two, "-c", code], "", { PYTHONPATH: one, COLOR: "blue" });
    expect(outcome).toMatchObject({ status: 0, stdout: "blue\n" });
  });

  test("waits as natively, asyncio included", async () => {
    const code =
      "import asyncio, time\nasync def main():\n  await asyncio.sleep(0.01); time.sleep(0.01); print('done')\nasyncio.run(main())";
    expect(await run(["-c", code])).toMatchObject({ status: 0, stdout: "done\n", stderr: "" });
  });

  test("speaks TCP for real", async () => {
    const server = createServer((socket) => socket.end("over tcp")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const code = `import socket; print(socket.create_connection(("127.0.0.1", ${port})).recv(100))`;
    const outcome = await run(["-c", code]);
    server.close();
    expect(outcome).toMatchObject({ status: 0, stdout: "b'over tcp'\n" });
  });

  test("trusts Mozilla's roots whatever the machine has, and the authorities of --ca besides", async () => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "ca.pem")];
    const made = spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      ...files,
      ...subject,
    ]);
    expect(made.status).toBe(0);
    const [key, cert] = [readFileSync(join(folder, "key.pem")), readFileSync(join(folder, "ca.pem"))];
    const server = createHttpsServer({ key, cert }, (_request, response) => response.end("over tls"));
    await once(server.listen(0, "localhost"), "listening");
    const code = [
      "import ssl, urllib.request",
      "print(len(ssl.create_default_context().get_ca_certs()) > 100)",
      `print(urllib.request.urlopen("https://localhost:${(server.address() as AddressInfo).port}/").read())`,
    ].join("\n");
    const trusting = await run(["--ca", "ca.pem", "-c", code]);
    const strict = await run(["-c", code]);
    server.close();
    expect(trusting).toMatchObject({ status: 0, stdout: "True\nb'over tls'\n" });
    expect(strict).toMatchObject({ status: 1, stdout: "True\n" });
    expect(strict.stderr).toContain("CERTIFICATE_VERIFY_FAILED");
  });

  test("writes the host's files, unless it may not see them", async () => {
    const file = join(folder, "written.txt");
    const code = `import os; print(os.path.exists(${JSON.stringify(folder)})); open(${JSON.stringify(file)}, "w").write("x")`;
    expect(await run(["-c", code])).toMatchObject({ status: 0, stdout: "True\n" });
    expect(await run(["--no-mount", "-c", code])).toMatchObject({ status: 1, stdout: "False\n" });
  });
});

describe("the exit status", { timeout: TEST_TIMEOUT_MS }, () => {
  test.each([
    ["of sys.exit(7) is 7", "import sys; sys.exit(7)", 7, ""],
    ["of sys.exit() is 0", "import sys; sys.exit()", 0, ""],
    [
      "of sys.exit with a text is 1, the text goes to standard error",
      "import sys; sys.exit('bad')",
      1,
      "bad\n",
    ],
    [
      "of an exit inside asyncio.run is its code",
      "import asyncio\nasync def m(): raise SystemExit(4)\nasyncio.run(m())",
      4,
      "",
    ],
  ])("%s", async (_title, code, status, stderr) => {
    expect(await run(["-c", code])).toEqual({ status, stdout: "", stderr });
  });

  test("of an exception is 1, with CPython's traceback and the output before it", async () => {
    const outcome = await run([script("bad.py", "print('before')\ndef f():\n    1/0\nf()\n")]);
    expect(outcome).toEqual({
      status: 1,
      stdout: "before\n",
      stderr:
        `Traceback (most recent call last):\n  File "${folder}/bad.py", line 4, in <module>\n    f()\n    ~^^\n` +
        `  File "${folder}/bad.py", line 3, in f\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n`,
    });
  });

  test("of a missing script is 2", async () => {
    const outcome = await run(["missing.py"]);
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain(`can't open file '${folder}/missing.py'`);
  });

  test("exit functions run before the end", async () => {
    const code = "import atexit; atexit.register(print, 'bye'); raise SystemExit(3)";
    expect(await run(["-c", code])).toMatchObject({ status: 3, stdout: "bye\n" });
  });
});

describe("standard streams", { timeout: TEST_TIMEOUT_MS }, () => {
  test("carry bytes as they are", () => {
    const code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])";
    const input = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const { stdout, status } = spawnSync(process.execPath, [CLI, "-c", code], { input });
    expect(status).toBe(0);
    expect(stdout).toEqual(input.reverse());
  });

  test("give input() its lines while the program runs", async () => {
    const session = start(["-c", "print('name?', flush=True); print('hi', input()); print('bye', input())"]);
    await session.until("name?");
    session.child.stdin.write("ada\n");
    session.child.stdin.end("eve\n");
    expect(await session.status()).toBe(0);
    expect(session.stdout).toBe("name?\nhi ada\nbye eve\n");
  });

  test("end with an error when the reader goes away, and not with silence", async () => {
    const session = start(["-c", "for i in range(10**6): print(i)"]);
    await session.until("1\n");
    session.child.stdout.destroy();
    expect(await session.status()).not.toBe(0);
    expect(session.stderr).toContain("BrokenPipeError");
  });
});

describe("Ctrl-C", { timeout: TEST_TIMEOUT_MS }, () => {
  test.each([
    ["a loop that only computes", "while True: pass"],
    ["time.sleep", "import time; time.sleep(1000)"],
    [
      "a wait for a connection",
      "import socket; s = socket.create_server(('127.0.0.1', 0)); print('now', flush=True); s.accept()",
    ],
  ])("ends %s with KeyboardInterrupt and status 130", async (_title, code) => {
    const session = start(["-c", `print("ready", flush=True)\n${code}`]);
    await session.until("ready");
    session.child.kill("SIGINT");
    expect(await session.status()).toBe(130);
    expect(session.stderr).toContain("KeyboardInterrupt");
  });

  test("a second time ends a program that will not listen", async () => {
    const code =
      "import sys\nwhile True:\n  try:\n    print('ready', flush=True)\n    while True: pass\n  except KeyboardInterrupt: pass";
    const session = start(["-c", code]);
    const first = await session.until("ready");
    session.child.kill("SIGINT");
    await session.until("ready", first);
    session.child.kill("SIGINT");
    expect(await session.status()).toBe(130);
  });
});

describe("the console", { timeout: TEST_TIMEOUT_MS }, () => {
  test.skipIf(!hasTerminal)(
    `has prompts, several lines, results, errors, Ctrl-C and an exit status${onTerminal}`,
    async () => {
      const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
      const command = [process.execPath, CLI].map(quote).join(" ");
      const session = new Session("script", ["-qfec", command, "/dev/null"], { TERM: "dumb" });
      const { stdin } = session.child;
      let at = await session.until(">>> ");
      const enter = async (line: string, expected: string) => {
        stdin.write(`${line}\r`);
        at = await session.until(expected, at);
      };
      await enter("6 * 7", "42\r\n");
      at = await session.until(">>> ", at);
      await enter("def triple(x):", "... ");
      await enter("    return 3 * x", "... ");
      await enter("", ">>> ");
      await enter("triple('ab')", "'ababab'");
      await enter("1/0", "ZeroDivisionError");
      at = await session.until(">>> ", at);
      await enter("import time; print('asleep' + '!'); time.sleep(1000)", "asleep!");
      stdin.write("\x03");
      at = await session.until("KeyboardInterrupt", at);
      at = await session.until(">>> ", at);
      stdin.write("half a line\x03");
      at = await session.until("KeyboardInterrupt", at);
      at = await session.until(">>> ", at);
      await enter("input('who? ')", "who? ");
      await enter("ada", "'ada'");
      at = await session.until(">>> ", at);
      stdin.write("exit(9)\r");
      expect(await session.status()).toBe(9);
    },
  );

  test.skipIf(!hasTerminal)(`ends with Ctrl-D${onTerminal}`, async () => {
    const session = new Session("script", ["-qfec", `'${process.execPath}' '${CLI}'`, "/dev/null"], {
      TERM: "dumb",
    });
    await session.until(">>> ");
    session.child.stdin.write("\x04");
    expect(await session.status()).toBe(0);
  });
});

describe("by itself", () => {
  test("--help and --version answer and end with 0", async () => {
    expect(await run(["--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("Usage:") as string,
    });
    expect(await run(["-V"])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^pyodide-ssl \d+\.\d+\.\d+ /) as string,
    });
  });

  test("an unknown option is a usage error", async () => {
    const outcome = await run(["--frobnicate"]);
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr).toContain("--frobnicate");
  });

  test("the gateway has its own help", async () => {
    expect(await run(["gateway", "--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("gateway") as string,
    });
  });
});
