/**
 * Stands in the place of `pyodide.mjs` for JupyterLite: a site's `jupyter-lite.json` names it as `pyodideUrl`, and every new
 * kernel has TLS and sockets before its first cell. See docs/jupyterlite.md.
 */
import { assetUrls } from "./asset-urls.ts";
import { openAssets } from "./assets.ts";
import { install } from "./install.ts";
import type { PyodideLike } from "./pyodide-like.ts";

/** `loadPyodideOptions.pyodideSsl` in `jupyter-lite.json`. Addresses are relative to this module's, or absolute. */
interface JupyterLiteSettings {
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
  readonly pyodideSsl?: JupyterLiteSettings;
  readonly indexURL?: string;
}

interface PyodideModule {
  loadPyodide(options: object): Promise<PyodideLike>;
}

/** The release that JupyterLite's kernels are made for and this package is tested with. */
declare const PYODIDE_SSL_PYODIDE_URL: string;

/** As Pyodide's own, with the settings of this package among the options. */
export async function loadPyodide({ pyodideSsl = {}, ...options }: LoadOptions = {}): Promise<PyodideLike> {
  const absolute = (url: string) => new URL(url, import.meta.url).href;
  const pyodideUrl = absolute(pyodideSsl.pyodideUrl ?? PYODIDE_SSL_PYODIDE_URL);
  const assets = openAssets(assetUrls(pyodideSsl, import.meta.url));
  const pyodideModule = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ pyodideUrl
  )) as PyodideModule;
  // The kernel takes this module's folder for Pyodide's.
  const pyodide = await pyodideModule.loadPyodide({ ...options, indexURL: new URL(".", pyodideUrl).href });
  const { gateway, ca } = pyodideSsl;
  await install(pyodide, {
    assets,
    ...(gateway === undefined ? {} : { gateway: absolute(gateway).replace(/^http/, "ws") }),
    ...(ca === undefined ? {} : { ca }),
  });
  return pyodide;
}
