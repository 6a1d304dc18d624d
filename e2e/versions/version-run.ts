/** The checks of `checks.py` in one version of Pyodide: on Node over TCP, in Chromium through a gateway. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startGateway } from "pyodide-ssl/gateway";
import { distOf, PLACES } from "../../vendor/cache.ts";
import { pyodideFolder, pythonOfPyodide } from "../../vendor/pyodide-versions.ts";
import { startChromium } from "../browser.ts";
import { startSite } from "../harness.ts";
import { GATEWAY_OPTIONS, startHttpsSite } from "../package/https-site.ts";
import { runInPage } from "../page-python.ts";
import { testPki } from "../peers/certs.ts";
import { refusals, wheelRound } from "./wheel-run.ts";

/** Where a version is tried. */
export type VersionHost = "node" | "chromium";
export const VERSION_HOSTS: readonly VersionHost[] = ["node", "chromium"];

/** What became of a version in one host. */
export interface VersionRun {
  readonly pyodide: string;
  /** Of the interpreter; empty where it did not start. */
  readonly python: string;
  readonly host: VersionHost;
  readonly seconds: number;
  /** A sentence, and what went wrong or null. */
  readonly outcomes: readonly (readonly [sentence: string, failure: string | null])[];
}

/** A Python that can be driven from here. */
interface Interpreter extends AsyncDisposable {
  readonly python: string;
  run(code: string): Promise<unknown>;
  /** Begins to run code, interrupts it when it says so by its output, and answers the name of what it raised. */
  interrupted(code: string): Promise<string>;
}

/** What a program that is to be interrupted prints when it is about to wait, or to compute. */
const READY = "ready";

const WAITS = `
import socket
with socket.create_server(("127.0.0.1", 0)) as listener:
    print("${READY}", flush=True)
    listener.accept()
`;

// One write: between two Python looks for signals of its own accord, and a loop has to.
const COMPUTES = `
import sys
sys.stdout.write("${READY}\\n")
while True:
    pass
`;

const OPTIONS_OF_BOTH = { env: { HOME: "/home/pyodide" } } as const;

async function startOnNode(pyodide: string, dist: string): Promise<Interpreter> {
  const { createPython } = (await import(
    pathToFileURL(join(dist, "index.node.js")).href
  )) as typeof import("pyodide-ssl");
  let heard: (() => void) | undefined;
  const python = await createPython({
    ...OPTIONS_OF_BOTH,
    pyodideUrl: pathToFileURL(join(pyodide, "pyodide.mjs")),
    packages: [pathToFileURL(PLACES.packagesZip)],
    stdout: (text) => {
      if (text.includes(READY)) heard?.();
    },
    stderr: () => undefined,
  });
  return {
    python: python.versions.python,
    run: (code) => python.run(code),
    interrupted: async (code) => {
      const ready = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const raised = python.run(code).then(
        () => "nothing",
        (error: unknown) => (error as { report?: { type: string } }).report?.type ?? String(error),
      );
      await Promise.race([ready, raised]);
      python.interrupt();
      return raised;
    },
    [Symbol.asyncDispose]: () => python.terminate(),
  };
}

const START_IN_PAGE = `
  globalThis.python = await pyodideSsl.createPython({
    ...options,
    pyodideUrl: "/pyodide/pyodide.mjs",
    packages: ["/python-packages.zip"],
    stdout: (text) => { if (text.includes(ready)) globalThis.heard?.(); },
    stderr: () => undefined,
  });
  return globalThis.python.versions.python;
`;

const INTERRUPT_IN_PAGE = `
  const ready = new Promise((resolve) => { globalThis.heard = resolve; });
  const raised = python.run(code).then(() => "nothing", (error) => error.report?.type ?? String(error));
  await Promise.race([ready, raised]);
  python.interrupt();
  return raised;
`;

