/** Where the files beside the bundles are, and which content each must have. */

/** The files that `install()` loads. */
export type AssetName = "openssl.wasm" | "cacert.pem" | "python.json" | "bytecode.bin";

/** Where they come from; all may be left out. */
export interface AssetLocation {
  /** Folder of `openssl.wasm`, `cacert.pem`, `python.json` and `bytecode.bin`, on any server that allows it (CORS). Default: `assets/` beside the bundle. */
  readonly assetsUrl?: string | URL | undefined;
  /** Address of `openssl.wasm` alone, which wins over `assetsUrl`. */
  readonly wasmUrl?: string | URL | undefined;
}

/** The address of each, absolute. */
export type AssetUrls = Readonly<Record<AssetName, string>>;

/** What the build puts in this place: each file's hash as subresource integrity writes it. */
declare const PYODIDE_SSL_INTEGRITY: Readonly<Record<AssetName, string>> | undefined;

/** The hash that a file must have; undefined where the sources run without a build, which then has no such files either. */
export function integrityOf(name: AssetName): string | undefined {
  return typeof PYODIDE_SSL_INTEGRITY === "undefined" ? undefined : PYODIDE_SSL_INTEGRITY[name];
}

/**
 * The addresses to load from.
 * @param base what relative addresses are relative to. Default: the page
 */
export function assetUrls(
  { assetsUrl, wasmUrl }: AssetLocation,
  base: string | undefined = pageUrl(),
): AssetUrls {
  const absolute = (url: string | URL) => versioned(new URL(url, base).href);
  const urls =
    assetsUrl === undefined ? besideTheBundle() : inFolder(new URL(withSlash(String(assetsUrl)), base));
  return wasmUrl === undefined ? urls : { ...urls, "openssl.wasm": absolute(wasmUrl) };
}

/** Each is written out, since bundlers find files by this very expression, and put them where their own files are. */
function besideTheBundle(): AssetUrls {
  return {
    "openssl.wasm": versioned(new URL("./assets/openssl.wasm", import.meta.url).href, "openssl.wasm"),
    "cacert.pem": versioned(new URL("./assets/cacert.pem", import.meta.url).href, "cacert.pem"),
    "python.json": versioned(new URL("./assets/python.json", import.meta.url).href, "python.json"),
    "bytecode.bin": versioned(new URL("./assets/bytecode.bin", import.meta.url).href, "bytecode.bin"),
  };
}

function inFolder(folder: URL): AssetUrls {
  const url = (name: AssetName) => versioned(new URL(name, folder).href, name);
  return {
    "openssl.wasm": url("openssl.wasm"),
    "cacert.pem": url("cacert.pem"),
    "python.json": url("python.json"),
    "bytecode.bin": url("bytecode.bin"),
  };
}

/**
 * Puts the content's hash into the address of a file on a server: caches may keep it for ever, and a new release is not
 * mixed with an old one. Servers of files do not look at the query.
 */
function versioned(url: string, name: AssetName = "openssl.wasm"): string {
  const integrity = integrityOf(name);
  const address = new URL(url);
  if (integrity === undefined || !/^https?:$/.test(address.protocol) || address.search !== "") return url;
  address.search = `?${hexadecimal(integrity).slice(0, 16)}`;
  return address.href;
}

function hexadecimal(integrity: string): string {
  const bytes = atob(integrity.slice(integrity.indexOf("-") + 1));
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

function withSlash(folder: string): string {
  return folder.endsWith("/") ? folder : `${folder}/`;
}

function pageUrl(): string | undefined {
  return (globalThis as { location?: { href: string } }).location?.href;
}
