/** The built wheel in a Pyodide that nobody prepared: on Node, and in Chromium as `loadPackage` and micropip bring it. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPyodide, type PyodideAPI } from "pyodide";
import { startGateway } from "pyodide-ssl/gateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPageServer } from "../../demo/page-server.ts";
import { wheelName, writeWheel } from "../../scripts/wheel.ts";
import { ROOT } from "../../vendor/cache.ts";
import { unpackZip } from "../../vendor/zip.ts";
import { missingChromium, startChromium } from "../browser.ts";
import { GATEWAY_OPTIONS, GREETING, type HttpsSite, requestCode, startHttpsSite } from "./https-site.ts";

const WHEEL = join(ROOT, "dist", wheelName());

const stack = new AsyncDisposableStack();
let site: HttpsSite;
let gateway: string;
beforeAll(async () => {
  site = stack.use(await startHttpsSite());
  const running = await startGateway(GATEWAY_OPTIONS);
  stack.defer(() => running.stop());
  gateway = running.url;
});
afterAll(() => stack.disposeAsync());

/** Names of the standard library that a notebook has imported, and what they were. */
const BEFORE = `
import http.client, logging, queue, select, selectors, socket, ssl, sys, threading, time, types, urllib.request
from ssl import SSLContext
from socket import getaddrinfo
MODULES = "_socket", "_ssl", "_thread", "queue", "select", "selectors", "socket", "ssl", "threading", "time"
def snapshot():
    kinds = type, types.FunctionType, types.BuiltinFunctionType
    return {
        f"{module}.{name}": id(value)
        for module in MODULES for name, value in vars(sys.modules[module]).items() if isinstance(value, kinds)
    }
before, finders, modules = snapshot(), list(sys.meta_path), set(sys.modules)
from pyodide.webloop import WebLoop, WebLoopPolicy
loop, policy = dict(vars(WebLoop)), dict(vars(WebLoopPolicy))
`;

/** Installs, uses, uninstalls; answers what was seen. */
const ROUND = `
import gc, os, pyodide_ssl
pyodide_ssl.install(**options)
pyodide_ssl.install(**options)
seen = {"repaired": SSLContext is ssl.SSLContext and http.client.ssl is ssl and getaddrinfo is socket.getaddrinfo}
seen["body"] = get()
try:
    pyodide_ssl.install(gateway="wss://another.example/")
except pyodide_ssl.ConfigurationError as error:
    seen["other settings"] = str(error)
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
received = []
thread = threading.Thread(target=lambda: received.append(listener.accept()[0].recv(5)))
thread.start()
client.sendall(b"hello")
thread.join()
seen["thread"] = received
pyodide_ssl.uninstall()
seen["event loop"] = dict(vars(WebLoop)) == loop and dict(vars(WebLoopPolicy)) == policy
after = snapshot()
seen["not as before"] = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
seen["finders"] = sys.meta_path == finders
seen["open sockets"] = [listener.fileno(), client.fileno()]
seen["names"] = [SSLContext is ssl.SSLContext, getaddrinfo is socket.getaddrinfo, ssl.OPENSSL_VERSION]
seen["left"] = sorted(name for name in sys.modules if name.endswith("_builtin") or name == "_pyodide_ssl_js")
del listener, client, thread
gc.collect()
`;

const EXPECTED: Readonly<Record<string, unknown>> = {
  repaired: true,
  body: GREETING,
  "other settings": expect.stringMatching(
    /other settings already; pyodide_ssl\.uninstall\(\) first/,
  ) as unknown,
  thread: ["b'hello'"],
  "not as before": [],
  finders: true,
  "event loop": true,
  "open sockets": [-1, -1],
  names: [true, true, "OpenSSL (stub)"],
  left: [],
};

function program(options: Readonly<Record<string, string>>): string {
  const request = requestCode(site.port).trimEnd().split("\n");
  const body = [...request.slice(0, -1), `return ${request.at(-1)}`].map((line) => `    ${line}`).join("\n");
  return `
import json
options = json.loads(${JSON.stringify(JSON.stringify(options))})
def get():
${body}
${BEFORE}
rounds = []
for _ in range(2):
${ROUND.split("\n")
  .map((line) => `    ${line}`)
  .join("\n")}
    rounds.append(seen)
json.dumps(rounds, default=repr)
`;
}

async function freshPython(): Promise<PyodideAPI> {
  const pyodide = await loadPyodide();
  pyodide.unpackArchive(new Uint8Array(readFileSync(WHEEL)), "wheel", {
    extractDir: "/lib/python3.14/site-packages",
  });
  pyodide.FS.writeFile("/tmp/ca.pem", site.ca);
  return pyodide;
}

