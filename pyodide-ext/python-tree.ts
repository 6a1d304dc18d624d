/** Our Python files in Pyodide's file system. */
import { isOfOneBuild, type PythonAssets } from "./assets.ts";
import { IMPORTED_BEFORE, unpackBytecode, withoutChecks } from "./bytecode.ts";
import type { PyodideLike } from "./pyodide-like.ts";
import { PYTHON_MINOR } from "./python-version.ts";

const encoder = new TextEncoder();

/** Where Python keeps what is not its own. */
export const SITE_PACKAGES: string = `/lib/python${PYTHON_MINOR}/site-packages`;

/**
 * Puts the Python sources where Python finds them, unless they are there, and beside them what they are compiled to.
 * @returns the folder of the modules that stand in for Python's own: found by name only through `pyodide_ssl`
 */
export function writePython(pyodide: PyodideLike, python: PythonAssets): string {
  const { files, folder, bytecode } = python;
  const written = new Set<string>();
  for (const [path, source] of Object.entries(files)) {
    writeFile(pyodide, `${SITE_PACKAGES}/${pathInPackage(path)}`, source, written);
  }
  const isSure = isOfOneBuild(python);
  const compiled = bytecode === undefined ? [] : bytecodeFiles(isSure ? withoutChecks(bytecode) : bytecode);
  for (const [path, bytes] of compiled) {
    writeFile(pyodide, `${SITE_PACKAGES}/${path}`, bytes, written, isSure);
  }
  return `${folder ?? `${SITE_PACKAGES}/pyodide_ssl`}/replacements`;
}

/** Where a source lies: `pyodide_ssl/…` is the package, the others are replacements. */
export function pathInPackage(path: string): string {
  return path.includes("/") ? path : `pyodide_ssl/replacements/${path}`;
}

/** What the sources are compiled to, as files of the package, by their paths. */
export function bytecodeFiles(bytecode: Uint8Array): (readonly [path: string, bytes: Uint8Array])[] {
  const before = unpackBytecode(bytecode).filter(([path]) => IMPORTED_BEFORE.includes(path));
  return [
    ...before.map(([path, bytes]) => [bytecodePath(path), bytes] as const),
    ["pyodide_ssl/bytecode.bin", bytecode],
  ];
}

/** Where Python looks for what a source was compiled to. */
function bytecodePath(source: string): string {
  return source.replace(/([^/]+)\.py$/, `__pycache__/$1.cpython-${PYTHON_MINOR.replace(".", "")}.pyc`);
}

/**
 * Writes a file, with the folders above it. Fresh memory costs more than the writing: what may be the file's stays where it is.
 * @param folders those that are known to exist; this one's is added
 * @param canOwn whether the bytes are for this file alone
 */
export function writeFile(
  pyodide: PyodideLike,
  path: string,
  content: string | Uint8Array,
  folders: Set<string> = new Set(),
  canOwn: boolean = typeof content === "string",
): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (!folders.has(folder)) pyodide.FS.mkdirTree(folder);
  folders.add(folder);
  // Given text, Emscripten takes it character by character.
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  pyodide.FS.writeFile(path, bytes, { canOwn });
}