async function startInChromium(pyodide: string, dist: string): Promise<Interpreter> {
  await using stack = new AsyncDisposableStack();
  const gateway = await startGateway(GATEWAY_OPTIONS);
  stack.defer(() => gateway.stop());
  const site = await startSite({ "/pyodide/": { folder: pyodide }, "/dist/": { folder: dist } });
  stack.defer(() => site.stop());
  const browser = stack.use(await startChromium());
  const tab = await browser.open(site.url);
  const options = { ...OPTIONS_OF_BOTH, gateway: gateway.url };
  const python = (await runInPage(tab, START_IN_PAGE, { options, ready: READY })) as string;
  const owned = stack.move();
  return {
    python,
    run: (code) => runInPage(tab, "return python.run(code);", { code }),
    interrupted: async (code) => (await runInPage(tab, INTERRUPT_IN_PAGE, { code })) as string,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Surface {
  readonly _ssl: Readonly<Record<string, unknown>>;
  readonly classes: Readonly<Record<string, { readonly members: Readonly<Record<string, unknown>> }>>;
}

/** What Python 3.15.2's `_ssl` has more than 3.14.8's. `_SSLSocket.sendfile` is only where a kernel does TLS. */
const ADDITIONS: Readonly<Record<string, readonly string[]>> = {
  _ssl: ["HAS_PSK_TLS13", "get_sigalgs"],
  _SSLContext: ["get_groups", "set_ciphersuites", "set_client_sigalgs", "set_groups", "set_server_sigalgs"],
  _SSLSocket: ["client_sigalg", "group", "server_sigalg", "uses_ktls_for_recv", "uses_ktls_for_send"],
};

/** The names of the native `_ssl`, and of the members of its classes. */
function nativeSurface(python: string): { names: string[]; members: Record<string, string[]> } {
  const file = new URL("../../pyodide-ext/ssl-surface.json", import.meta.url);
  const { _ssl, classes } = JSON.parse(readFileSync(file, "utf8")) as Surface;
  const added = (name: string) => (python === "3.14" ? [] : (ADDITIONS[name] ?? []));
  return {
    names: [...Object.keys(_ssl), ...added("_ssl")],
    members: Object.fromEntries(
      Object.entries(classes).map(([name, { members }]) => [name, [...Object.keys(members), ...added(name)]]),
    ),
  };
}

/** Python that puts the test PKI and the checks into its file system, and runs them. */
async function program(settings: Readonly<Record<string, unknown>>): Promise<string> {
  const pki = await testPki();
  const leaves = ["good", "client"] as const;
  const files: Record<string, string> = { "/pki/root.pem": readFileSync(pki.ca, "utf8") };
  for (const name of leaves) {
    const { chain, key } = pki.leaf(name);
    files[`/pki/${name}.chain.pem`] = readFileSync(chain, "utf8");
    files[`/pki/${name}.key`] = readFileSync(key, "utf8");
  }
  files["/checks/checks.py"] = readFileSync(new URL("checks.py", import.meta.url), "utf8");
  return `
import json, os, sys
for path, text in json.loads(${JSON.stringify(JSON.stringify(files))}).items():
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
sys.path.insert(0, "/checks")
import checks
await checks.run(json.loads(${JSON.stringify(JSON.stringify(settings))}))
`;
}

/** What takes longer hangs: a version takes some ten seconds. */
const TIME_LIMIT_MS = 180_000;

/** An outcome of what throws where something does not hold. */
async function outcomeOf(
  sentence: string,
  run: () => Promise<unknown>,
): Promise<readonly [string, string | null]> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${TIME_LIMIT_MS / 1000} s`)), TIME_LIMIT_MS);
  });
  try {
    await Promise.race([run(), hangs]);
    return [sentence, null];
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [sentence, text.trim().split("\n").slice(-3).join(" ").slice(0, 500)];
  } finally {
    clearTimeout(timer);
  }
}

/** Runs all checks. What prevents that is an outcome as well. */
export async function runVersion(
  version: string,
  host: VersionHost,
  report: (line: string) => void,
): Promise<VersionRun> {
  const startedAt = performance.now();
  const dist = distOf(pythonOfPyodide(version));
  const outcomes: (readonly [string, string | null])[] = [];
  let release = "";
  await using site = await startHttpsSite();
  const start = await outcomeOf("createPython() starts, and runs Python", async () => {
    if (!existsSync(join(dist, "index.js"))) throw new Error(`there is no build in ${dist}`);
    const folder = await pyodideFolder(version, report);
    await using interpreter = await (host === "node" ? startOnNode : startInChromium)(folder, dist);
    const settings = { port: site.port, ...nativeSurface(pythonOfPyodide(version)) };
    const checked = (await interpreter.run(await program(settings))) as string;
    outcomes.push(...(JSON.parse(checked) as [string, string | null][]));
    const interrupt = async (sentence: string, code: string): Promise<void> => {
      const raised = await interpreter.interrupted(code);
      outcomes.push([sentence, raised === "KeyboardInterrupt" ? null : raised]);
    };
    await interrupt("interrupt() ends what waits", WAITS);
    // The site is not isolated: there a page shares nothing with its workers.
    if (host === "node") await interrupt("interrupt() ends what computes", COMPUTES);
    release = interpreter.python;
  });
  const wheel =
    host === "node"
      ? [
          await outcomeOf("the wheel is installed, works, and is uninstalled, twice", () =>
            wheelRound(version, site, report),
          ),
        ]
      : [];
  const seconds = (performance.now() - startedAt) / 1000;
  return { pyodide: version, python: release, host, seconds, outcomes: [start, ...outcomes, ...wheel] };
}

/** Whether a version that is not supported is refused by one clear error. */
export async function runRefusals(
  version: string,
  host: VersionHost,
  report: (line: string) => void,
): Promise<VersionRun> {
  const startedAt = performance.now();
  const says = `pyodide-ssl needs Pyodide 314.0.x (Python 3.14); this one is ${version}.`;
  const refused = await outcomeOf("createPython(), install() and the wheel say what they need", async () => {
    const texts = await refusals(version, report);
    const others = texts.filter((text) => !text.includes(says));
    if (others.length > 0) throw new Error(others.join("; "));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  return { pyodide: version, python: "", host, seconds, outcomes: [refused] };
}
