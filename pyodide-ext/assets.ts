/** Loading the files beside the bundles: each once, each checked, `openssl.wasm` and the roots only when TLS is used. */
// By its own file: a page that starts a worker loads assets, and nothing else of the shim.
import { compileOpenSsl, compileOpenSslNow } from "../shim/openssl/load.ts";
import { type AssetLocation, type AssetName, type AssetUrls, assetUrls, integrityOf } from "./asset-urls.ts";
import { digestNow, isNode, readFileNow } from "./node-files.ts";

/** What Python is made of, and what `_ssl` can tell without OpenSSL: `python.json`. */
export interface PythonAssets {
  /** Sources by their path. */
  readonly files: Readonly<Record<string, string>>;
  /** `_ssl`'s constants by name, as `SslEngine.constants()` has them. Without it OpenSSL starts when `ssl` is imported. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** What `_ssl.txt2obj` answers to the object identifiers that `ssl.py` asks for when it is imported. */
  readonly objects?: Readonly<Record<string, unknown>>;
  /**
   * What the sources are compiled to, from `bytecode.bin`: saves Python the time. What is of another Python, or of another source,
   * Python leaves alone.
   */
  readonly bytecode?: Uint8Array;
  /** Where the package lies in Python's file system already. Without it, `files` are written into `site-packages`. */
  readonly folder?: string;
}

/** Marks what was loaded as files of one build, each by its hash. Who copies it to change something does not copy this. */
const OF_ONE_BUILD = Symbol.for("pyodide-ssl.ofOneBuild");

/** Whether the bytecode is known to be that of the sources. */
export function isOfOneBuild(python: PythonAssets): boolean {
  return OF_ONE_BUILD in python;
}

/** Everything that is put into Python. May be loaded once and used for several interpreters. */
export interface Assets {
  /** `openssl.wasm`, compiled. */
  readonly openssl: WebAssembly.Module;
  /** PEM text of the trust anchors: Mozilla's roots. */
  readonly roots: string;
  /** The Python sources, and what `_ssl` knows before OpenSSL runs. */
  readonly python: PythonAssets;
}

/** Assets on their way. */
export interface AssetSource {
  /** Whether TLS can be had without waiting: it is there, or on a disk. */
  readonly isImmediate: boolean;
  /** The Python sources. */
  readonly python: Promise<PythonAssets>;
  /** What TLS needs, if it is there, or can be had without waiting. @throws {Error} it can't be loaded, or is the wrong file */
  tlsNow(): TlsAssets | undefined;
  /** The roots alone, likewise. */
  rootsNow(): string | undefined;
  /**
   * Begins to load what TLS needs, unless that has begun. A load that failed is tried again.
   * @param isUrgent false: after what the page loads meanwhile
   */
  loadTls(isUrgent?: boolean): Promise<TlsAssets>;
}

/** What TLS needs and plain Python does not. */
export type TlsAssets = Pick<Assets, "openssl" | "roots">;

/**
 * Loads all assets, at the same time; OpenSSL compiles while it arrives.
 * @throws {Error} (as rejection) naming the file that could not be had, or is not the one of this build
 */
export async function loadAssets(location: AssetLocation = {}): Promise<Assets> {
  const source = openAssets(assetUrls(location));
  const [python, tls] = await Promise.all([source.python, source.loadTls()]);
  return { python, ...tls };
}

/** Begins to load the Python sources. What TLS needs follows when it is asked for. */
export function openAssets(urls: AssetUrls): AssetSource {
  return new LazyAssets(urls);
}

/** Assets that are loaded. */
export function loadedAssets(assets: Assets): AssetSource {
  return {
    isImmediate: true,
    python: Promise.resolve(assets.python),
    tlsNow: () => assets,
    rootsNow: () => assets.roots,
    loadTls: () => Promise.resolve(assets),
  };
}

class LazyAssets implements AssetSource {
  readonly python: Promise<PythonAssets>;
  readonly #urls: AssetUrls;
  #tls: TlsAssets | undefined;
  #loading: Promise<TlsAssets> | undefined;

  constructor(urls: AssetUrls) {
    this.#urls = urls;
    this.python = loadPython(urls);
    // Who waits for it hears of a failure; that nobody does yet is no failure of the program's.
    this.python.catch(() => undefined);
  }

