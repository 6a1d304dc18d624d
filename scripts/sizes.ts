/** The table of sizes at the end of a build: raw, and as a server with brotli sends it. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { ROOT } from "../vendor/cache.ts";

/** Compressing takes seconds, so results are kept by the content's hash. */
const REMEMBERED = join(ROOT, "build", "brotli-sizes.json");

function compress(bytes: Uint8Array): number {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`.padStart(11);

function remembered(): Record<string, number> {
  return existsSync(REMEMBERED)
    ? (JSON.parse(readFileSync(REMEMBERED, "utf8")) as Record<string, number>)
    : {};
}

/** Python's own files, as `ssl.py`, which a program could bring itself, and compiled: counted, and not part of the sum. */
const APART = ["assets/python.json", "assets/bytecode.bin"];

/** The files that a page with a worker loads, each as a server with brotli sends it, and the sum of JavaScript, wasm and roots. */
export function loadedBytes(dist: string): Record<string, number> {
  const known = remembered();
  const sizes: Record<string, number> = {};
  for (const path of globSync("{index.js,worker.js,assets/*.{wasm,pem,json,bin}}", { cwd: dist }).sort()) {
    const bytes = readFileSync(join(dist, path));
    const hash = createHash("sha256").update(bytes).digest("hex");
    sizes[path] = known[hash] ?? compress(bytes);
  }
  sizes["sum"] = Object.entries(sizes).reduce(
    (sum, [path, size]) => (APART.includes(path) ? sum : sum + size),
    0,
  );
  return sizes;
}

/** Prints one line for each bundle and asset. */
export function printSizes(dist: string): void {
  const known = remembered();
  const current: Record<string, number> = {};
  console.log(`\n${"file".padEnd(28)}${"raw".padStart(11)}${"brotli".padStart(11)}`);
  for (const path of globSync("{*.js,assets/*}", { cwd: dist }).sort()) {
    const bytes = readFileSync(join(dist, path));
    const hash = createHash("sha256").update(bytes).digest("hex");
    const small = known[hash] ?? compress(bytes);
    current[hash] = small;
    console.log(`${path.padEnd(28)}${kilobytes(bytes.length)}${kilobytes(small)}`);
  }
  console.log("");
  mkdirSync(dirname(REMEMBERED), { recursive: true });
  writeFileSync(REMEMBERED, JSON.stringify(current));
}
