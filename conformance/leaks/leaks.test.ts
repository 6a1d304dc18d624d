import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { loadPyodide, type PyodideAPI } from "pyodide";
import { type Installation, install } from "pyodide-ssl";
import { expect, test } from "vitest";
import { testPki } from "../../e2e/peers/certs.ts";

/** How many handshakes are measured; those of the warm-up come before. */
const HANDSHAKES = 5000;
const BLOCKS = 5;
/** Fill what stays for good: imported modules, parsed roots, OpenSSL's tables, free lists, interned names. */
const WARM_UP_ROUNDS = 12;
/** Python's own caches move a little. One object, left behind by one kind of handshake in each round, would be hundreds. */
const OBJECTS_SLACK = 50;
const ALLOCATED_SLACK_BYTES = 16 * 1024;
/** A context left behind in each round would be more. V8's heap is not that exact: its own code and caches are in there. */
const JAVASCRIPT_SLACK_BYTES = 3 * 1024 * 1024;

const DEADLINE_MS = 20 * 60_000;

/** What is alive between two blocks. */
interface Reading {
  readonly handshakes: number;
  readonly python: { readonly objects: number; readonly allocated: number; readonly threads: number };
  /** Pyodide's memory: it never shrinks, so that a leak ends in growth here. */
  readonly pythonMemoryBytes: number;
  readonly javascriptBytes: number;
  readonly live: ReturnType<Installation["liveCounts"]>;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Python with the test PKI in it, in this thread, where the installation tells what is alive. */
async function start(): Promise<{ pyodide: PyodideAPI; installation: Installation }> {
  const [pyodide, pki] = await Promise.all([loadPyodide(), testPki()]);
  pyodide.mountNodeFS("/pki", pki.folder);
  const installation = await install(pyodide);
  pyodide.FS.writeFile(
    "/lib/python3.14/site-packages/handshakes.py",
    readFileSync(join(import.meta.dirname, "handshakes.py")),
  );
  return { pyodide, installation };
}

function describe({ handshakes, python, pythonMemoryBytes, javascriptBytes, live }: Reading): string {
  const mebibytes = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MiB`;
  return (
    `${String(handshakes).padStart(5)} handshakes: Python ${python.objects} objects, ${python.allocated} bytes since the ` +
    `warm-up, memory of ${mebibytes(pythonMemoryBytes)}; JavaScript ${mebibytes(javascriptBytes)}, ${live.handles} handles; ` +
    `OpenSSL ${live.allocations} allocations`
  );
}

test(
  `${HANDSHAKES} handshakes of every kind, both sides in one interpreter, leave nothing behind`,
  async () => {
    const { pyodide, installation } = await start();
    const run = (code: string): Promise<unknown> =>
      pyodide.runPythonAsync(`import handshakes\n${code}`) as Promise<unknown>;
    const read = async (): Promise<Reading> => {
      const handshakes = (await run("handshakes.handshakes")) as number;
      const python = JSON.parse((await run("handshakes.snapshot()")) as string) as Reading["python"];
      collectGarbage();
      const { heapUsed } = process.memoryUsage();
      const memory = (pyodide as unknown as { _module: { HEAPU8: Uint8Array } })._module.HEAPU8.byteLength;
      const reading = {
        handshakes,
        python,
        pythonMemoryBytes: memory,
        javascriptBytes: heapUsed,
        live: installation.liveCounts(),
      };
      console.log(describe(reading));
      return reading;
    };

    // Twice: the first reading fills what readings need themselves, and starts to count Python's bytes.
    await run(`handshakes.run_rounds(${WARM_UP_ROUNDS / 2})`);
    await read();
    await run(`handshakes.run_rounds(${WARM_UP_ROUNDS / 2})`);
    const before = await read();
    const perRound = before.handshakes / WARM_UP_ROUNDS;
    const rounds = Math.ceil(HANDSHAKES / BLOCKS / perRound);
    let after = before;
    for (let block = 0; block < BLOCKS; block++) {
      await run(`handshakes.run_rounds(${rounds})`);
      after = await read();
    }

    expect(after.handshakes - before.handshakes).toBeGreaterThanOrEqual(HANDSHAKES);
    expect(after.live).toEqual(before.live);
    expect(after.live).toMatchObject({
      contexts: 0,
      connections: 0,
      bios: 0,
      sessions: 0,
      sockets: 0,
      waits: 0,
    });
    expect(after.python.threads).toBe(before.python.threads);
    expect(after.python.objects - before.python.objects).toBeLessThan(OBJECTS_SLACK);
    expect(after.python.allocated - before.python.allocated).toBeLessThan(ALLOCATED_SLACK_BYTES);
    expect(after.pythonMemoryBytes).toBe(before.pythonMemoryBytes);
    expect(after.javascriptBytes - before.javascriptBytes).toBeLessThan(JAVASCRIPT_SLACK_BYTES);
    installation.close();
  },
  DEADLINE_MS,
);
