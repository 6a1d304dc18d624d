/** Where the examples run in tests: native CPython for comparison, Node, and a page in Chromium through the gateway. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createPython } from "pyodide-ssl";
import { PLACES } from "../../vendor/cache.ts";
import type { NativePython } from "../../vendor/native-python.ts";
import { startChromium } from "../browser.ts";
import { startSite, startTestGateway } from "../harness.ts";
import { PagePython } from "../page-python.ts";
import { testPki } from "../peers/certs.ts";
import { CLIENTS_ARCHIVE, CLIENTS_RESOURCE } from "./examples.ts";

const run = promisify(execFile);

const OUTCOME = readFileSync(join(import.meta.dirname, "outcome.py"), "utf8");

/** What a program did. */
export interface Outcome {
  readonly printed: string;
  /** `module.Class: message`; null when it ended well. */
  readonly raised: string | null;
}

/** Which root the program trusts: the one that signed the servers' certificates, or another. */
export type Trust = "right" | "wrong";

export interface ClientHost extends AsyncDisposable {
  run(program: string, environment: Readonly<Record<string, string>>, trust?: Trust): Promise<Outcome>;
  /** What programs wrote past {@link run}'s capture: to `sys.__stdout__`. */
  output(): Promise<string>;
}

type Files = Readonly<Record<Trust, string>>;

/** What a Python in WebAssembly offers here, in whatever host. */
interface WasmPython {
  run(code: string, globals: Readonly<Record<string, unknown>>): Promise<unknown>;
  writeFile(path: string, content: string): Promise<void>;
  output(): Promise<string>;
  end(): Promise<void>;
}

/** In Python's own file system. */
const WASM_FILES: Files = { right: "/right-ca.pem", wrong: "/wrong-ca.pem" };

async function wasmHost(python: WasmPython): Promise<ClientHost> {
  const pki = await testPki();
  await python.writeFile(WASM_FILES.right, readFileSync(pki.ca, "utf8"));
  await python.writeFile(WASM_FILES.wrong, readFileSync(pki.otherCa, "utf8"));
  return {
    async run(program, environment, trust = "right") {
      const globals = { program, environment: { ...environment, SSL_CERT_FILE: WASM_FILES[trust] } };
      const text = await python.run(`${OUTCOME}\noutcome(program, environment)`, globals);
      return JSON.parse(text as string) as Outcome;
    },
    output: () => python.output(),
    [Symbol.asyncDispose]: () => python.end(),
  };
}

/** Python in a worker of this process, over TCP. */
export async function startNodeHost(): Promise<ClientHost> {
  let output = "";
  const python = await createPython({
    packages: [pathToFileURL(PLACES.clientsZip)],
    stdout: (text) => {
      output += text;
    },
  });
  return wasmHost({
    run: (code, globals) => python.run(code, { globals }),
    writeFile: (path, content) => python.files.writeFile(path, content),
    output: async () => output,
    end: () => python.terminate(),
  });
}

/** Python in a page, through a gateway that may reach this machine. `stack` ends it all. */
export async function startInPage(
  stack: AsyncDisposableStack,
  options: { readonly ca?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<PagePython> {
  const gateway = await startTestGateway();
  stack.defer(() => gateway.stop());
  const site = await startSite(CLIENTS_RESOURCE);
  stack.defer(() => site.stop());
  const browser = stack.use(await startChromium());
  const all = { ...options, gateway: gateway.url, packages: [CLIENTS_ARCHIVE] };
  return stack.use(await PagePython.start(await browser.open(site.url), all));
}

/** A page for many programs. */
export async function startChromiumHost(): Promise<ClientHost> {
  await using stack = new AsyncDisposableStack();
  const python = await startInPage(stack);
  const kept = stack.move();
  return wasmHost({
    run: (code, globals) => python.run(code, globals),
    writeFile: (path, content) => python.writeFile(path, content),
    output: () => python.output(),
    end: () => kept.disposeAsync(),
  });
}

/** Native CPython: a process for each program. */
export async function runNatively(
  python: NativePython,
  program: string,
  environment: Readonly<Record<string, string>>,
  trust: Trust = "right",
): Promise<Outcome> {
  const pki = await testPki();
  const code = `${OUTCOME}\nimport sys\nprint(outcome(sys.argv[1], {}))`;
  const certificates = trust === "right" ? pki.ca : pki.otherCa;
  const { stdout } = await run(python.command, [...python.args, "-c", code, program], {
    env: { ...python.env, PYTHONPATH: PLACES.clients, SSL_CERT_FILE: certificates, ...environment },
  });
  return JSON.parse(stdout) as Outcome;
}
