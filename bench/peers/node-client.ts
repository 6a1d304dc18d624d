/** `client.py` on Node over TCP, in a process of its own: one message, one answer. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPyodide } from "pyodide";
import { install } from "pyodide-ssl";

/** Requests on one kept connection. */
export interface NodeRequests {
  readonly isTls: boolean;
  readonly port: number;
  readonly path: string;
  readonly count: number;
  /** The trusted root, PEM. */
  readonly ca: string;
}

export type NodeReply = { readonly ms: number } | { readonly error: string };

type Get = { callPromising(...parameters: unknown[]): Promise<number> };

const pyodide = await loadPyodide();
await install(pyodide);
let get: Get | undefined;

async function time({ isTls, port, path, count, ca }: NodeRequests): Promise<number> {
  if (get === undefined) {
    pyodide.registerJsModule("bench_settings", { ca });
    const source = readFileSync(join(import.meta.dirname, "client.py"), "utf8");
    get = (await pyodide.runPythonAsync(`${source}\nget`)) as Get;
  }
  const start = performance.now();
  for (let done = 0; done < count; done++) await get.callPromising(isTls, "localhost", port, path);
  return performance.now() - start;
}

process.on("message", (requests: NodeRequests) => {
  time(requests).then(
    (ms) => process.send?.({ ms } satisfies NodeReply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies NodeReply),
  );
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
