/**
 * Stands in the place of Pyodide's `pyodide.mjs`: whoever loads Python by that module's address (JupyterLite, PyScript) gets one
 * that has TLS and sockets before its first line. See docs/jupyterlite.md and docs/pyscript.md.
 */
import { assetUrls } from "./asset-urls.ts";
import { openAssets } from "./assets.ts";
import { type Installation, install } from "./install.ts";
import { INTERRUPT_CHANNEL, type InterruptRequest } from "./interrupt-channel.ts";
import type { PyodideLike } from "./pyodide-like.ts";

/**
 * The option `pyodideSsl` of `loadPyodide()`; where a host passes no options on, they stand in this module's own address, as in
 * `pyodide.mjs?gateway=wss://gateway.example/`. Addresses are relative to this module's, or absolute.
 */
interface ModuleSettings {
  /** The Wisp gateway. */
  readonly gateway?: string;
  /** The real `pyodide.mjs`. Default: the CDN's. */
  readonly pyodideUrl?: string;
  /** PEM text of certificate authorities to trust besides Mozilla's. */
  readonly ca?: string;
  readonly assetsUrl?: string;
  readonly wasmUrl?: string;
}

interface LoadOptions {
  readonly pyodideSsl?: ModuleSettings;
  readonly indexURL?: string;
}

interface PyodideModule {
  loadPyodide(options: object): Promise<PyodideLike>;
}

/** The release that this package is tested with, and its version. */
declare const PYODIDE_SSL_PYODIDE_URL: string;
declare const PYODIDE_SSL_PYODIDE_VERSION: string;

/** As Pyodide's own: who loads it may want to know. */
export const version: string = PYODIDE_SSL_PYODIDE_VERSION;

/** As Pyodide's own, with the settings of this package among the options. */
export async function loadPyodide({ pyodideSsl, ...options }: LoadOptions = {}): Promise<PyodideLike> {
  const address = new URL(import.meta.url);
  const settings: ModuleSettings = { ...Object.fromEntries(address.searchParams), ...pyodideSsl };
  const absolute = (url: string) => new URL(url, address).href;
  const pyodideUrl = absolute(settings.pyodideUrl ?? PYODIDE_SSL_PYODIDE_URL);
  const assets = openAssets(assetUrls(settings, address.href));
  const pyodideModule = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ pyodideUrl
  )) as PyodideModule;
  // The host takes this module's folder for Pyodide's.
  const pyodide = await pyodideModule.loadPyodide({ ...options, indexURL: new URL(".", pyodideUrl).href });
  const { gateway, ca } = settings;
  const installation = await install(pyodide, {
    assets,
    // Most notebooks need no TLS.
    preload: false,
    ...(gateway === undefined ? {} : { gateway: absolute(gateway).replace(/^http/, "ws") }),
    ...(ca === undefined ? {} : { ca }),
  });
  listenForInterrupts(pyodide, installation);
  return pyodide;
}

/** The message that a notebook's kernel is at work on has the session of who sent it: Python has the only record of it. */
const CURRENT_SESSION =
  '(lambda kernel: kernel and kernel.kernel_instance._parent_header["header"]["session"])' +
  '(__import__("sys").modules.get("pyodide_kernel"))';

/** Those of `jupyterlite-interrupt.ts`, where the site has it. */
function listenForInterrupts(pyodide: PyodideLike, installation: Installation): void {
  const channel = new BroadcastChannel(INTERRUPT_CHANNEL);
  channel.addEventListener("message", ({ data }: MessageEvent<InterruptRequest>) => {
    if (pyodide.runPython(CURRENT_SESSION) === data.session) installation.interrupt();
  });
}
