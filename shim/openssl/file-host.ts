/** The files that OpenSSL sees: Python's, through this interface. */
import type { ErrnoName } from "./errno.ts";

/** How a file is opened, as far as C's fopen() asks. */
export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly create: boolean;
  readonly truncate: boolean;
  readonly exclusive: boolean;
}

/** What stat() tells, as far as OpenSSL looks. */
export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly byteLength: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** When it was last written to or replaced, also where a program sets the other to what it likes. */
  readonly changedMs?: number;
  /** Tells files of one path apart. */
  readonly inode?: number;
}

/**
 * A file system with POSIX's meaning. Paths are absolute and plain ("/etc/ssl/cert.pem"). Nothing throws: a failure is
 * answered by the name of its errno. Descriptors are the host's own numbers.
 */
export interface FileHost {
  /** The current directory, absolute; relative paths start there. */
  currentDirectory(): string;
  open(path: string, mode: OpenMode): number | ErrnoName;
  /** Reads at the descriptor's position to the start of `target`. The number of bytes, 0 at the end of the file. */
  read(descriptor: number, target: Uint8Array): number | ErrnoName;
  /** Writes at the descriptor's position (at the end, if opened for appending). The number of bytes written. */
  write(descriptor: number, bytes: Uint8Array): number | ErrnoName;
  /** Moves the position. Answers the new one, counted from the start. */
  seek(descriptor: number, offset: number, from: "start" | "position" | "end"): number | ErrnoName;
  close(descriptor: number): ErrnoName | undefined;
  /** Follows symbolic links. */
  stat(path: string): FileStat | ErrnoName;
}

/** The absolute, plain form of a path: no ".", ".." or doubled slash. Does not look at symbolic links. */
export function resolvePath(currentDirectory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${currentDirectory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
