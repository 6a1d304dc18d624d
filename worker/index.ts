/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The package's entry in browsers. `createPython()` starts Python with real TLS in a worker; `install()` puts the same TLS
 * into a Pyodide that is there already.
 * @module pyodide-ssl
 */
import {
  type AssetLocation,
  type Assets,
  assetUrls,
  type Installation,
  type InstallOptions,
  loadAssets as loadAssetsAlone,
  openAssets,
  type PyodideLike,
} from "../pyodide-ext/exports.ts";
import type { PythonOptions } from "./options.ts";
import type { Python } from "./python.ts";
import { startPython } from "./start-worker.ts";
import type { OwnerPlatform, WorkerEnd, WorkerHandle } from "./worker-handle.ts";

export * from "../pyodide-ext/exports.ts";
export * from "./exports.ts";

/** A script of another origin can't be a worker's own; a local module that imports it can. */
function ownOriginScript(url: URL): URL {
  if (url.origin === location.origin || url.protocol === "blob:" || url.protocol === "data:") return url;
  const source = `import ${JSON.stringify(url.href)};`;
  return new URL(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
}

class BrowserWorker implements WorkerHandle {
  readonly #worker: Worker;
  readonly #lock = `pyodide-ssl ${crypto.randomUUID?.() ?? Math.random()}`;
  readonly #abort = new AbortController();
  #isOver = false;

  constructor(url: URL) {
    const script = ownOriginScript(url);
    this.#worker = new Worker(script, { type: "module", name: this.#lock });
  }

  post(message: unknown, transfer: Transferable[]): void {
    if (!this.#isOver) this.#worker.postMessage(message, transfer);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#worker.addEventListener("message", (event) => listener(event.data));
  }

  onEnd(listener: (end: WorkerEnd) => void): void {
    let isRunning = false;
    const end = (what: WorkerEnd) => {
      if (!this.#isOver) listener(what);
    };
    this.#worker.addEventListener("message", () => {
      if (isRunning) return;
      isRunning = true;
      this.#watch(() =>
        end({ reason: "exited", message: "the worker is gone: it closed itself, or the browser ended it" }),
      );
    });
    this.#worker.addEventListener("error", (event) => {
      // Once the script runs, an uncaught error in a worker is a line in the console and no end of the worker.
      if (isRunning) return;
      const text = event.message || "its script could not be loaded; look at the network log for what failed";
      end({ reason: "crashed", message: text });
    });
  }

  /**
   * Browsers do not say that a worker is gone. But it holds a lock of its name while it lives (`worker.ts`), and the next
   * in the queue for the lock learns of its end.
   */
  #watch(onGone: () => void): void {
    navigator.locks?.request(this.#lock, { signal: this.#abort.signal }, onGone).catch(() => undefined);
  }

  async terminate(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort.abort();
    this.#worker.terminate();
  }
}

const browser: OwnerPlatform = {
  startWorker: (url) => new BrowserWorker(url),
  workerUrl: new URL("./worker.js", import.meta.url),
  get baseUrl() {
    return globalThis.document?.baseURI ?? location.href;
  },
  sharedByte: () => (globalThis.crossOriginIsolated ? new SharedArrayBuffer(1) : undefined),
  print(stream, text) {
    const line = text.replace(/\n$/, "");
    if (stream === "stdout") console.log(line);
    else console.warn(line);
  },
};

/**
 * Starts Python with real TLS in a worker of its own.
 * @param options all may be left out; without `gateway` there is no way to the network in a browser
 * @returns the interpreter, ready to `run`
 * @throws {PythonStartError} (as rejection) it could not start: which stage, and why; no worker is left behind
 */
export function createPython(options: PythonOptions = {}): Promise<Python> {
  return startPython(options, browser);
}

/**
 * Makes `ssl` and `socket` real in a Pyodide: CPython's own `ssl.py` over OpenSSL, sockets over a gateway or Node's TCP.
 * Modules that were imported before are repaired. A second call for the same Pyodide with the same options answers the same
 * installation.
 * @throws {Error} (as rejection) Pyodide is of another version, an asset can't be loaded, or it is installed with other
 * options already
 */
export async function install(pyodide: PyodideLike, options: InstallOptions = {}): Promise<Installation> {
  // A page that calls `createPython()` has all of this in its worker, and does not load it a second time.
  const extension = import("../pyodide-ext/install.ts");
  // Python's files come beside it, and not after it.
  const assets = options.assets ?? openAssets(assetUrls(options));
  return (await extension).install(pyodide, { ...options, assets });
}

/**
 * Loads all assets, at the same time; OpenSSL compiles while it arrives. And the code of `install()`, which is what they are for.
 * @throws {Error} (as rejection) naming the file that could not be had, or is not the one of this build
 */
export function loadAssets(location: AssetLocation = {}): Promise<Assets> {
  // Who installs hears of a failure then.
  import("../pyodide-ext/install.ts").catch(() => undefined);
  return loadAssetsAlone(location);
}
