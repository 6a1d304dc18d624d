/** A file system in memory, for tests and for programs without another. */
import type { ErrnoName } from "./errno.ts";
import type { FileHost, FileStat, OpenMode } from "./file-host.ts";

interface OpenFile {
  readonly path: string;
  readonly mode: OpenMode;
  position: number;
}

/** Files by their absolute path; a directory is there when a file below it is. */
export class MemoryFiles implements FileHost {
  /** The contents; may be changed at any time. */
  readonly files: Map<string, Uint8Array> = new Map();
  /** Empty directories, which no file shows. */
  readonly directories: Set<string> = new Set(["/"]);
  /** Where relative paths start. */
  directory = "/";
  readonly #open = new Map<number, OpenFile>();
  #nextDescriptor = 1;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.put(path, content);
  }

  /** Descriptors that are open: 0 when everything was closed. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Writes a whole file. */
  put(path: string, content: string | Uint8Array): void {
    this.files.set(path, typeof content === "string" ? new TextEncoder().encode(content) : content.slice());
  }

  currentDirectory(): string {
    return this.directory;
  }

  #isDirectory(path: string): boolean {
    const prefix = path === "/" ? "/" : `${path}/`;
    return this.directories.has(path) || [...this.files.keys()].some((file) => file.startsWith(prefix));
  }

  open(path: string, mode: OpenMode): number | ErrnoName {
    if (this.#isDirectory(path)) return mode.write ? "EISDIR" : this.#register(path, mode);
    const isThere = this.files.has(path);
    if (isThere && mode.create && mode.exclusive) return "EEXIST";
    if (!isThere && !mode.create) return "ENOENT";
    if (!isThere && !this.#isDirectory(path.slice(0, path.lastIndexOf("/")) || "/")) return "ENOENT";
    if (!isThere || mode.truncate) this.files.set(path, new Uint8Array(0));
    return this.#register(path, mode);
  }

  #register(path: string, mode: OpenMode): number {
    const descriptor = this.#nextDescriptor++;
    this.#open.set(descriptor, { path, mode, position: 0 });
    return descriptor;
  }

  read(descriptor: number, target: Uint8Array): number | ErrnoName {
    const file = this.#open.get(descriptor);
    if (file === undefined || !file.mode.read) return "EBADF";
    const content = this.files.get(file.path);
    if (content === undefined) return "EISDIR";
    const part = content.subarray(file.position, file.position + target.length);
    target.set(part);
    file.position += part.length;
    return part.length;
  }

  write(descriptor: number, bytes: Uint8Array): number | ErrnoName {
    const file = this.#open.get(descriptor);
    if (file === undefined || !file.mode.write) return "EBADF";
    const content = this.files.get(file.path) ?? new Uint8Array(0);
    const start = file.mode.append ? content.length : file.position;
    const longer = new Uint8Array(Math.max(content.length, start + bytes.length));
    longer.set(content);
    longer.set(bytes, start);
    this.files.set(file.path, longer);
    file.position = start + bytes.length;
    return bytes.length;
  }

  seek(descriptor: number, offset: number, from: "start" | "position" | "end"): number | ErrnoName {
    const file = this.#open.get(descriptor);
    if (file === undefined) return "EBADF";
    const length = this.files.get(file.path)?.length ?? 0;
    const origin = from === "start" ? 0 : from === "end" ? length : file.position;
    if (origin + offset < 0) return "EINVAL";
    file.position = origin + offset;
    return file.position;
  }

  close(descriptor: number): ErrnoName | undefined {
    return this.#open.delete(descriptor) ? undefined : "EBADF";
  }

  stat(path: string): FileStat | ErrnoName {
    const content = this.files.get(path);
    if (content !== undefined) return { kind: "file", byteLength: content.length, modifiedMs: 0 };
    return this.#isDirectory(path) ? { kind: "directory", byteLength: 0, modifiedMs: 0 } : "ENOENT";
  }
}
