/** Entry of the browser's worker: a module worker, started by `createPython()`. */
import type { Platform, PyodideModule } from "./platform.ts";
import { hostPython } from "./python-host.ts";
import { PYODIDE_CDN_URL } from "./versions.ts";

/** The part of a dedicated worker's scope that is used. The DOM library of TypeScript types a window instead. */
interface WorkerScope {
  readonly name: string;
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  addEventListener(type: "unhandledrejection", listener: (event: PromiseRejectionEvent) => void): void;
}

const platform: Platform = {
  async importPyodide(url = PYODIDE_CDN_URL) {
    const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as PyodideModule;
    if (typeof module.loadPyodide !== "function") throw new Error(`${url} is not Pyodide's pyodide.mjs`);
    return { module, indexURL: new URL(".", url).href };
  },
  async fetchBytes(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  descriptors: undefined,
  mountHost() {
    throw new Error("a page has no host file system to mount");
  },
};

const scope = globalThis as unknown as WorkerScope;

function host(): void {
  const noticeFatal = hostPython(platform, {
    post: (message, transfer) => scope.postMessage(message, transfer),
    onMessage: (listener) => scope.addEventListener("message", (event) => listener(event.data)),
  });
  scope.addEventListener("unhandledrejection", (event) => void noticeFatal(event.reason));
}

// The lock is held as long as this worker lives: its owner learns from it when the worker is gone (`index.ts`). Pages
// without a secure context have no locks, and no such news.
if (navigator.locks === undefined) {
  host();
} else {
  void navigator.locks.request(scope.name, () => {
    host();
    return new Promise(() => undefined);
  });
}
