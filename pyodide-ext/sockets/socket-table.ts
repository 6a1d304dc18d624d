/**
 * Which socket a number stands for. `fileno()` in Python answers these numbers; every other part that is given one (the
 * socket bridge, the TLS driver, `select`) finds the stream here.
 */
import type { TcpBinding } from "../../transports/loopback.ts";
import type { DatagramQueue } from "../../transports/loopback-datagrams.ts";
import type { Address, ByteStream, Listener } from "../../transports/stream.ts";
import { TransportError } from "../../transports/stream.ts";

/** The first socket number: far above any file descriptor of Emscripten, which stops at 4096. */
export const FIRST_SOCKET_NUMBER = 65536;

/**
 * What a socket number refers to: the "open file description" of POSIX. `dup` makes a second number for the same one.
 * The socket bridge alone changes the fields, but for {@link SocketEntry.hasHeldBytes}, which is the TLS driver's.
 */
export class SocketEntry {
  /** Values of Python's `AF_*`, `SOCK_*` and `IPPROTO_*`, as given when it was opened. */
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** Where bytes go, from the moment `connect` begins or `accept` answered; undefined before. */
  stream: ByteStream | undefined = undefined;
  /** The connections to accept, while it listens. */
  listener: Listener | undefined = undefined;
  /** What `bind` took, for TCP. */
  binding: TcpBinding | undefined = undefined;
  /** The messages of a datagram socket; undefined for TCP. */
  datagrams: DatagramQueue | undefined = undefined;
  /** Gives back what `bind` took: called when the last number is closed. */
  unbind: (() => void) | undefined = undefined;
  /** A connect that was begun and whose outcome no call has reported yet: Linux's `SS_CONNECTING`. */
  isConnectPending = false;
  /** The stream's failure was reported, as `SO_ERROR` is, once: afterwards reads see EOF and writes EPIPE. */
  isErrorReported = false;
  /** `shutdown(SHUT_RD)` was called: reads give EOF once nothing is left. */
  isReadShut = false;
  /** `shutdown(SHUT_WR)` was called. */
  isWriteShut = false;
  /** The address that `connect` was given; on a transport that resolves names at the far end a synthetic one. */
  peerAddress: Address | undefined = undefined;
  /** What `setsockopt` left; the keys are socket-options.ts's. */
  readonly options: Map<number, Uint8Array> = new Map();
  /** `O_NONBLOCK`, which duplicates share. */
  isNonBlocking = false;
  /** Close with a reset: `SO_LINGER` is on with time 0. */
  isCloseAbortive = false;
  /**
   * Set by the TLS driver: true while it has taken the end of TLS off `stream`, or bytes that are wrong, and Python has not
   * been told. That counts as readable in `select` and `poll`, as natively the bytes would still be in the kernel.
   */
  hasHeldBytes: (() => boolean) | undefined = undefined;

  #references = 1;
  readonly #listeners = new Set<() => void>();

  constructor(family: number, type: number, proto: number) {
    this.family = family;
    this.type = type;
    this.proto = proto;
  }

  get isListening(): boolean {
    return this.listener !== undefined;
  }

  /** Whether the connection exists in at least one direction: not before it is made, nor when both sides have ended. */
  get isConnected(): boolean {
    const stream = this.stream;
    if (stream?.state !== "open") return false;
    return !(this.isWriteShut && stream.isReadable && stream.readableLength === 0);
  }

  /** The failure of the stream that no call has reported yet. */
  get pendingError(): TransportError | undefined {
    if (this.datagrams?.isRefused)
      return new TransportError("ECONNREFUSED", "Nobody is there to take datagrams.");
    return this.isErrorReported ? undefined : this.stream?.error;
  }

  /** Takes the failure away, as reading `SO_ERROR` does. */
  takeError(): TransportError | undefined {
    const error = this.pendingError;
    if (this.datagrams) this.datagrams.isRefused = false;
    else if (error) this.isErrorReported = true;
    return error;
  }

  /** No number refers to this entry any more. */
  get isReleased(): boolean {
    return this.#references === 0;
  }

  /** A further socket number refers to this entry. */
  retain(): void {
    this.#references++;
  }

  /** One socket number less; with the last one the stream or listener is closed. */
  release(): void {
    if (--this.#references === 0) {
      this.unbind?.();
      this.listener = undefined;
      if (this.isCloseAbortive) this.stream?.abort();
      else this.stream?.close();
      this.hasHeldBytes = undefined;
    }
    this.changed();
  }

  /** Calls `listener` after a change that no stream tells of: a close, a shutdown, a new stream or listener. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the subscribers to look again. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The socket numbers of one Python interpreter. A number is never given out twice. */
export class SocketTable {
  readonly #entries = new Map<number, SocketEntry>();
  /** The numbers without `FD_CLOEXEC`. */
  readonly inheritable: Set<number> = new Set();
  #next = FIRST_SOCKET_NUMBER;

  /** How many numbers are open: 0 when Python closed everything. */
  get size(): number {
    return this.#entries.size;
  }

  /** The numbers that are open, oldest first. */
  numbers(): number[] {
    return [...this.#entries.keys()];
  }

  get(fd: number): SocketEntry | undefined {
    return this.#entries.get(fd);
  }

  /** Enters a socket and answers its number. */
  add(entry: SocketEntry): number {
    const fd = this.#next++;
    this.#entries.set(fd, entry);
    return fd;
  }

  /** A second number for the same socket; undefined when `fd` is not open. */
  duplicate(fd: number): number | undefined {
    const entry = this.#entries.get(fd);
    if (!entry) return undefined;
    entry.retain();
    return this.add(entry);
  }

  /** Takes a number away; answers false when it was not open. */
  close(fd: number): boolean {
    const entry = this.#entries.get(fd);
    if (!entry) return false;
    this.#entries.delete(fd);
    this.inheritable.delete(fd);
    entry.release();
    return true;
  }

  /** Closes everything that is open, with resets: the interpreter is going away. */
  closeAll(): void {
    for (const [fd, entry] of [...this.#entries]) {
      entry.isCloseAbortive = true;
      this.close(fd);
    }
  }
}
