/**
 * Which socket a number stands for. `fileno()` in Python answers these numbers; every other part that is given one (the
 * socket bridge, the TLS driver, `select`) finds the stream here.
 */
import type { Address, ByteStream, Listener, TransportError } from "../../transports/stream.ts";

/** The first socket number: far above any file descriptor of Emscripten, which stops at 4096. */
export const FIRST_SOCKET_NUMBER = 65536;

/**
 * What a socket number refers to: the "open file description" of POSIX. `dup` makes a second number for the same one.
 * Fields are public to the parts inside `pyodide-ext/`; the socket bridge alone changes them, but for {@link hasHeldBytes}.
 */
export class SocketEntry {
  /** Values of Python's `AF_*`, `SOCK_*` and `IPPROTO_*`, as given or found out when it was opened. */
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** The connection, from the moment `connect` begins or `accept` answered; undefined before. */
  stream: ByteStream | undefined = undefined;
  /** The bound server side, from `bind` on. */
  listener: Listener | undefined = undefined;
  isListening = false;
  /** A connect that was begun and whose outcome no call has reported yet (`SS_CONNECTING` in Linux). */
  isConnectPending = false;
  /** The stream's failure was reported once, as `SO_ERROR` is: afterwards reads see EOF and writes EPIPE. */
  isErrorReported = false;
  /** `shutdown(SHUT_RD)` was called: reads give EOF. */
  isReadShut = false;
  /** `shutdown(SHUT_WR)` was called. */
  isWriteShut = false;
  /** The address given to `bind`, or as the kernel filled it in. */
  boundAddress: Address | undefined = undefined;
  /** Options by `level << 16 | name`, as `setsockopt` left them. */
  readonly options: Map<number, Uint8Array> = new Map();
  /** Close with a reset (`SO_LINGER` on, with time 0). */
  isCloseAbortive = false;
  /**
   * Set by the TLS driver: true while it holds bytes that it took off `stream` and Python has not consumed. They count as
   * readable in `select` and `poll`, where natively they would still be in the kernel.
   */
  hasHeldBytes: (() => boolean) | undefined = undefined;
  /** How many numbers refer to this entry. */
  references = 1;
  /** Listeners told when something changed that no stream event tells: a close, a shutdown, a new stream. */
  readonly changeListeners: Set<() => void> = new Set();

  constructor(family: number, type: number, proto: number) {
    this.family = family;
    this.type = type;
    this.proto = proto;
  }

  /** The failure of the stream that has not been reported yet. */
  get pendingError(): TransportError | undefined {
    return this.isErrorReported ? undefined : this.stream?.error;
  }

  /** Tells waiters to look again. */
  notifyChange(): void {
    for (const listener of [...this.changeListeners]) listener();
  }
}

/** Socket numbers of one Python interpreter. A number is never given out twice. */
export class SocketTable {
  readonly #entries = new Map<number, SocketEntry>();
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
    entry.references++;
    return this.add(entry);
  }

  /** Takes a number away; with the last one the stream or listener is closed. Answers false when it was not open. */
  close(fd: number): boolean {
    const entry = this.#entries.get(fd);
    if (!entry) return false;
    this.#entries.delete(fd);
    if (--entry.references === 0) {
      entry.listener?.close();
      if (entry.isCloseAbortive) entry.stream?.abort();
      else entry.stream?.close();
      entry.hasHeldBytes = undefined;
    }
    entry.notifyChange();
    return true;
  }

  /** Closes everything that is open, with resets: the interpreter is going away. */
  closeAll(): void {
    for (const fd of this.numbers()) {
      const entry = this.#entries.get(fd);
      if (entry) entry.isCloseAbortive = true;
      this.close(fd);
    }
  }
}
