/**
 * The wheel `pyodide_ssl-VERSION-py3-none-any.whl`: everything in one file, for `micropip.install()` in any Pyodide. Made
 * without Python's tools, and the same bytes from the same sources. Binary distribution format 1.0:
 * https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
import { createHash } from "node:crypto";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytecodeFiles, pathInPackage } from "../pyodide-ext/python-tree.ts";
import { ROOT } from "../vendor/cache.ts";
import { PYTHON_MINOR } from "../vendor/python-version.ts";
import { packZip, type ZipEntry } from "../vendor/zip.ts";
import { knownOfOpenSsl, opensslLicense, prebuiltOpenSsl, pythonSources, trustStore } from "./assets.ts";
import { bundleForWheel } from "./bundles.ts";
import { pythonBytecode } from "./bytecode.ts";

interface PackageJson {
  readonly version: string;
  readonly description: string;
}

function packageJson(): PackageJson {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as PackageJson;
}

/** The wheel's file name. */
export function wheelName(): string {
  return `pyodide_ssl-${packageJson().version}-py3-none-any.whl`;
}

const LICENSES = ["LICENSE", "NOTICE", "openssl.LICENSE.txt"] as const;

/** What is under which licence is in NOTICE. */
function metadata({ version, description }: PackageJson): string {
  const lines = [
    "Metadata-Version: 2.4",
    "Name: pyodide-ssl",
    `Version: ${version}`,
    `Summary: ${description}`,
    "License-Expression: Apache-2.0 AND PSF-2.0 AND MPL-2.0",
    ...LICENSES.map((name) => `License-File: ${name}`),
    `Requires-Python: >=${PYTHON_MINOR}, <3.${Number(PYTHON_MINOR.split(".")[1]) + 1}`,
    "Classifier: Environment :: WebAssembly",
    "Classifier: Operating System :: OS Independent",
    `Classifier: Programming Language :: Python :: ${PYTHON_MINOR}`,
    "Description-Content-Type: text/markdown",
    "",
    readFileSync(join(ROOT, "README.md"), "utf8"),
  ];
  return lines.join("\n");
}

const WHEEL = "Wheel-Version: 1.0\nGenerator: pyodide-ssl\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

/** One line for each file, with its hash; RECORD itself has none. */
function record(entries: readonly ZipEntry[], path: string): string {
  const lines = entries.map(({ path: file, bytes }) => {
    const hash = createHash("sha256").update(bytes).digest("base64url");
    return `${file},sha256=${hash},${bytes.length}`;
  });
  return `${[...lines, `${path},,`].join("\n")}\n`;
}

/** Writes the wheel into `dist`, in place of older ones. */
export async function writeWheel(dist: string): Promise<void> {
  const about = packageJson();
  const entries: ZipEntry[] = [];
  const add = (path: string, content: string | Uint8Array) =>
    entries.push({ path, bytes: typeof content === "string" ? Buffer.from(content) : content });
  const sources = pythonSources();
  for (const [path, source] of Object.entries(sources)) add(pathInPackage(path), source);
  for (const [path, bytes] of bytecodeFiles(await pythonBytecode(sources))) add(path, bytes);
  add("pyodide_ssl/js/pyodide-ssl.mjs", await bundleForWheel());
  add("pyodide_ssl/js/openssl.wasm", readFileSync(prebuiltOpenSsl()));
  add("pyodide_ssl/js/cacert.pem", await trustStore());
  add("pyodide_ssl/js/known.json", JSON.stringify(await knownOfOpenSsl()));
  const info = `pyodide_ssl-${about.version}.dist-info`;
  for (const name of LICENSES) {
    const file = name === "openssl.LICENSE.txt" ? opensslLicense() : join(ROOT, name);
    add(`${info}/licenses/${name}`, readFileSync(file));
  }
  add(`${info}/METADATA`, metadata(about));
  add(`${info}/WHEEL`, WHEEL);
  add(`${info}/RECORD`, record(entries, `${info}/RECORD`));
  for (const old of globSync("*.whl", { cwd: dist })) rmSync(join(dist, old));
  writeFileSync(join(dist, wheelName()), packZip(entries));
}
