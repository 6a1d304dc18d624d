/**
 * The part of Pyodide's API that is used, as types of their own: programs that pass their Pyodide need not have the types of
 * the `pyodide` package, which need those of Emscripten and of Node in turn.
 */
export interface PyodideLike {
  /** The release: `"314.0.7"`. */
  readonly version: string;
  /** Emscripten's file system. */
  readonly FS: PyodideFileSystem;
  /** Runs Python code, without waiting. */
  runPython(code: string): unknown;
  /** Imports a Python module. */
  pyimport(name: string): unknown;
  /** Makes an object importable from Python. */
  registerJsModule(name: string, module: object): void;
  /** Takes that back. */
  unregisterJsModule(name: string): void;
}

/** Of Emscripten's file system. */
export interface PyodideFileSystem {
  /** Makes a folder and those above it. */
  mkdirTree(path: string): unknown;
  /** Says whether a path exists. */
  analyzePath(path: string): { readonly exists: boolean };
  /** The bytes of a file. */
  readFile(path: string): Uint8Array;
  /** Makes or replaces a file. With `canOwn` a file in memory takes the bytes as they are, instead of a copy. */
  writeFile(path: string, data: string | Uint8Array, options?: object): unknown;
}