  get isImmediate(): boolean {
    return isLocal("openssl.wasm", this.#urls) && isLocal("cacert.pem", this.#urls);
  }

  tlsNow(): TlsAssets | undefined {
    const roots = this.rootsNow();
    if (this.#tls === undefined && roots !== undefined && isLocal("openssl.wasm", this.#urls)) {
      this.#tls = { openssl: compileOpenSslNow(loadNow("openssl.wasm", this.#urls)), roots };
    }
    return this.#tls;
  }

  rootsNow(): string | undefined {
    if (this.#tls !== undefined) return this.#tls.roots;
    return isLocal("cacert.pem", this.#urls)
      ? new TextDecoder().decode(loadNow("cacert.pem", this.#urls))
      : undefined;
  }

  loadTls(isUrgent = true): Promise<TlsAssets> {
    this.#loading ??= this.#loadTls(isUrgent ? "auto" : "low");
    return this.#loading;
  }

  async #loadTls(priority: RequestPriority): Promise<TlsAssets> {
    try {
      const [openssl, roots] = await Promise.all([
        load("openssl.wasm", this.#urls, priority).then((wasm) => compileOpenSsl(wasm)),
        load("cacert.pem", this.#urls, priority).then(textOf),
      ]);
      this.#tls = { openssl, roots };
      return this.#tls;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }
}

/** Without the bytecode, where a server has none. */
async function loadPython(urls: AssetUrls): Promise<PythonAssets> {
  const [python, bytecode] = await Promise.all([
    load("python.json", urls).then(async (json) => JSON.parse(await textOf(json)) as PythonAssets),
    load("bytecode.bin", urls)
      .then(bytesOf)
      .catch(() => undefined),
  ]);
  if (bytecode === undefined) return python;
  const isChecked = integrityOf("python.json") !== undefined && integrityOf("bytecode.bin") !== undefined;
  const both = { ...python, bytecode };
  return isChecked ? Object.defineProperty(both, OF_ONE_BUILD, { enumerable: false }) : both;
}

function isLocal(name: AssetName, urls: AssetUrls): boolean {
  return urls[name].startsWith("file:") && isNode();
}

function loadNow(name: AssetName, urls: AssetUrls): Uint8Array<ArrayBuffer> {
  const url = urls[name];
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileNow(url);
  } catch (error) {
    throw failure(url, (error as Error).message, error);
  }
  const integrity = integrityOf(name);
  if (integrity !== undefined) checkDigest(url, digestNow(bytes, integrity), integrity);
  return bytes;
}

/** What came: on Node the bytes of a file, for which making a response would load all that `fetch` is made of. */
type Loaded = Response | Uint8Array<ArrayBuffer>;

async function bytesOf(got: Loaded): Promise<Uint8Array<ArrayBuffer>> {
  return got instanceof Uint8Array ? got : new Uint8Array(await got.arrayBuffer());
}

async function textOf(got: Loaded): Promise<string> {
  return got instanceof Uint8Array ? new TextDecoder().decode(got) : got.text();
}

/** The right file; a response's body may still be arriving. */
async function load(name: AssetName, urls: AssetUrls, priority: RequestPriority = "auto"): Promise<Loaded> {
  if (isLocal(name, urls)) return loadNow(name, urls);
  const url = urls[name];
  const integrity = integrityOf(name);
  let got: Response;
  try {
    got = await fetch(url, { priority, ...(integrity === undefined ? {} : { integrity }) });
  } catch (error) {
    if (integrity !== undefined) await explainMismatch(url, integrity);
    throw failure(url, (error as Error).message, error);
  }
  if (!got.ok) throw failure(url, `HTTP status ${got.status}`);
  return got;
}

/** Fetch tells a wrong file and no network apart in the console only. @throws {Error} if it is a wrong file */
async function explainMismatch(url: string, integrity: string): Promise<void> {
  let digest: string;
  try {
    const got = await fetch(url);
    if (!got.ok) return;
    const [algorithm = ""] = integrity.split("-", 1);
    const name = algorithm.replace(/^sha/, "SHA-");
    const hash = new Uint8Array(await crypto.subtle.digest(name, await got.arrayBuffer()));
    digest = `${algorithm}-${btoa(String.fromCharCode(...hash))}`;
  } catch {
    // No network after all, or no digests in a page without a secure context.
    return;
  }
  checkDigest(url, digest, integrity);
}

function checkDigest(url: string, digest: string | undefined, integrity: string): void {
  if (digest === integrity) return;
  throw new Error(
    `${url} is not the file of this build of pyodide-ssl: its hash is ${digest ?? "unknown"}, expected is ${integrity}. ` +
      "Serve the dist/assets/ folder of the same version of the package, unchanged",
  );
}

function failure(url: string, what: string, cause?: unknown): Error {
  return new Error(
    `pyodide-ssl could not load ${url}: ${what}. Serve the package's dist/assets/ folder, and say where with assetsUrl`,
    { cause },
  );
}
