/** `python.files` at the worker's end: Pyodide's file system, with failures as POSIX names. */
import type { PyodideAPI } from "pyodide";
import { PythonFileError } from "./errors.ts";
import type { FileEntry } from "./protocol.ts";

/** The part of Emscripten's file system that is used here, with the types it really has. */
interface FileSystem {
  readFile(path: string): Uint8Array;
  writeFile(path: string, data: string | Uint8Array): void;
  mkdir(path: string): void;
  mkdirTree(path: string): void;
  readdir(path: string): string[];
  lstat(path: string): { mode: number; size: number };
  stat(path: string): { mode: number; size: number };
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  unlink(path: string): void;
  rmdir(path: string): void;
}

/** File calls on one interpreter. Every method throws {@link PythonFileError}. */
export class PythonFiles {
  readonly #fs: FileSystem;
  readonly #errnoName: (errno: number) => string;

  constructor(pyodide: PyodideAPI) {
    this.#fs = pyodide.FS;
    this.#errnoName = (errno) => {
      using names = pyodide.pyimport("errno.errorcode") as {
        get(n: number): string | undefined;
      } & Disposable;
      return names.get(errno) ?? `errno ${errno}`;
    };
  }

  readFile(path: string): Uint8Array {
    return this.#attempt("read", path, () => this.#fs.readFile(path));
  }

  writeFile(path: string, content: string | Uint8Array): void {
    this.#attempt("write", path, () => this.#fs.writeFile(path, content));
  }

  mkdir(path: string, isRecursive: boolean): void {
    this.#attempt("make the folder", path, () =>
      isRecursive ? this.#fs.mkdirTree(path) : this.#fs.mkdir(path),
    );
  }

  list(path: string): FileEntry[] {
    return this.#attempt("list", path, () =>
      this.#fs
        .readdir(path)
        .filter((name) => name !== "." && name !== "..")
        .map((name) => this.#entry(path, name)),
    );
  }

  remove(path: string, isRecursive: boolean): void {
    this.#attempt("remove", path, () => this.#remove(path, isRecursive));
  }

  #entry(folder: string, name: string): FileEntry {
    try {
      const { mode, size } = this.#fs.stat(`${folder}/${name}`);
      if (this.#fs.isDir(mode)) return { name, type: "directory", size: 0 };
      return this.#fs.isFile(mode) ? { name, type: "file", size } : { name, type: "other", size: 0 };
    } catch {
      return { name, type: "other", size: 0 }; // a link to nowhere
    }
  }

  #remove(path: string, isRecursive: boolean): void {
    if (!this.#fs.isDir(this.#fs.lstat(path).mode)) {
      this.#fs.unlink(path);
      return;
    }
    if (isRecursive) {
      for (const name of this.#fs.readdir(path)) {
        if (name !== "." && name !== "..") this.#remove(`${path}/${name}`, true);
      }
    }
    this.#fs.rmdir(path);
  }

  #attempt<T>(verb: string, path: string, call: () => T): T {
    try {
      return call();
    } catch (error) {
      const { errno } = error as { errno?: unknown };
      if (typeof errno !== "number") throw error;
      const code = this.#errnoName(errno);
      throw new PythonFileError(code, path, `could not ${verb} ${path}: ${code}`);
    }
  }
}
