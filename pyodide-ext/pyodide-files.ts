/** Python's files for OpenSSL: its file calls over Emscripten's file system, mounts of the host's folders included. */
import type { PyodideAPI } from "pyodide";
import {
  type ErrnoName,
  errnoName,
  type FileHost,
  type FileStat,
  type OpenMode,
} from "../shim/openssl/index.ts";
import type { PyodideLike } from "./pyodide-like.ts";

type EmscriptenFs = PyodideAPI["FS"];
type Stream = ReturnType<EmscriptenFs["open"]>;

interface EmscriptenStat {
  readonly mode: number;
  readonly size: number;
  readonly mtime: Date;
  /** Not in every file system that can be mounted. */
  readonly ctime: Date | undefined;
  readonly ino: number;
}

/** Flags of `open(2)` in Emscripten's musl. */
const O_WRONLY = 0o1;
const O_RDWR = 0o2;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const PERMISSIONS = 0o666;

/** Implements {@link FileHost} over `pyodide.FS`. */
export class PyodideFiles implements FileHost {
  readonly #fs: EmscriptenFs;
  readonly #streams = new Map<number, Stream>();
  #nextDescriptor = 1;

  constructor(pyodide: Pick<PyodideLike, "FS">) {
    this.#fs = pyodide.FS as EmscriptenFs;
  }

  currentDirectory(): string {
    return this.#fs.cwd();
  }

  open(path: string, mode: OpenMode): number | ErrnoName {
    return this.#attempt(() => {
      const stream = this.#fs.open(path, flagsOf(mode), PERMISSIONS);
      const descriptor = this.#nextDescriptor++;
      this.#streams.set(descriptor, stream);
      return descriptor;
    });
  }

  read(descriptor: number, target: Uint8Array): number | ErrnoName {
    return this.#with(descriptor, (stream) => {
      // Emscripten's NODEFS takes the whole buffer under a view for the view: it must start where its buffer does.
      const isWhole = target.byteOffset === 0 && target.byteLength === target.buffer.byteLength;
      const bytes = isWhole ? target : new Uint8Array(target.length);
      const count = this.#fs.read(stream, bytes, 0, bytes.length);
      if (!isWhole) target.set(bytes.subarray(0, count));
      return count;
    });
  }

  write(descriptor: number, bytes: Uint8Array): number | ErrnoName {
    return this.#with(descriptor, (stream) => this.#fs.write(stream, bytes.slice(), 0, bytes.length));
  }

  seek(descriptor: number, offset: number, from: "start" | "position" | "end"): number | ErrnoName {
    const whence = { start: 0, position: 1, end: 2 }[from];
    return this.#with(descriptor, (stream) => {
      this.#fs.llseek(stream, offset, whence);
      return (stream as unknown as { position: number }).position;
    });
  }

  close(descriptor: number): ErrnoName | undefined {
    const result = this.#with(descriptor, (stream) => {
      this.#streams.delete(descriptor);
      this.#fs.close(stream);
      return 0;
    });
    return typeof result === "string" ? result : undefined;
  }

  stat(path: string): FileStat | ErrnoName {
    return this.#attempt(() => {
      const { mode, size, mtime, ctime, ino } = this.#fs.stat(path) as EmscriptenStat;
      const kind = this.#fs.isFile(mode) ? "file" : this.#fs.isDir(mode) ? "directory" : "other";
      return {
        kind,
        byteLength: size,
        modifiedMs: mtime.getTime(),
        ...(ctime === undefined ? {} : { changedMs: ctime.getTime() }),
        inode: ino,
      } as const;
    });
  }

  #with(descriptor: number, use: (stream: Stream) => number): number | ErrnoName {
    const stream = this.#streams.get(descriptor);
    return stream === undefined ? "EBADF" : this.#attempt(() => use(stream));
  }

  /** Runs a call of Emscripten's and turns what it throws into errno's name. */
  #attempt<T>(call: () => T): T | ErrnoName {
    try {
      return call();
    } catch (error) {
      const { errno } = error as { errno?: unknown };
      if (typeof errno !== "number") throw error;
      return errnoName(errno) ?? "EIO";
    }
  }
}

function flagsOf(mode: OpenMode): number {
  let flags = mode.write ? (mode.read ? O_RDWR : O_WRONLY) : 0;
  if (mode.append) flags |= O_APPEND;
  if (mode.create) flags |= O_CREAT;
  if (mode.exclusive) flags |= O_EXCL;
  if (mode.truncate) flags |= O_TRUNC;
  return flags;
}
