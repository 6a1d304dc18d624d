/** The `io` object of `_pyodide_ssl_js`: what `_socket.py`, `select.py` and `pyodide_ssl/_blocking.py` call. */
import type { Address, ByteStream, Transport } from "../../transports/stream.ts";
import { FAILED, type FailureCode, Failures, IN_PROGRESS, WOULD_BLOCK } from "./failure.ts";
import { Names, unspecifiedAddress } from "./names.ts";
import { createStreamPair } from "./pair.ts";
import { pollEvents } from "./readiness.ts";
import { getOption, isErrorOption, setOption } from "./socket-options.ts";
import { SocketEntry, SocketTable } from "./socket-table.ts";
import { type Interest, type WAIT_INTERRUPTED, type WaitOutcome, Waits } from "./waits.ts";

/** What {@link createSocketBridge} needs. */
export interface SocketBridgeOptions {
  /** Undefined: no way to the network is configured; `connect` fails with ENETUNREACH and says how to get one. */
  readonly transport: Transport | undefined;
  /** Shared with the TLS driver; a new one when not given. */
  readonly table?: SocketTable;
}

/** Makes the `io` object for one Python interpreter. */
export function createSocketBridge(options: SocketBridgeOptions): SocketBridge {
  return new SocketBridge(options);
}

/** The largest piece that crosses from Python at once; see docs/decisions/0005-moving-bytes.md. */
export const ROOM_SIZE: number = 256 * 1024;

const AF_INET6 = 10;
const SHUT_RD = 0;
const SHUT_WR = 1;
const SHUT_RDWR = 2;

/**
 * Sockets by number, for Python. Arguments and results are numbers, strings and byte arrays. A negative result is an outcome
 * ({@link WOULD_BLOCK}, {@link FAILED}, {@link IN_PROGRESS}); after `FAILED`, {@link SocketBridge.failure} says why.
 * Structured results are JSON. Semantics are those of the system calls of the same name on Linux.
 */
export class SocketBridge {
  readonly table: SocketTable;
  readonly transport: Transport | undefined;
  /** Whether IPv6 addresses can be had: Python's `socket.has_ipv6`. */
  readonly hasIpv6: boolean;
  /** The waits under way; `waits.size` is 0 when nothing is blocked. */
  readonly waits: Waits;
  readonly #names: Names;
  readonly #failures = new Failures();
  readonly #room = new Uint8Array(ROOM_SIZE);
  #nextEphemeralPort = 49152;

  constructor(options: SocketBridgeOptions) {
    this.table = options.table ?? new SocketTable();
    this.transport = options.transport;
    this.hasIpv6 = options.transport?.resolvesNames ?? false;
    this.waits = new Waits(this.table);
    this.#names = new Names(options.transport);
  }

  /** Wakes every blocked call, to raise KeyboardInterrupt; answers how many there were. */
  interrupt(): number {
    return this.waits.interrupt();
  }

  /** Ends every wait and closes every socket and the transport: the interpreter is going away. */
  dispose(): void {
    this.waits.interrupt();
    this.table.closeAll();
    this.transport?.close();
  }

  /** The last failure as JSON `{ code, message }`: an errno or EAI name, and a text if the system's own will not do. */
  failure(): string {
    return this.#failures.take();
  }

  // Numbers

  /** `socket(2)`: a new TCP socket. */
  open(family: number, type: number, proto: number): number {
    return this.table.add(new SocketEntry(family, type, proto));
  }

  /** `[family, type, proto]` of an open number as JSON; empty when it is not one. */
  describe(fd: number): string {
    const entry = this.table.get(fd);
    return entry ? JSON.stringify([entry.family, entry.type, entry.proto]) : "";
  }

  /** `dup(2)`. */
  duplicate(fd: number): number {
    return this.table.duplicate(fd) ?? this.#fail("EBADF");
  }

  /** `close(2)`. */
  close(fd: number): number {
    return this.table.close(fd) ? 0 : this.#fail("EBADF");
  }

