/** The files beside the bundles that `install()` needs. */
import { compileOpenSsl } from "../shim/openssl/index.ts";

/** What is put into Python. May be loaded once and used for several interpreters. */
export interface Assets {
  /** `openssl.wasm`, compiled. */
  readonly openssl: WebAssembly.Module;
  /** PEM text of the trust anchors: Mozilla's roots. */
  readonly roots: string;
  /** Python sources by their path. */
  readonly python: Readonly<Record<string, string>>;
}

/**
 * Loads the assets, all at the same time; OpenSSL compiles while it arrives.
 * @param assetsUrl folder of `openssl.wasm`, `cacert.pem` and `python.json`. Default: `assets/` beside this module
 * @throws {Error} (as rejection) naming the file that could not be had
 */
export async function loadAssets(assetsUrl?: string | URL): Promise<Assets> {
  const folder = folderUrl(assetsUrl);
  const [openssl, roots, python] = await Promise.all([
    response("openssl.wasm", folder).then((wasm) => compileOpenSsl(wasm)),
    response("cacert.pem", folder).then((text) => text.text()),
    response("python.json", folder).then((json) => json.json() as Promise<Record<string, string>>),
  ]);
  return { openssl, roots, python };
}

function folderUrl(assetsUrl: string | URL | undefined): URL {
  const base = (globalThis as { location?: { href: string } }).location?.href;
  const text = assetsUrl === undefined ? new URL("./assets/", import.meta.url).href : String(assetsUrl);
  return new URL(text.endsWith("/") ? text : `${text}/`, base);
}

async function response(name: string, folder: URL): Promise<Response> {
  const url = new URL(name, folder);
  let got: Response;
  try {
    got = url.protocol === "file:" ? await fileResponse(url) : await fetch(url);
  } catch (error) {
    throw new Error(`pyodide-ssl could not load ${url.href}: ${(error as Error).message}. ${WAY_OUT}`, {
      cause: error,
    });
  }
  if (!got.ok)
    throw new Error(`pyodide-ssl could not load ${url.href}: HTTP status ${got.status}. ${WAY_OUT}`);
  return got;
}

const WAY_OUT = "Serve the package's dist/assets/ folder, and say where with assetsUrl";

/** Node's fetch reads no files. */
async function fileResponse(url: URL): Promise<Response> {
  const { readAsset } = await import("./node-assets.ts");
  return new Response(await readAsset(url));
}
