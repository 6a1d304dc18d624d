/**
 * The calls of WASI preview 1 that `openssl.wasm` makes, over a {@link FileHost}. Layouts and numbers follow the
 * interface's snapshot (wasi_snapshot_preview1.witx). Paths come whole, absolute or relative (`glue/paths.c`).
 */
import { type ErrnoName, errnoNumber } from "./errno.ts";
import { type FileHost, type FileStat, resolvePath } from "./file-host.ts";
import type { Memory } from "./memory.ts";
import type { Ptr } from "./pointer.ts";

/** What the calls need of the instance, which exists only after they do. */
export interface WasiSide {
  memory(): Memory;
  /** Keeps what a host function threw; the call that led to it throws it when OpenSSL has returned. */
  keepThrown(thrown: unknown): void;
}

/** What WASI asks of its surroundings besides files. */
export interface WasiHost {
  readonly files: FileHost;
  /** Fills the array from a cryptographic random generator. */
  random(target: Uint8Array): void;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Text that C wrote to its standard output or error. */
  stderr(text: string): void;
}

/** `exit()` was called: C gave up. */
export class ExitError extends Error {
  override readonly name = "ExitError";
}

type Address = Ptr<"char">;
type Import = (...parameters: never[]) => number | void;

const STDERR = 2;
/** Stands for the whole file system; `glue/paths.c` names it. */
const ROOT_DESCRIPTOR = 3;

const FILE_TYPE = { unknown: 0, characterDevice: 2, directory: 3, file: 4 } as const;
const OPEN_FLAG = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const DESCRIPTOR_FLAG_APPEND = 1;
const RIGHT_READ = 1n << 1n;
const RIGHT_WRITE = 1n << 6n;
const SEEK_FROM = ["start", "position", "end"] as const;
const ALL_RIGHTS = 0x1fff_ffffn;

/** One program's WASI state. */
export class Wasi {
  /** The functions, by their WASI names. */
  readonly imports: Record<string, Import>;
  readonly #host: WasiHost;
  readonly #side: WasiSide;
  /** WASI descriptors to the host's. */
  readonly #descriptors = new Map<number, number>();
  #nextDescriptor = ROOT_DESCRIPTOR + 1;

  constructor(side: WasiSide, host: WasiHost) {
    this.#host = host;
    this.#side = side;
    const calls: Record<string, (...parameters: never[]) => ErrnoName | undefined> = {
      clock_time_get: (clock: number, _precision: bigint, time: Address) => this.#clock(clock, time),
      fd_close: (descriptor: number) => this.#close(descriptor),
      fd_fdstat_get: (descriptor: number, stat: Address) => this.#describe(descriptor, stat),
      fd_fdstat_set_flags: (descriptor: number) => (this.#descriptors.has(descriptor) ? undefined : "EBADF"),
      // No preopened directories: every path goes to the root descriptor.
      fd_prestat_get: () => "EBADF",
      fd_prestat_dir_name: () => "EBADF",
      fd_read: (descriptor: number, vectors: Address, count: number, done: Address) =>
        this.#transfer(descriptor, vectors, count, done, "read"),
      fd_write: (descriptor: number, vectors: Address, count: number, done: Address) =>
        this.#transfer(descriptor, vectors, count, done, "write"),
      // Directories are only searched by the names of files (X509_LOOKUP_hash_dir): nothing that `_ssl` does lists one.
      fd_readdir: () => "ENOTSUP",
      fd_seek: (descriptor: number, offset: bigint, whence: number, position: Address) =>
        this.#seek(descriptor, offset, whence, position),
      path_filestat_get: (_root: number, _flags: number, path: Address, length: number, stat: Address) =>
        this.#stat(this.#path(path, length), stat),
      path_open: (
        _root: number,
        _lookup: number,
        path: Address,
        length: number,
        flags: number,
        rights: bigint,
        _inherited: bigint,
        descriptorFlags: number,
        opened: Address,
      ) => this.#open(this.#path(path, length), flags, rights, descriptorFlags, opened),
      random_get: (target: Address, length: number) => this.#random(target, length),
    };
    this.imports = Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, this.#guard(call)]));
    this.imports["proc_exit"] = (code: number) => {
      throw new ExitError(`OpenSSL's C called exit(${code})`);
    };
  }

  /** Files that C has open: 0 when it closed them all. */
  get openCount(): number {
    return this.#descriptors.size;
  }

  get #memory(): Memory {
    return this.#side.memory();
  }

