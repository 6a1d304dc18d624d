/** A file as it was read, and whether it still is so. */
import { type OpenSsl, resolvePath } from "../openssl/index.ts";

/** What `stat()` said when the file was read. */
interface Stamp {
  readonly path: string;
  readonly inode: number;
  readonly byteLength: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

/**
 * A change this long before the reading was finished, so that any later one has another time: clocks of file systems go by
 * steps of some milliseconds.
 */
const SETTLED_MS = 20;

/** One array that stays: fresh memory for a whole file would take longer than the rest. */
const PIECE = new Uint8Array(32 * 1024);

/** Bytes of a file, which is known again by its times, or else by its bytes. */
export class FileContent {
  readonly bytes: Uint8Array;
  readonly #openssl: OpenSsl;
  #stamp: Stamp | undefined;

  private constructor(openssl: OpenSsl, bytes: Uint8Array, stamp: Stamp | undefined) {
    this.#openssl = openssl;
    this.bytes = bytes;
    this.#stamp = stamp;
  }

  /** Reads a file; undefined when it can't be read, which OpenSSL then finds out itself. */
  static read(openssl: OpenSsl, path: string): FileContent | undefined {
    const pieces: Uint8Array[] = [];
    const stamp = settledStamp(openssl, path);
    const length = readPieces(openssl, path, (piece) => pieces.push(piece.slice()) > 0);
    if (length === undefined) return undefined;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return new FileContent(openssl, bytes, stamp);
  }

  /** Whether the file has not been touched since it was read. False when that can't be told without reading it. */
  isUntouched(path: string): boolean {
    if (this.#stamp === undefined) return false;
    const now = stampOf(this.#openssl, path);
    return (
      now !== undefined &&
      Object.entries(this.#stamp).every(([key, value]) => now[key as keyof Stamp] === value)
    );
  }

  /** Whether the file holds these bytes. */
  isIn(path: string): boolean {
    let isEqual = true;
    const stamp = settledStamp(this.#openssl, path);
    const length = readPieces(this.#openssl, path, (piece, at) => {
      isEqual = hasPiece(this.bytes, piece, at);
      return isEqual;
    });
    const isSame = isEqual && length === this.bytes.length;
    if (isSame) this.#stamp = stamp ?? this.#stamp;
    return isSame;
  }
}

function stampOf({ host: { files } }: OpenSsl, path: string): Stamp | undefined {
  const absolute = resolvePath(files.currentDirectory(), path);
  const stat = files.stat(absolute);
  if (typeof stat === "string" || stat.kind !== "file") return undefined;
  const { inode, changedMs, byteLength, modifiedMs } = stat;
  if (inode === undefined || changedMs === undefined) return undefined;
  return { path: absolute, inode, byteLength, modifiedMs, changedMs };
}

/** Before a reading: the file's times, when they tell it from any later state. */
function settledStamp(openssl: OpenSsl, path: string): Stamp | undefined {
  const now = (openssl.host.nowMs ?? Date.now)();
  const stamp = stampOf(openssl, path);
  if (stamp === undefined) return undefined;
  // Some file systems (a notebook's drive) tell a change by the one, and when the file was made by the other.
  return Math.max(stamp.changedMs, stamp.modifiedMs) + SETTLED_MS < now ? stamp : undefined;
}

/**
 * Reads a file piece by piece.
 * @param use told of each piece, and where it begins; answers whether to go on
 * @returns the bytes that were read; undefined when the file can't be read
 */
function readPieces(
  { host: { files } }: OpenSsl,
  path: string,
  use: (piece: Uint8Array, at: number) => boolean,
): number | undefined {
  const absolute = resolvePath(files.currentDirectory(), path);
  const stat = files.stat(absolute);
  if (typeof stat === "string" || stat.kind !== "file") return undefined;
  const descriptor = files.open(absolute, READ_ONLY);
  if (typeof descriptor === "string") return undefined;
  try {
    for (let at = 0; ; ) {
      const count = files.read(descriptor, PIECE);
      if (typeof count === "string") return undefined;
      if (count === 0 || !use(PIECE.subarray(0, count), at)) return at;
      at += count;
    }
  } finally {
    files.close(descriptor);
  }
}

const READ_ONLY = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
} as const;

/** Whether `content` has `piece` at `at`. By words, where they lie right: this is done for every context. */
function hasPiece(content: Uint8Array, piece: Uint8Array, at: number): boolean {
  if (at + piece.length > content.length) return false;
  let done = 0;
  if ((content.byteOffset + at) % 4 === 0 && piece.byteOffset % 4 === 0) {
    const words = piece.length >> 2;
    const one = new Int32Array(content.buffer, content.byteOffset + at, words);
    const other = new Int32Array(piece.buffer, piece.byteOffset, words);
    for (let i = 0; i < words; i++) if (one[i] !== other[i]) return false;
    done = words * 4;
  }
  for (; done < piece.length; done++) if (content[at + done] !== piece[done]) return false;
  return true;
}
