/** What differs between a browser's worker and Node's. Everything else of the worker is in `python-host.ts`. */
import type { PyodideAPI, PyodideConfig } from "pyodide";

/** The exports of `pyodide.mjs` that are used. */
export interface PyodideModule {
  readonly version: string;
  loadPyodide(config: Partial<PyodideConfig>): Promise<PyodideAPI>;
}

/** Bytes out and in by file descriptor; only Node has them. */
export interface Descriptors {
  isTerminal(fd: number): boolean;
  /** Writes all of `bytes`, waiting as a blocking `write(2)` does. */
  write(fd: number, bytes: Uint8Array): number;
  /** Blocks until there are bytes; 0 at the end of input. */
  read(fd: number, buffer: Uint8Array): number;
}

/** One per kind of worker. */
export interface Platform {
  /** Imports `pyodide.mjs` and says which folder it lies in. */
  importPyodide(url: string | undefined): Promise<{ module: PyodideModule; indexURL: string | undefined }>;
  /** Loads a package archive. */
  fetchBytes(url: string): Promise<Uint8Array>;
  readonly descriptors: Descriptors | undefined;
  /** Mounts the host's folders into Python's file system and changes to the host's working directory. */
  mountHost(pyodide: PyodideAPI): void;
}
