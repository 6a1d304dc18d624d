/**
 * The part of Pyodide's API that is used, as a type of its own: programs that pass their Pyodide need not have the types of
 * the `pyodide` package, which need those of Emscripten and of Node in turn.
 */
export interface PyodideLike {
  readonly version: string;
  /** Emscripten's file system. */
  // biome-ignore lint/suspicious/noExplicitAny: as Pyodide types it
  readonly FS: any;
  runPython(code: string): unknown;
  pyimport(name: string): unknown;
  registerJsModule(name: string, module: object): void;
  unregisterJsModule(name: string): void;
}
