/**
 * The part of Pyodide's API that is used, as types of their own: programs that pass their Pyodide need not have the types of
 * the `pyodide` package, which need those of Emscripten and of Node in turn.
 */
export interface PyodideLike {
  readonly version: string;
  readonly FS: PyodideFileSystem;
  runPython(code: string): unknown;
  pyimport(name: string): unknown;
  registerJsModule(name: string, module: object): void;
  unregisterJsModule(name: string): void;
}

/** Of Emscripten's file system. */
export interface PyodideFileSystem {
  mkdirTree(path: string): unknown;
  analyzePath(path: string): { readonly exists: boolean };
  readFile(path: string): Uint8Array;
  writeFile(path: string, data: string | Uint8Array): unknown;
}
