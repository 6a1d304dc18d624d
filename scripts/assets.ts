/** The files that `install()` loads beside the bundles: OpenSSL, the trust store, the Python sources and what they are compiled to. */
import { createHash, X509Certificate } from "node:crypto";
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { rootCertificates } from "node:tls";
import type { AssetName } from "../pyodide-ext/asset-urls.ts";
import type { PythonAssets } from "../pyodide-ext/index.ts";
import { compileOpenSsl, MemoryFiles, NULL, OpenSsl, Owned } from "../shim/openssl/index.ts";
import { SslEngine } from "../shim/ssl/index.ts";
import { PLACES, ROOT } from "../vendor/cache.ts";
import { pythonBytecode } from "./bytecode.ts";

const NAMES: readonly AssetName[] = ["openssl.wasm", "cacert.pem", "python.json", "bytecode.bin"];

/** The object identifiers of `ssl.Purpose`, which `ssl.py` asks for when it is imported. */
const PURPOSES = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

/** A certificate's subject on one line, as a comment for who reads the file. */
function nameOf(pem: string): string {
  return new X509Certificate(pem).subject.split("\n").join(", ");
}

/** Mozilla's roots as Node ships them, in the form that `load_verify_locations(cafile)` reads, with the subjects' hashes. */
export async function trustStore(): Promise<string> {
  const openssl = await startOpenSsl();
  const header = [
    "# The root certificates of Mozilla's CA program (https://wiki.mozilla.org/CA), trusted for servers.",
    `# Made by scripts/assets.ts from node:tls rootCertificates of Node ${process.versions.node}: ${rootCertificates.length} certificates.`,
    "# The data is under the Mozilla Public License 2.0: https://mozilla.org/MPL/2.0/",
  ];
  const roots = rootCertificates.map(
    (pem) => `\n# ${nameOf(pem)}\n# subject hash ${subjectHash(openssl, pem)}\n${pem.trim()}\n`,
  );
  return `${header.join("\n")}\n${roots.join("")}`;
}

/** As `openssl x509 -subject_hash` prints it. @throws {Error} the certificate can't be parsed */
function subjectHash({ fn, memory }: OpenSsl, pem: string): string {
  using scope = memory.scope();
  using bio = new Owned(fn.BIO_new_mem_buf(scope.cString(pem), pem.length), fn.BIO_free);
  const x509 = fn.PEM_read_bio_X509(bio.ptr, NULL, NULL, NULL);
  if (x509 === NULL) throw new Error(`not a certificate: ${pem}`);
  using _x509 = new Owned(x509, fn.X509_free);
  return (fn.X509_subject_name_hash(x509) >>> 0).toString(16).padStart(8, "0");
}

async function startOpenSsl(): Promise<OpenSsl> {
  const module = await compileOpenSsl(readFileSync(prebuiltOpenSsl()));
  return OpenSsl.instantiate(module, { files: new MemoryFiles(), env: () => undefined });
}

/** Our Python files and CPython's `ssl.py`, by their path below `site-packages`. */
export function pythonSources(): Record<string, string> {
  const folder = join(ROOT, "pyodide-ext", "python");
  const sources: Record<string, string> = {};
  for (const path of globSync("**/*.py", { cwd: folder }).sort()) {
    sources[path.split(sep).join("/")] = readFileSync(join(folder, path), "utf8");
  }
  sources["ssl.py"] = readFileSync(PLACES.sslModule, "utf8");
  return sources;
}

/** What `_ssl` tells without OpenSSL, asked of OpenSSL now. */
export async function knownOfOpenSsl(): Promise<Required<Pick<PythonAssets, "constants" | "objects">>> {
  const engine = new SslEngine(await startOpenSsl());
  return {
    constants: engine.constants(),
    objects: Object.fromEntries(PURPOSES.map((oid) => [oid, engine.txt2obj(oid)])),
  };
}

/** Writes a text only when it differs, so that watchers and caches are not woken for nothing. */
function writeIfChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}

/** The licence file that lies beside the prebuilt wasm, whatever its exact name. */
export function opensslLicense(): string {
  const [license] = globSync("{openssl.LICENSE*,LICENSE*}", { cwd: join(ROOT, "openssl") });
  if (license === undefined)
    throw new Error("openssl/ has no licence file; openssl.wasm may not be shipped without it");
  return join(ROOT, "openssl", license);
}

/** The committed `openssl.wasm`. */
export function prebuiltOpenSsl(): string {
  const wasm = join(ROOT, "openssl", "openssl.wasm");
  if (!existsSync(wasm))
    throw new Error("openssl/openssl.wasm is missing: check it out again, or run `npm run openssl:build`");
  return wasm;
}

/** Fills `dist/assets`. */
export async function writeAssets(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeIfChanged(join(folder, "cacert.pem"), await trustStore());
  const python: PythonAssets = { files: pythonSources(), ...(await knownOfOpenSsl()) };
  writeIfChanged(join(folder, "python.json"), JSON.stringify(python));
  writeFileSync(join(folder, "bytecode.bin"), await pythonBytecode(python.files));
  copyFileSync(prebuiltOpenSsl(), join(folder, "openssl.wasm"));
  copyFileSync(opensslLicense(), join(folder, "openssl.LICENSE.txt"));
}

/** Each asset's hash in the form of subresource integrity; bundles accept no other content. */
export function integrityOfAssets(folder: string): Record<AssetName, string> {
  const hash = (name: string) =>
    `sha384-${createHash("sha384")
      .update(readFileSync(join(folder, name)))
      .digest("base64")}`;
  return Object.fromEntries(NAMES.map((name) => [name, hash(name)])) as Record<AssetName, string>;
}