  /** `socketpair(2)` in memory; answers the first number, the second is the next one. */
  pair(family: number, type: number, proto: number): number {
    const kind = family === AF_INET6 ? 6 : 4;
    const host = kind === 6 ? "::1" : "127.0.0.1";
    const addresses = [1, 2].map(() => ({ family: kind, host, port: this.#ephemeralPort() }) as const);
    const [first, second] = addresses as [Address, Address];
    const numbers = createStreamPair(first, second).map((stream) => {
      const entry = new SocketEntry(family, type, proto);
      entry.stream = stream;
      entry.peerAddress = stream.remoteAddress;
      return this.table.add(entry);
    });
    return numbers[0] ?? FAILED;
  }

  // Connections

  /**
   * `connect(2)` of a non-blocking socket: IN_PROGRESS when begun, 0 when an earlier one has succeeded meanwhile.
   * @param host numeric, or a name where the transport resolves names at its far end
   */
  connect(fd: number, host: string, port: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.isListening) return this.#fail("EISCONN");
    if (entry.stream) return this.#connectAgain(entry, entry.stream);
    if (!this.transport) return this.#fail("ENETUNREACH", NO_GATEWAY);
    // Bound for a client's sake: the address is the transport's to choose, and its port must not be held.
    entry.listener?.close();
    entry.listener = undefined;
    entry.peerAddress = { family: host.includes(":") ? 6 : 4, host, port };
    entry.isConnectPending = true;
    entry.isErrorReported = false;
    entry.stream = this.transport.connect(this.#names.nameFor(host) ?? host, port);
    entry.changed();
    return IN_PROGRESS;
  }

  /**
   * What `SO_ERROR` tells after the wait for a connect: 0, or FAILED and the socket can connect anew.
   * @param isBlocking the wait was the system call's own, which thereby has reported its outcome. After a wait by `poll` Linux
   *   reports it once more, to a second `connect`.
   */
  finishConnect(fd: number, isBlocking: boolean): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    const error = entry.takeError();
    if (!error) {
      if (isBlocking) entry.isConnectPending = false;
      return 0;
    }
    this.#disconnect(entry);
    return this.#failures.noteError(error, this.#isSystem);
  }

  /** `shutdown(2)`. */
  shutdown(fd: number, how: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return this.#fail("EINVAL");
    if (entry.isListening) {
      entry.listener?.close();
      entry.listener = undefined;
      entry.isListening = false;
      entry.changed();
      return 0;
    }
    const stream = entry.stream;
    if (!stream || !entry.isConnected) return this.#fail("ENOTCONN");
    if (how !== SHUT_WR) entry.isReadShut = true;
    if (how !== SHUT_RD && !entry.isWriteShut) {
      entry.isWriteShut = true;
      stream.shutdownWrite();
    }
    entry.changed();
    return 0;
  }

  // Servers

  /** `bind(2)`. A promise where the transport can listen: the port is taken now, as `getsockname` must tell it. */
  bind(fd: number, host: string, port: number): number | Promise<number> {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.boundAddress || entry.stream) return this.#fail("EINVAL");
    const transport = this.transport;
    if (transport?.listen) return this.#bindListener(entry, transport.listen(host, port, 128));
    const family = host.includes(":") ? 6 : 4;
    if (family === 6) return this.#fail("EADDRNOTAVAIL");
    entry.boundAddress = { family, host, port: port || this.#ephemeralPort() };
    return 0;
  }

  /** `listen(2)`. A promise when the socket was not bound before. */
  listen(fd: number): number | Promise<number> {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.stream) return this.#fail("EINVAL");
    const transport = this.transport;
    if (!transport?.listen) {
      const through = transport ? `The ${transport.name} transport connects out only` : NO_GATEWAY;
      return this.#fail("EOPNOTSUPP", `${through}: it cannot accept connections. Servers need Node.`);
    }
    if (entry.listener) return this.#startListening(entry);
    const { host } = unspecifiedAddress(this.#familyOf(entry));
    return this.#bindListener(entry, transport.listen(host, 0, 128)).then((outcome) =>
      outcome === 0 ? this.#startListening(entry) : outcome,
    );
  }

  /** `accept(2)`: the new socket's number. */
  accept(fd: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (!entry.isListening || !entry.listener) return this.#fail("EINVAL");
    if (entry.listener.error) return this.#failures.noteError(entry.listener.error, this.#isSystem);
    const stream = entry.listener.accept();
    if (stream === "would-block") return WOULD_BLOCK;
    const accepted = new SocketEntry(entry.family, entry.type, entry.proto);
    accepted.stream = stream;
    accepted.peerAddress = stream.remoteAddress;
    return this.table.add(accepted);
  }

  // Addresses and names

  /** `getsockname(2)` as JSON `[host, port]`; empty after a failure. */
  localName(fd: number): string {
    const entry = this.table.get(fd);
    if (!entry) return this.#failText("EBADF");
    const address =
      entry.listener?.address ??
      entry.stream?.localAddress ??
      entry.boundAddress ??
      unspecifiedAddress(this.#familyOf(entry));
    return JSON.stringify([address.host, address.port]);
  }

  /** `getpeername(2)` as JSON `[host, port]`; empty after a failure. */
  peerName(fd: number): string {
    const entry = this.table.get(fd);
    if (!entry) return this.#failText("EBADF");
    const address = entry.peerAddress ?? entry.stream?.remoteAddress;
    if (!address || !entry.isConnected) return this.#failText("ENOTCONN");
    return JSON.stringify([address.host, address.port]);
  }

  /** `getaddrinfo(3)` of a name: JSON `{ addresses: [{ family, host }] }` or `{ code }`, at once or as a promise. */
  lookup(host: string, family: 0 | 4 | 6): string | Promise<string> {
    const result = this.#names.lookup(host, family);
    return result instanceof Promise ? result.then((found) => JSON.stringify(found)) : JSON.stringify(result);
  }

  /** The name that a synthetic address stands for; empty when it is none. */
  nameFor(address: string): string {
    return this.#names.nameFor(address) ?? "";
  }

  // Bytes

  /** A part of the staging area, for Python to assign bytes to before `send`. Nothing may suspend in between. */
  room(byteLength: number): Uint8Array {
    return this.#room.subarray(0, byteLength);
  }

  /** `send(2)` of the first bytes of the staging area; answers how many were taken. */
  send(fd: number, byteLength: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    const stream = entry.stream;
    if (!stream) return this.#fail("EPIPE");
    if (stream.state === "connecting") return WOULD_BLOCK;
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, this.#isSystem);
    if (entry.isWriteShut || stream.state === "closed") return this.#fail("EPIPE");
    if (byteLength === 0) return 0;
    try {
      return stream.write(this.#room.subarray(0, byteLength)) || WOULD_BLOCK;
    } catch (thrown) {
      if (stream.error) entry.isErrorReported = true;
      return this.#failures.noteError(thrown, this.#isSystem);
    }
  }

  /** `recv(2)`: bytes, 0 at the end of the stream, or an outcome. `isPeek` leaves the bytes where they are. */
  receive(fd: number, maxLength: number, isPeek: boolean): Uint8Array | number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    const stream = entry.stream;
    if (!stream) return this.#fail("ENOTCONN");
    if (stream.readableLength === 0) return this.#nothingReceived(entry, stream);
    const bytes = stream.read(maxLength);
    if (typeof bytes === "string") return bytes === "eof" ? 0 : WOULD_BLOCK;
    if (isPeek) stream.unread(bytes);
    return plainArray(bytes);
  }

  // Options

  /** `setsockopt(2)`. `value` is an int, or bytes in hexadecimal. */
  setOption(fd: number, level: number, name: number, value: number | string): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    const bytes =
      typeof value === "string"
        ? Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
        : new Uint8Array(Int32Array.of(value).buffer);
    const code = setOption(entry, level, name, bytes);
    return code ? this.#fail(code) : 0;
  }

  /**
   * `getsockopt(2)`: the value's bytes in hexadecimal, or after a failure the empty string. SO_ERROR is the errno's name
   * after an exclamation mark.
   */
  getOption(fd: number, level: number, name: number): string {
    const entry = this.table.get(fd);
    if (!entry) return this.#failText("EBADF");
    if (isErrorOption(level, name)) return `!${entry.takeError()?.code ?? ""}`;
    const value = getOption(entry, level, name);
    if (typeof value === "string") return this.#failText(value);
    return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Waiting

  /** The `poll(2)` events that hold now: POLLNVAL for a number that is not open. */
  events(fd: number): number {
    return pollEvents(this.table.get(fd));
  }

  /** Whether one of the `events` asked for holds now, or the number is not open. */
  isReady(fd: number, events: number): boolean {
    return this.waits.isReady([{ fd, events }]);
  }

  /** Settles with how the wait ended. @param timeoutSeconds negative waits for ever */
  wait(fd: number, events: number, timeoutSeconds: number): Promise<WaitOutcome> {
    return this.waits.wait([{ fd, events }], milliseconds(timeoutSeconds));
  }

  /** The same for several sockets: `interests` is `fd:events` separated by commas, and may be empty to let time pass. */
  waitMany(interests: string, timeoutSeconds: number): Promise<WaitOutcome> {
    return this.waits.wait(parseInterests(interests), milliseconds(timeoutSeconds));
  }

  /** The outcome of a promise that this object gave, unless an interrupt comes first: {@link WAIT_INTERRUPTED}. */
  orInterrupt<T>(promise: Promise<T>): Promise<T | typeof WAIT_INTERRUPTED> {
    return this.waits.orInterrupt(promise);
  }

  get #isSystem(): boolean {
    return this.transport?.name === "node";
  }

  #fail(code: FailureCode, message?: string): typeof FAILED {
    return this.#failures.note(code, message);
  }

