/** Our Python files in Pyodide's file system. */
import type { PythonAssets } from "./assets.ts";
import type { PyodideLike } from "./pyodide-like.ts";
import { PYTHON_MINOR } from "./python-version.ts";

const encoder = new TextEncoder();

/** Where Python keeps what is not its own. */
const SITE_PACKAGES = `/lib/python${PYTHON_MINOR}/site-packages`;

/**
 * Puts the Python sources where Python finds them, unless they are there.
 * @returns the folder of the modules that stand in for Python's own: found by name only through `pyodide_ssl`
 */
export function writePython(pyodide: PyodideLike, { files, folder }: PythonAssets): string {
  for (const [path, source] of Object.entries(files)) {
    writeFile(pyodide, `${SITE_PACKAGES}/${pathInPackage(path)}`, source);
  }
  return `${folder ?? `${SITE_PACKAGES}/pyodide_ssl`}/replacements`;
}

/** Where a source lies: `pyodide_ssl/…` is the package, the others are replacements. */
export function pathInPackage(path: string): string {
  return path.includes("/") ? path : `pyodide_ssl/replacements/${path}`;
}

/** Writes a file, with the folders above it. */
export function writeFile(pyodide: PyodideLike, path: string, text: string): void {
  pyodide.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  // Given text, Emscripten takes it character by character.
  pyodide.FS.writeFile(path, encoder.encode(text));
}