describe("the wheel", () => {
  it("has valid metadata, a record of every file, and the licences", () => {
    const files = new Map(unpackZip(readFileSync(WHEEL)).map(({ path, bytes }) => [path, bytes]));
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    const info = `pyodide_ssl-${version}.dist-info`;
    const text = (path: string) => Buffer.from(files.get(path) ?? []).toString();
    expect(text(`${info}/METADATA`)).toMatch(
      new RegExp(`^Metadata-Version: 2\\.4\nName: pyodide-ssl\nVersion: ${version}\n`),
    );
    expect(text(`${info}/WHEEL`)).toContain("Tag: py3-none-any");
    const recorded = new Map(
      text(`${info}/RECORD`)
        .trim()
        .split("\n")
        .map((line): [string, string] => {
          const [path = "", ...facts] = line.split(",");
          return [path, facts.join(",")];
        }),
    );
    const found = [...files].map(([path, bytes]): [string, string] => {
      const hash = createHash("sha256").update(bytes).digest("base64url");
      return [path, path === `${info}/RECORD` ? "," : `sha256=${hash},${bytes.length}`];
    });
    expect(recorded).toEqual(new Map(found));
    for (const name of ["LICENSE", "NOTICE", "openssl.LICENSE.txt"])
      expect(files.has(`${info}/licenses/${name}`), name).toBe(true);
    expect(text("pyodide_ssl/__init__.py")).toContain(`__version__ = "${version}"`);
  });

  it("is made of the same bytes each time, with the tools of this machine or in a folder elsewhere", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-wheel-"));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    await writeWheel(folder);
    expect(readFileSync(join(folder, wheelName())).equals(readFileSync(WHEEL))).toBe(true);
  });

  it("is an archive to Python's own tools, and says what it is for when a native Python imports it", () => {
    const python = (...parameters: string[]) => spawnSync("python3", parameters, { encoding: "utf8" });
    expect(python("-m", "zipfile", "--test", WHEEL).stdout).toContain("Done testing");
    const { stderr, status } = python(
      "-c",
      `import sys; sys.path.insert(0, ${JSON.stringify(WHEEL)}); import pyodide_ssl`,
    );
    expect(status).toBe(1);
    expect(stderr.trim().split("\n").at(-1)).toBe(
      "ImportError: pyodide_ssl is for Python in WebAssembly (Pyodide); this Python has sockets and ssl of its own",
    );
  });

  it("on Node installs, serves, uninstalls without a trace, and installs again, through a gateway", async () => {
    const pyodide = await freshPython();
    const seen = (await pyodide.runPythonAsync(program({ gateway, ca: "/tmp/ca.pem" }))) as string;
    expect(JSON.parse(seen)).toEqual([EXPECTED, EXPECTED]);
  });

  it("takes the gateway from the environment, else from pyodide_ssl.toml", async () => {
    const pyodide = await freshPython();
    const seen = (await pyodide.runPythonAsync(`
import json, os, pyodide_ssl
def get():
    exec(${JSON.stringify(requestCode(site.port))}, names := {})
    return names["body"]
seen = []
with open("pyodide_ssl.toml", "w") as file:
    file.write('gateway = "${gateway}"\\nca = "/tmp/ca.pem"\\n')
pyodide_ssl.install()
seen.append(get())
pyodide_ssl.uninstall()
os.environ["PYODIDE_SSL_GATEWAY"] = "ws://127.0.0.1:1/"
pyodide_ssl.install()
try:
    seen.append(get())
except OSError as error:
    seen.append(str(error))
pyodide_ssl.uninstall()
for text in ("gateway =", 'gatway = "wss://gateway.example/"'):
    with open("pyodide_ssl.toml", "w") as file:
        file.write(text)
    try:
        pyodide_ssl.install()
    except pyodide_ssl.ConfigurationError as error:
        seen.append(str(error))
json.dumps(seen)
`)) as string;
    expect(JSON.parse(seen)).toEqual([
      GREETING,
      expect.stringMatching(/127\.0\.0\.1:1/),
      expect.stringMatching(/pyodide_ssl\.toml is not TOML/),
      expect.stringMatching(/pyodide_ssl\.toml has gatway, which means nothing/),
    ]);
  });

  it("says what to do where it can't wait: install_async() works there", async () => {
    const pyodide = await freshPython();
    const message = pyodide.runPython(`
import pyodide_ssl
try:
    pyodide_ssl.install()
except pyodide_ssl.BlockingImpossibleError as error:
    message = str(error)
message`) as string;
    expect(message).toContain("await pyodide_ssl.install_async()");
    await pyodide.runPythonAsync("await pyodide_ssl.install_async()");
    expect(pyodide.runPython("import ssl; ssl.create_default_context(); ssl.OPENSSL_VERSION")).toMatch(
      /^OpenSSL 3\.5/,
    );
  });
});

describe.skipIf(missingChromium() !== undefined)("in Chromium the wheel", () => {
  it("is loaded by loadPackage, needs a gateway, and is gone after uninstall()", async () => {
    const page = `<!doctype html><meta charset="utf-8"><script type="module">
import { loadPyodide } from "/pyodide/pyodide.mjs";
globalThis.pythonIn = async (program, ca) => {
  const pyodide = await loadPyodide();
  await pyodide.loadPackage(new URL("/${wheelName()}", location.href).href);
  pyodide.FS.writeFile("/tmp/ca.pem", ca);
  const refusal = await pyodide.runPythonAsync(\`
import pyodide_ssl
try:
    pyodide_ssl.install()
except pyodide_ssl.ConfigurationError as error:
    refusal = str(error)
refusal\`);
  return [refusal, await pyodide.runPythonAsync(program)];
};
</script>`;
    const server = await startPageServer({
      port: 0,
      contentSecurityPolicy: "default-src * 'unsafe-inline' 'unsafe-eval' blob: data:",
      resources: {
        "/": { text: page, type: "text/html; charset=utf-8" },
        [`/${wheelName()}`]: { file: WHEEL },
        "/pyodide/": { folder: dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs"))) },
      },
    });
    stack.defer(() => server.stop());
    await using browser = await startChromium();
    const tab = await browser.open(`http://127.0.0.1:${server.port}/`);
    const parameters = [program({ gateway, ca: "/tmp/ca.pem" }), site.ca].map((value) =>
      JSON.stringify(value),
    );
    const [refusal, seen] = (await tab.evaluate(`pythonIn(${parameters.join(", ")})`)) as [string, string];
    expect(refusal).toMatch(/needs the address of a gateway.*PYODIDE_SSL_GATEWAY.*pyodide_ssl\.toml/);
    expect(JSON.parse(seen)).toEqual([EXPECTED, EXPECTED]);
  });
});
