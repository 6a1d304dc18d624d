/**
 * The entry of the wheel's one ES module: what `pyodide_ssl._install` imports. It has no address of its own (a blob's, or data),
 * so everything it needs comes from the wheel's files in Python's file system.
 */
import { compileOpenSsl, compileOpenSslNow } from "../shim/openssl/index.ts";
import type { AssetSource, PythonAssets, TlsAssets } from "./assets.ts";
import { type Installation, prepareInstallation } from "./install.ts";
import type { PyodideLike } from "./pyodide-like.ts";

/** What Python sends, as JSON. */
interface WheelSettings {
  readonly gateway: string | null;
  readonly ca: string | null;
  /** Where the package lies in Python's file system. */
  readonly folder: string;
}

/** Gets an installation ready; Python calls what it answers. */
export function prepare(pyodide: PyodideLike, settings: string): Promise<() => Installation> {
  const { gateway, ca, folder } = JSON.parse(settings) as WheelSettings;
  const options = {
    assets: new WheelAssets(pyodide, folder),
    preload: false,
    ...(gateway === null ? {} : { gateway: gatewayUrl(gateway) }),
    ...(ca === null ? {} : { ca }),
  };
  return prepareInstallation(pyodide, options, true);
}

/** A gateway's address as a WebSocket takes it: `/wisp/` and `https:` addresses are allowed. */
function gatewayUrl(gateway: string): string {
  const url = new URL(gateway, (globalThis as { location?: { origin: string } }).location?.origin);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}

class WheelAssets implements AssetSource {
  readonly python: Promise<PythonAssets>;
  readonly #pyodide: PyodideLike;
  readonly #folder: string;
  #openssl: WebAssembly.Module | undefined;

  constructor(pyodide: PyodideLike, folder: string) {
    this.#pyodide = pyodide;
    this.#folder = folder;
    const known = JSON.parse(this.#text("known.json")) as PythonAssets;
    this.python = Promise.resolve({ ...known, files: {}, folder });
  }

  /** A page's own thread may not be kept from its work for as long as compiling takes. */
  get isImmediate(): boolean {
    return !("document" in globalThis);
  }

  tlsNow(): TlsAssets | undefined {
    if (this.#openssl === undefined && this.isImmediate) this.#openssl = compileOpenSslNow(this.#wasm());
    return this.#openssl === undefined ? undefined : { openssl: this.#openssl, roots: this.rootsNow() };
  }

  rootsNow(): string {
    return this.#text("cacert.pem");
  }

  async loadTls(): Promise<TlsAssets> {
    this.#openssl ??= await compileOpenSsl(this.#wasm());
    return { openssl: this.#openssl, roots: this.rootsNow() };
  }

  #wasm(): Uint8Array<ArrayBuffer> {
    return this.#pyodide.FS.readFile(`${this.#folder}/js/openssl.wasm`) as Uint8Array<ArrayBuffer>;
  }

  #text(name: string): string {
    return new TextDecoder().decode(this.#pyodide.FS.readFile(`${this.#folder}/js/${name}`));
  }
}