  /** Answers errno's number; what the host throws must not unwind through C. */
  #guard(call: (...parameters: never[]) => ErrnoName | undefined): Import {
    return (...parameters) => {
      try {
        const failure = call(...parameters);
        return failure === undefined ? 0 : errnoNumber(failure);
      } catch (thrown) {
        this.#side.keepThrown(thrown);
        return errnoNumber("EIO");
      }
    };
  }

  #path(path: Address, length: number): string {
    return resolvePath(this.#host.files.currentDirectory(), this.#memory.readString(path, length));
  }

  #clock(clock: number, time: Address): undefined {
    const isWallClock = clock === 0;
    const milliseconds = isWallClock ? this.#host.nowMs() : performance.now();
    this.#memory.writeU64(time, BigInt(Math.round(milliseconds * 1000)) * 1000n);
  }

  #random(target: Address, length: number): undefined {
    const bytes = new Uint8Array(length);
    this.#host.random(bytes);
    if (length > 0) this.#memory.copyIn(target, bytes);
    bytes.fill(0);
  }

  #open(
    path: string,
    flags: number,
    rights: bigint,
    descriptorFlags: number,
    opened: Address,
  ): ErrnoName | undefined {
    const { files } = this.#host;
    if ((flags & OPEN_FLAG.directory) !== 0) return "ENOTSUP";
    const host = files.open(path, {
      read: (rights & RIGHT_READ) !== 0n,
      write: (rights & RIGHT_WRITE) !== 0n,
      append: (descriptorFlags & DESCRIPTOR_FLAG_APPEND) !== 0,
      create: (flags & OPEN_FLAG.create) !== 0,
      truncate: (flags & OPEN_FLAG.truncate) !== 0,
      exclusive: (flags & OPEN_FLAG.exclusive) !== 0,
    });
    if (typeof host === "string") return host;
    const descriptor = this.#nextDescriptor++;
    this.#descriptors.set(descriptor, host);
    this.#memory.writeU32(opened, descriptor);
    return undefined;
  }

  #close(descriptor: number): ErrnoName | undefined {
    const host = this.#descriptors.get(descriptor);
    if (host === undefined) return "EBADF";
    this.#descriptors.delete(descriptor);
    return this.#host.files.close(host);
  }

  #transfer(
    descriptor: number,
    vectors: Address,
    count: number,
    done: Address,
    direction: "read" | "write",
  ): ErrnoName | undefined {
    const host = this.#descriptors.get(descriptor);
    if (host === undefined && !(descriptor <= STDERR && direction === "write")) return "EBADF";
    const memory = this.#memory;
    let total = 0;
    for (let index = 0; index < count; index++) {
      const vector = (vectors + 8 * index) as Ptr<"iovec">;
      const start = memory.readPtr<"char">(vector);
      const length = memory.readU32((vector + 4) as Address);
      if (length === 0) continue;
      if (host === undefined) {
        this.#host.stderr(memory.readString(start, length));
        total += length;
        continue;
      }
      const moved = memory.lend(start, length, (bytes) => this.#host.files[direction](host, bytes));
      // What has been moved counts; the failure comes again with the next call.
      if (typeof moved === "string") {
        if (total === 0) return moved;
        break;
      }
      total += moved;
      if (moved < length) break;
    }
    memory.writeU32(done, total);
    return undefined;
  }

  #seek(descriptor: number, offset: bigint, whence: number, position: Address): ErrnoName | undefined {
    const host = this.#descriptors.get(descriptor);
    const from = SEEK_FROM[whence];
    if (from === undefined) return "EINVAL";
    if (host === undefined) return descriptor <= STDERR ? "ESPIPE" : "EBADF";
    const moved = this.#host.files.seek(host, Number(offset), from);
    if (typeof moved === "string") return moved;
    this.#memory.writeU64(position, BigInt(moved));
    return undefined;
  }

  /** `fdstat`: type (u8), flags (u16 at 2), rights (u64 at 8), inherited rights (u64 at 16). */
  #describe(descriptor: number, stat: Address): ErrnoName | undefined {
    const isOpen = this.#descriptors.has(descriptor);
    const isRoot = descriptor === ROOT_DESCRIPTOR;
    if (!isOpen && descriptor > STDERR && !isRoot) return "EBADF";
    const type = isRoot ? FILE_TYPE.directory : isOpen ? FILE_TYPE.file : FILE_TYPE.characterDevice;
    const memory = this.#memory;
    memory.writeU64(stat, BigInt(type));
    memory.writeU64((stat + 8) as Address, ALL_RIGHTS);
    memory.writeU64((stat + 16) as Address, ALL_RIGHTS);
    return undefined;
  }

  /** `filestat`: device, inode, type, links, size, and three times in nanoseconds; eight bytes each. */
  #stat(path: string, place: Address): ErrnoName | undefined {
    const stat = this.#host.files.stat(path);
    if (typeof stat === "string") return stat;
    const time = BigInt(Math.round(stat.modifiedMs)) * 1_000_000n;
    const fields = [0n, 0n, BigInt(fileType(stat)), 1n, BigInt(stat.byteLength), time, time, time];
    fields.forEach((field, index) => this.#memory.writeU64((place + 8 * index) as Address, field));
    return undefined;
  }
}

function fileType(stat: FileStat): number {
  return stat.kind === "other" ? FILE_TYPE.unknown : FILE_TYPE[stat.kind];
}
