/**
 * Other releases of Pyodide than the one that is installed, for `e2e/versions` and `conformance --pyodide`: the npm package,
 * by SHA-512.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PYODIDE_VERSION } from "../worker/versions.ts";
import { CACHE, withCacheLock } from "./cache.ts";
import { fetchFromNpm } from "./npm-package.ts";
import { takeFirst } from "./routes.ts";

/** The release that JupyterLite's kernel loads. */
export const PYODIDE_OF_JUPYTERLITE = "314.0.5";

/** The next series, which is tried and may fail. */
export const PYODIDE_NEXT = "315.0.0-alpha.2";

/** The last release before the supported series. */
export const PYODIDE_BEFORE = "0.29.5";

/** `npm view pyodide@VERSION dist.integrity`. */
const SHA512: Readonly<Record<string, string>> = {
  "0.29.5": "TkYrUv9m8QmfImADKRmpwZulL48E0uUaBSO+dvRQKyAJc0qh9gu7jn8btyHPh3NZm1r2IH2YrJhIr7Q2B9urAw==",
  "314.0.0": "WIofRQehY78IC9n3+p9COjKUZGCCHfrvtR5dXKm0BHIWUun2B8DBf17rXytMF/KYkrsDQRa+BDGhi8UKwzaU3w==",
  "314.0.1": "/T8aQrsQnGPp85b8hAhp9sA+dTvtYWa1suUbYsBXihAavaS+ZBDXEOwM276WZFlpnzb6zJEAPP6qr1upGKmm0w==",
  "314.0.2": "rXkXOriXhzRkEV/coVGELjz4da77oNQEOu8hOf8dtBHEKOzqoIAmSJGeKuPl4wbLDv9EDibfKOchnC73CVX4DQ==",
  "314.0.3": "sK40My6m8tmBUYtYH9au9rXUeh9x0wfahtHdOlGmJxZDsKBGKtP6KznyFB2+u/klbQTdDionR0uaVd176zVQzQ==",
  "314.0.4": "fMexKS5P/s8iTjczevLUv/aWq9i5yaGvBTpBW6gM+nzDNelfPpREma/xdDK2AAGebAuKnBJk7fyVP6RBlz4btg==",
  "314.0.5": "Dl5rvbSMQP0hC3Yp61F+lr4o1vwrWZpapmJajt4KTlGWTeso7WLAp6HOIMC+26NeXjCCEF8dXw7FJ0nfQRTyPg==",
  "314.0.6": "BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ==",
  "314.0.7": "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
  "315.0.0-alpha.2":
    "t2S0rr9u1B2XHfooqGbOPT7EelM3kWkj1pJBgtVCn9Am6a1ByuU5FPq0wJHeapgyUM+r8MTx/1YRTXo3DaG2KA==",
};

/** Every release that can be had. */
export const PYODIDE_VERSIONS: readonly string[] = Object.keys(SHA512);

/** Those that are supported. */
export const PYODIDE_SUPPORTED: readonly string[] = PYODIDE_VERSIONS.filter((version) =>
  version.startsWith("314."),
);

/** The Python of a Pyodide that is named after it: `"3.14"` for 314.0.5. */
export function pythonOfPyodide(version: string): string {
  const [, major = "", minor = ""] = /^(\d)(\d+)\./.exec(version) ?? [];
  return `${major}.${minor}`;
}

/**
 * The folder of a release: the installed one, or one that is fetched.
 * @throws {UnreachableError} (as rejection) it can't be had
 */
export async function pyodideFolder(version: string, report: (line: string) => void): Promise<string> {
  if (version === PYODIDE_VERSION) return dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));
  const place = join(CACHE, "pyodide", version);
  await withCacheLock(report, async () => {
    if (existsSync(place)) return;
    const remedy = "Run this on a machine that reaches npm's registry.";
    const take = () => fetchPyodide(version, place);
    report(await takeFirst(`Pyodide ${version}`, [{ name: "npm", take }], remedy));
  });
  return place;
}

async function fetchPyodide(version: string, place: string): Promise<string> {
  const sha512 = SHA512[version];
  if (sha512 === undefined)
    throw new Error(`no hash is known of it; there are ${PYODIDE_VERSIONS.join(", ")}`);
  return fetchFromNpm({ spec: `pyodide@${version}`, sha512, folder: "" }, place);
}
