/** Sizes of what a page loads: raw, and as a server with brotli sends it. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { ROOT } from "../vendor/cache.ts";

/** One file, in bytes. */
export interface FileSize {
  readonly name: string;
  readonly raw: number;
  readonly brotli: number;
}

/** What Pyodide loads at start, for comparison. */
const PYODIDE_FILES = [
  "pyodide.mjs",
  "pyodide.asm.mjs",
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "pyodide-lock.json",
];

/** What a page loads of this package: everything but what only Node loads. */
const PACKAGE_FILES = "{index.js,worker.js,assets/*.{wasm,pem,json,bin}}";

function measure(name: string, file: string): FileSize {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { name, raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
}

function total(name: string, files: readonly FileSize[]): FileSize {
  const sum = (pick: (file: FileSize) => number): number => files.reduce((all, file) => all + pick(file), 0);
  return { name, raw: sum((file) => file.raw), brotli: sum((file) => file.brotli) };
}

/** @param withPyodide compress Pyodide's files too, which takes half a minute */
export function fileSizes(withPyodide: boolean): FileSize[] {
  const dist = join(ROOT, "dist");
  const ours = globSync(PACKAGE_FILES, { cwd: dist })
    .sort()
    .map((path) => measure(path, join(dist, path)));
  const sizes = [...ours, total("together", ours)];
  if (!withPyodide) return sizes;
  const folder = dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));
  const pyodide = PYODIDE_FILES.map((name) => measure(name, join(folder, name)));
  return [...sizes, total("Pyodide, for comparison", pyodide)];
}
