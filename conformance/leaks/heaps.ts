/** Python with the kinds of handshakes in it, in this thread, and what is alive in the three heaps. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { loadPyodide } from "pyodide";
import { type Installation, install } from "pyodide-ssl";
import { testPki } from "../../e2e/peers/certs.ts";

/** What is alive between two blocks of handshakes. */
export interface Reading {
  readonly handshakes: number;
  readonly python: { readonly objects: number; readonly allocated: number; readonly threads: number };
  /** Pyodide's memory: it never shrinks, so that a leak ends in growth here. */
  readonly pythonMemoryBytes: number;
  readonly javascriptBytes: number;
  readonly live: ReturnType<Installation["liveCounts"]>;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** An interpreter in this thread. */
export interface Heaps {
  /** Runs Python with `handshakes` imported. */
  readonly run: (code: string) => Promise<unknown>;
  /** Counts what is alive, after a collection, and prints it. */
  readonly read: () => Promise<Reading>;
  readonly close: () => void;
}

/** Loads Pyodide and puts the test PKI and the kinds of handshakes in it. */
export async function startHeaps(): Promise<Heaps> {
  const [pyodide, pki] = await Promise.all([loadPyodide(), testPki()]);
  pyodide.mountNodeFS("/pki", pki.folder);
  const installation = await install(pyodide);
  pyodide.FS.writeFile(
    "/lib/python3.14/site-packages/handshakes.py",
    readFileSync(join(import.meta.dirname, "handshakes.py")),
  );
  const run = (code: string): Promise<unknown> =>
    pyodide.runPythonAsync(`import handshakes\n${code}`) as Promise<unknown>;
  const read = async (): Promise<Reading> => {
    const handshakes = (await run("handshakes.handshakes")) as number;
    const python = JSON.parse((await run("handshakes.snapshot()")) as string) as Reading["python"];
    collectGarbage();
    const { HEAPU8 } = (pyodide as unknown as { _module: { HEAPU8: Uint8Array } })._module;
    const reading = {
      handshakes,
      python,
      pythonMemoryBytes: HEAPU8.byteLength,
      javascriptBytes: process.memoryUsage().heapUsed,
      live: installation.liveCounts(),
    };
    console.log(describe(reading));
    return reading;
  };
  return { run, read, close: () => installation.close() };
}

function describe({ handshakes, python, pythonMemoryBytes, javascriptBytes, live }: Reading): string {
  const mebibytes = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MiB`;
  return (
    `${String(handshakes).padStart(5)} handshakes: Python ${python.objects} objects, ${python.allocated} bytes since the ` +
    `warm-up, memory of ${mebibytes(pythonMemoryBytes)}; JavaScript ${mebibytes(javascriptBytes)}, ${live.handles} handles; ` +
    `OpenSSL ${live.allocations} allocations`
  );
}
