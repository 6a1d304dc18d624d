/** Entry of Node's worker thread, started by `createPython()`. */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import { nodeDescriptors } from "./node-descriptors.ts";
import { mountHostFolders } from "./node-mounts.ts";
import type { Platform, PyodideModule } from "./platform.ts";
import { hostPython } from "./python-host.ts";

const platform: Platform = {
  async importPyodide(url) {
    // Computed, so that bundlers leave the import to Node.
    const specifier: string = url ?? import.meta.resolve("pyodide");
    const module = (await import(specifier)) as PyodideModule;
    if (typeof module.loadPyodide !== "function")
      throw new Error(`${specifier} is not Pyodide's pyodide.mjs`);
    return {
      module,
      indexURL: specifier.startsWith("file:") ? dirname(fileURLToPath(specifier)) : undefined,
    };
  },
  async fetchBytes(url) {
    if (url.startsWith("file:")) return new Uint8Array(await readFile(fileURLToPath(url)));
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  descriptors: nodeDescriptors,
  mountHost: mountHostFolders,
};

const port = parentPort;
if (port === null) throw new Error("worker.node.js runs in a worker thread; use createPython()");
const noticeFatal = hostPython(platform, {
  post: (message, transfer) => port.postMessage(message, transfer as never[]),
  onMessage: (listener) => void port.on("message", listener),
});

// A forgotten promise of some JavaScript that Python used is a message, as in browsers, and not the end of Python.
process.on("unhandledRejection", (reason) => {
  if (!noticeFatal(reason)) console.error("Unhandled rejection in Python's worker:", reason);
});