  #failText(code: FailureCode): "" {
    this.#failures.note(code);
    return "";
  }

  /** `connect` on a socket that has a stream, as Linux's `inet_stream_connect` treats it. */
  #connectAgain(entry: SocketEntry, stream: ByteStream): number {
    if (!entry.isConnectPending) return this.#fail("EISCONN");
    if (stream.state === "connecting") return this.#fail("EALREADY");
    if (!stream.error) {
      entry.isConnectPending = false;
      return 0;
    }
    const error = entry.takeError();
    this.#disconnect(entry);
    return error ? this.#failures.noteError(error, this.#isSystem) : this.#fail("ECONNABORTED");
  }

  #disconnect(entry: SocketEntry): void {
    entry.stream?.close();
    entry.stream = undefined;
    entry.peerAddress = undefined;
    entry.isConnectPending = false;
    entry.changed();
  }

  #nothingReceived(entry: SocketEntry, stream: ByteStream): number {
    if (stream.state === "connecting") return WOULD_BLOCK;
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, this.#isSystem);
    return entry.isReadShut || stream.isReadable ? 0 : WOULD_BLOCK;
  }

  async #bindListener(
    entry: SocketEntry,
    listening: ReturnType<NonNullable<Transport["listen"]>>,
  ): Promise<number> {
    try {
      const listener = await listening;
      if (entry.isReleased) {
        listener.close();
        return this.#fail("EBADF");
      }
      entry.listener = listener;
      entry.boundAddress = listener.address;
      return 0;
    } catch (error) {
      return this.#failures.noteError(error, this.#isSystem);
    }
  }

  #startListening(entry: SocketEntry): number {
    entry.isListening = true;
    entry.changed();
    return 0;
  }

  #familyOf(entry: SocketEntry): 4 | 6 {
    return entry.family === AF_INET6 ? 6 : 4;
  }

  /** Ports for addresses that exist in the interpreter only. */
  #ephemeralPort(): number {
    const port = this.#nextEphemeralPort;
    this.#nextEphemeralPort = port === 65535 ? 49152 : port + 1;
    return port;
  }
}

const NO_GATEWAY =
  "No gateway is configured, so Python has no way to the network. Give its address, " +
  'createPython({ gateway: "wss://…" }) or install(pyodide, { gateway: "wss://…" }); ' +
  "`npx pyodide-ssl gateway` starts one";

/** A `Uint8Array` proper: Pyodide refuses subclasses, such as the `Buffer` that Node's sockets give. */
function plainArray(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function milliseconds(seconds: number): number | undefined {
  return seconds < 0 ? undefined : seconds * 1000;
}

function parseInterests(text: string): Interest[] {
  if (text === "") return [];
  return text.split(",").map((interest) => {
    const [fd, events] = interest.split(":").map(Number);
    return { fd: fd ?? -1, events: events ?? 0 };
  });
}
