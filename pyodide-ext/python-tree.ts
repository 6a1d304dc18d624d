/** Our Python files in Pyodide's file system. */
import type { PyodideLike } from "./pyodide-like.ts";

/** Where Python keeps what is not its own. */
const SITE_PACKAGES = "/lib/python3.14/site-packages";

/** Modules that stand in for Python's own lie apart: they are found by name only through `pyodide_ssl`. */
export const REPLACEMENTS: string = `${SITE_PACKAGES}/pyodide_ssl/replacements`;

/** @param sources by their path: `pyodide_ssl/…` is the package, the others are replacements */
export function writePython(pyodide: PyodideLike, sources: Readonly<Record<string, string>>): void {
  for (const [path, source] of Object.entries(sources)) {
    const isPackage = path.includes("/");
    writeFile(pyodide, `${isPackage ? SITE_PACKAGES : REPLACEMENTS}/${path}`, source);
  }
}

/** Writes a file, with the folders above it. */
export function writeFile(pyodide: PyodideLike, path: string, text: string): void {
  pyodide.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  pyodide.FS.writeFile(path, text);
}
