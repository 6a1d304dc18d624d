/**
 * `npm run bench:requests`: `requests.get` on a session, and where the time goes: in the Python interpreter, in OpenSSL, in
 * JavaScript, in the system. On Node, with V8's profiler; the server is a process of its own.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { type Profiler, Session } from "node:inspector/promises";
import type { AddressInfo } from "node:net";
import { loadPyodide } from "pyodide";
import { install } from "pyodide-ssl";
import { testPki } from "../e2e/peers/certs.ts";
import { PLACES } from "../vendor/cache.ts";
import { vendor } from "../vendor/vendor.ts";
import { markdownTable, threeDigits } from "./statistics.ts";

const WARM_UP = 200;
const REQUESTS = 1000;
const BODY = "x".repeat(1000);

const PROGRAM = `
import requests
session = requests.Session()
session.verify = "/tmp/ca.pem"
def get(port, count):
    for _ in range(count):
        response = session.get(f"https://localhost:{port}/")
        assert response.status_code == 200 and len(response.content) == ${BODY.length}
`;

async function serve(): Promise<void> {
  const leaf = (await testPki()).leaf("good-ec");
  const options = { cert: readFileSync(leaf.chain), key: readFileSync(leaf.key) };
  const server = createServer(options, (_, response) => response.end(BODY));
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.once("disconnect", () => process.exit());
}

const INTERPRETER = "the Python interpreter";
const PROFILER = "the profiler";

/** Names of WebAssembly modules, whose addresses only tell them apart. */
function wasmModules(nodes: readonly Profiler.ProfileNode[]): Map<string, string> {
  const functions = new Map<string, Set<string>>();
  for (const { callFrame } of nodes) {
    if (!callFrame.url.startsWith("wasm:")) continue;
    const names = functions.get(callFrame.url) ?? new Set();
    functions.set(callFrame.url, names.add(callFrame.functionName));
  }
  // Besides the two there are Emscripten's, of one function each.
  const [python, openssl] = [...functions].sort(([, a], [, b]) => b.size - a.size);
  return new Map([
    [python?.[0] ?? "", INTERPRETER],
    [openssl?.[0] ?? "", "OpenSSL"],
  ]);
}

/** Whose code a function is. */
function ownerOf(
  { functionName, url }: Profiler.ProfileNode["callFrame"],
  wasm: Map<string, string>,
): string {
  if (url.startsWith("wasm:")) return wasm.get(url) ?? "calls between WebAssembly and JavaScript";
  if (functionName === "wasm-to-js" || functionName === "js-to-wasm")
    return "calls between WebAssembly and JavaScript";
  if (url === "node:inspector") return PROFILER;
  if (url.includes("/dist/")) return "our JavaScript";
  if (url.includes("pyodide")) return "Pyodide's JavaScript";
  if (url.startsWith("node:")) return "Node's JavaScript";
  if (functionName === "(idle)") return "waiting for the server";
  if (functionName === "(garbage collector)") return "garbage collection";
  return "the system, Node's C++";
}

/** Microseconds of each function itself. */
function selfTimes({
  nodes,
  samples = [],
  timeDeltas = [],
}: Profiler.Profile): (readonly [Profiler.ProfileNode, number])[] {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  return nodes.map((node) => [node, times.get(node.id) ?? 0] as const);
}

function sumBy<T>(
  items: readonly T[],
  key: (item: T) => string,
  value: (item: T) => number,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(key(item), (sums.get(key(item)) ?? 0) + value(item));
  return [...sums].sort(([, a], [, b]) => b - a);
}

function report(profile: Profiler.Profile): string {
  const wasm = wasmModules(profile.nodes);
  const owner = ([{ callFrame }]: readonly [Profiler.ProfileNode, number]): string =>
    ownerOf(callFrame, wasm);
  const times = selfTimes(profile).filter((each) => owner(each) !== PROFILER);
  const total = times.reduce((sum, [, time]) => sum + time, 0);
  const row = ([name, time]: [string, number]): string[] => [
    name,
    threeDigits(time / REQUESTS),
    `${threeDigits((time / total) * 100)} %`,
  ];
  const owners = sumBy(times, owner, ([, time]) => time);
  const outside = times.filter((each) => owner(each) !== INTERPRETER);
  const functions = sumBy(
    outside,
    (each) => `${each[0].callFrame.functionName || "(anonymous)"} (${owner(each)})`,
    ([, time]) => time,
  );
  const share = outside.reduce((sum, [, time]) => sum + time, 0) / total;
  return [
    `${threeDigits((REQUESTS / total) * 1e6)} requests a second; ${threeDigits(share * 100)} % of the time outside the Python interpreter`,
    "",
    markdownTable(["where", "µs a request", "share"], [...owners.map(row), row(["all", total])]),
    "",
    markdownTable(["outside the interpreter", "µs a request", "share"], functions.slice(0, 15).map(row)),
  ].join("\n");
}

async function measure(): Promise<void> {
  await vendor(["packages"], (line) => console.error(line));
  const server = fork(import.meta.filename, ["serve"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = (await once(server, "message")) as [number];
  const pyodide = await loadPyodide();
  await install(pyodide);
  pyodide.FS.writeFile("/tmp/ca.pem", readFileSync((await testPki()).ca));
  pyodide.mountNodeFS("/packages", PLACES.packages);
  pyodide.runPython("import sys; sys.path.append('/packages')");
  await pyodide.runPythonAsync(PROGRAM);
  await pyodide.runPythonAsync(`get(${port}, ${WARM_UP})`);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  await pyodide.runPythonAsync(`get(${port}, ${REQUESTS})`);
  const { profile } = await session.post("Profiler.stop");
  console.log(report(profile));
  server.disconnect();
}

if (process.argv[2] === "serve") {
  await serve();
} else {
  await measure();
  process.exit();
}
