/**
 * The compiled Python files in one: the length of a JSON text, that text (path to length), and the files. Python reads it in
 * `pyodide_ssl/_compiled.py`.
 */

/** What Python imports before it can: these lie beside their sources, where it looks by itself. */
export const IMPORTED_BEFORE: readonly string[] = [
  "pyodide_ssl/__init__.py",
  "pyodide_ssl/_activate.py",
  "pyodide_ssl/_compiled.py",
  "pyodide_ssl/_errors.py",
];

/** Packs files, by the paths of their sources. */
export function packBytecode(files: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  const lengths = Object.entries(files).map(([path, { length }]) => [path, length] as const);
  const head = new TextEncoder().encode(JSON.stringify(Object.fromEntries(lengths)));
  const packed = new Uint8Array(lengths.reduce((sum, [, length]) => sum + length, 4 + head.length));
  new DataView(packed.buffer).setUint32(0, head.length, true);
  packed.set(head, 4);
  let at = 4 + head.length;
  for (const bytes of Object.values(files)) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  return packed;
}

/** The files again, by the paths of their sources. @throws {Error} it is something else */
export function unpackBytecode(packed: Uint8Array): (readonly [path: string, bytes: Uint8Array])[] {
  const start = 4 + new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const lengths = JSON.parse(new TextDecoder().decode(packed.subarray(4, start))) as Record<string, number>;
  let at = start;
  return Object.entries(lengths).map(([path, length]) => {
    at += length;
    return [path, packed.subarray(at - length, at)];
  });
}

/** Where a `.pyc` says how it is checked, and what it says (PEP 552). */
const FLAGS = 4;
const HASHED = 1;

/** A copy that Python uses without reading our sources to compare them; those of its library stay to be compared. */
export function withoutChecks(bytecode: Uint8Array): Uint8Array {
  const copy = bytecode.slice();
  for (const [path, pyc] of unpackBytecode(copy)) {
    if (!path.startsWith("library/")) pyc[FLAGS] = HASHED;
  }
  return copy;
}
