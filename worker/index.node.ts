/// <reference lib="esnext.disposable" preserve="true" />
/** The package's entry on Node: as in browsers, over real TCP, in a worker thread. */
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { PythonStartError } from "./errors.ts";
import type { PythonOptions } from "./options.ts";
import type { Python } from "./python.ts";
import { startPython } from "./start-worker.ts";
import type { OwnerPlatform, WorkerEnd, WorkerHandle } from "./worker-handle.ts";

export * from "../pyodide-ext/index.ts";
export * from "./exports.ts";

class NodeWorker implements WorkerHandle {
  readonly #worker: Worker;
  #isOver = false;

  constructor(url: URL) {
    this.#worker = new Worker(url);
  }

  post(message: unknown, transfer: Transferable[]): void {
    if (!this.#isOver) this.#worker.postMessage(message, transfer as never[]);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#worker.on("message", listener);
  }

  onEnd(listener: (end: WorkerEnd) => void): void {
    const end = (what: WorkerEnd) => {
      if (this.#isOver) return;
      this.#isOver = true;
      listener(what);
    };
    this.#worker.once("error", (cause: unknown) => {
      end({ reason: "crashed", message: cause instanceof Error ? cause.message : String(cause), cause });
    });
    this.#worker.once("exit", (code) =>
      end({ reason: "exited", message: `the worker thread ended with code ${code}` }),
    );
  }

  async terminate(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }
}

const node: OwnerPlatform = {
  startWorker: (url) => new NodeWorker(url),
  workerUrl: new URL("./worker.node.js", import.meta.url),
  get baseUrl() {
    return pathToFileURL(`${process.cwd()}/`).href;
  },
  sharedByte: () => new SharedArrayBuffer(1),
  print: (stream, text) => void process[stream].write(text),
};

/**
 * Starts Python with real TLS in a worker thread. Sockets are TCP, unless a `gateway` is given.
 * @param options all may be left out
 * @returns the interpreter, ready to `run`; the thread keeps the process alive until `terminate()`
 * @throws {PythonStartError} (as rejection) it could not start: which stage, and why; no thread is left behind
 */
export async function createPython(options: PythonOptions = {}): Promise<Python> {
  if (!("withResolvers" in Promise)) {
    const { node: version } = process.versions;
    throw new PythonStartError(
      "worker",
      `Node ${version} is too old for Python with TLS. Use Node 24.21 or newer.`,
    );
  }
  return startPython(options, node);
}
