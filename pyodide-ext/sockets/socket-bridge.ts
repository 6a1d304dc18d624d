/** The `io` object of `_pyodide_ssl_js`: what `_socket.py`, `select.py` and `pyodide_ssl/_blocking.py` call. */
import { createStreamPair } from "../../transports/loopback-stream.ts";
import type { Address, ByteStream, Transport } from "../../transports/stream.ts";
import { DatagramSockets } from "./datagram-sockets.ts";
import { FAILED, type FailureCode, Failures, WOULD_BLOCK } from "./failure.ts";
import { Names, unspecifiedAddress } from "./names.ts";
import { pollEvents } from "./readiness.ts";
import { getOption, isErrorOption, setOption } from "./socket-options.ts";
import { SocketEntry, SocketTable } from "./socket-table.ts";
import { addressOf, TcpSockets } from "./tcp-sockets.ts";
import { type WAIT_INTERRUPTED, Waits, type Watch } from "./waits.ts";

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
const SOCK_DGRAM = 2;

/**
 * Sockets by number, for Python. Arguments and results are numbers, strings and byte arrays. A negative result is an outcome
 * ({@link WOULD_BLOCK}, {@link FAILED}, {@link IN_PROGRESS}); after `FAILED`, {@link SocketBridge.failure} says why.
 * Structured results are JSON. Semantics are those of the system calls of the same name on Linux.
 */
export class SocketBridge {
  readonly table: SocketTable;
  readonly transport: Transport | undefined;
  /** Whether IPv6 addresses can be had: Python's `socket.has_ipv6`. */
  readonly hasIpv6: boolean = true;
  /** The waits under way; `waits.size` is 0 when nothing is blocked. */
  readonly waits: Waits;
  readonly #names: Names;
  readonly #failures = new Failures();
  readonly #tcp: TcpSockets;
  readonly #datagrams: DatagramSockets;
  readonly #room = new Uint8Array(ROOM_SIZE);

  constructor(options: SocketBridgeOptions) {
    this.table = options.table ?? new SocketTable();
    this.transport = options.transport;
    this.waits = new Waits(this.table);
    this.#names = new Names(options.transport);
    this.#tcp = new TcpSockets(options.transport, this.#names, this.#failures);
    this.#datagrams = new DatagramSockets(options.transport, this.#failures);
  }

  /** Wakes every blocked call, to raise KeyboardInterrupt; answers how many there were. */
  interrupt(): number {
    return this.waits.interrupt();
  }

  /** Ends every wait and closes every socket and the transport: the interpreter is going away. */
  dispose(): void {
    this.waits.endAll();
    this.table.closeAll();
    this.transport?.close();
  }

  /** The last failure as JSON `{ code, message }`: an errno or EAI name, and a text if the system's own will not do. */
  failure(): string {
    return this.#failures.take();
  }

  // Numbers

  /** `socket(2)`: a new socket, TCP or UDP by its type. */
  open(family: number, type: number, proto: number): number {
    const entry = new SocketEntry(family, type, proto);
    if (type === SOCK_DGRAM) this.#datagrams.open(entry);
    return this.table.add(entry);
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

  /** `O_NONBLOCK` of a number: 0 or 1. */
  isNonBlocking(fd: number): number {
    const entry = this.table.get(fd);
    return entry ? Number(entry.isNonBlocking) : this.#fail("EBADF");
  }

  setNonBlocking(fd: number, isNonBlocking: boolean): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    entry.isNonBlocking = isNonBlocking;
    return 0;
  }

  /** Whether a number is without `FD_CLOEXEC`: 0 or 1. Nothing here is ever executed; programs ask all the same. */
  isInheritable(fd: number): number {
    return this.table.get(fd) ? Number(this.table.inheritable.has(fd)) : this.#fail("EBADF");
  }

  setInheritable(fd: number, isInheritable: boolean): number {
    if (!this.table.get(fd)) return this.#fail("EBADF");
    if (isInheritable) this.table.inheritable.add(fd);
    else this.table.inheritable.delete(fd);
    return 0;
  }

  /** `socketpair(2)` in memory; answers the first number, the second is the next one. */
  pair(family: number, type: number, proto: number): number {
    const kind = family === AF_INET6 ? 6 : 4;
    const host = kind === 6 ? "::1" : "127.0.0.1";
    const address = (): Address => ({ family: kind, host, port: this.#tcp.network.ports.ephemeralPort() });
    const numbers = createStreamPair(address(), address()).map((stream) => {
      const entry = new SocketEntry(family, type, proto);
      entry.stream = stream;
      entry.peerAddress = stream.remoteAddress;
      return this.table.add(entry);
    });
    return numbers[0] ?? FAILED;
  }

  // Connections and servers

  /**
   * `connect(2)` of a non-blocking socket: IN_PROGRESS when begun, 0 when an earlier one has succeeded meanwhile.
   * @param host numeric, or a name where the transport resolves names at its far end
   */
  connect(fd: number, host: string, port: number): number | Promise<number> {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.datagrams) return this.#datagrams.connect(entry, entry.datagrams, host, port);
    return this.#tcp.connect(entry, host, port);
  }

  /**
   * What `SO_ERROR` tells after the wait for a connect: 0, or FAILED and the socket can connect anew.
   * @param isBlocking the wait was the system call's own, which thereby has reported its outcome. After a wait by `poll` Linux
   *   reports it once more, to a second `connect`.
   */
  finishConnect(fd: number, isBlocking: boolean): number {
    const entry = this.table.get(fd);
    return entry ? this.#tcp.finishConnect(entry, isBlocking) : this.#fail("EBADF");
  }

  /** `shutdown(2)`. */
  shutdown(fd: number, how: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.datagrams) return this.#datagrams.shutdown(entry, entry.datagrams, how);
    return this.#tcp.shutdown(entry, how);
  }

  /** `bind(2)`. A promise where the host has ports to take. */
  bind(fd: number, host: string, port: number): number | Promise<number> {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.datagrams) return this.#datagrams.bind(entry, entry.datagrams, host, port);
    return this.#tcp.bind(entry, host, port);
  }

  /** `listen(2)`. A promise when the socket was not bound before and the host has ports to take. */
  listen(fd: number, backlog: number): number | Promise<number> {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    return entry.datagrams ? this.#fail("EOPNOTSUPP") : this.#tcp.listen(entry, backlog);
  }

  /** `accept(2)`: the new socket's number. */
  accept(fd: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.datagrams) return this.#fail("EOPNOTSUPP");
    const accepted = this.#tcp.accept(entry);
    return typeof accepted === "number" ? accepted : this.table.add(accepted);
  }

  // Addresses and names

  /** `getsockname(2)` as JSON `[host, port]`; empty after a failure. */
  localName(fd: number): string {
    const entry = this.table.get(fd);
    if (!entry) return this.#failText("EBADF");
    const address =
      entry.stream?.localAddress ??
      entry.datagrams?.address ??
      entry.binding?.address ??
      unspecifiedAddress(this.#familyOf(entry));
    return this.#addressText(entry, address);
  }

  /** `getpeername(2)` as JSON `[host, port]`; empty after a failure. */
  peerName(fd: number): string {
    const entry = this.table.get(fd);
    if (!entry) return this.#failText("EBADF");
    const address = entry.peerAddress ?? entry.stream?.remoteAddress;
    if (!address || !(entry.isConnected || entry.datagrams?.peer)) return this.#failText("ENOTCONN");
    return this.#addressText(entry, address);
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

  /** The name of an address, as a promise where the host knows names; empty when it knows none. */
  reverse(address: string): string | Promise<string> {
    return this.transport?.reverse?.(address) ?? "";
  }

  // Bytes

  /** A part of the staging area, for Python to assign bytes to before `send`. Nothing may suspend in between. */
  room(byteLength: number): Uint8Array {
    return this.#room.subarray(0, byteLength);
  }

  /**
   * `sendmsg(2)` of a datagram socket. As on Linux a stream takes no notice of the address.
   * @param host empty for the peer
   * @param hopLimit of this message, and `trafficClass`; -1 leaves them to the socket's options
   */
  sendTo(
    fd: number,
    byteLength: number,
    host: string,
    port: number,
    hopLimit = -1,
    trafficClass = -1,
  ): number | Promise<number> {
    const entry = this.table.get(fd);
    if (!entry?.datagrams) return this.send(fd, byteLength);
    const to = host === "" ? entry.datagrams.peer : addressOf(host, port);
    if (!to) return this.#fail("EDESTADDRREQ");
    const bytes = this.room(byteLength);
    return this.#datagrams.sendTo(entry, entry.datagrams, bytes, to, { hopLimit, trafficClass });
  }

  /** `send(2)` of the first bytes of the staging area; answers how many were taken. */
  send(fd: number, byteLength: number): number {
    const entry = this.table.get(fd);
    if (!entry) return this.#fail("EBADF");
    if (entry.datagrams) return this.#datagrams.send(entry, entry.datagrams, this.room(byteLength));
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
    if (entry.datagrams) return this.#datagrams.receive(entry, entry.datagrams, maxLength, isPeek);
    const stream = entry.stream;
    if (!stream) return this.#fail("ENOTCONN");
    if (maxLength === 0) return 0;
    if (stream.readableLength === 0) return this.#nothingReceived(entry, stream);
    const bytes = stream.read(maxLength);
    if (typeof bytes === "string") return bytes === "eof" ? 0 : WOULD_BLOCK;
    if (isPeek) stream.unread(bytes);
    return plainArray(bytes);
  }

  /** Of the datagram that was received last: JSON `[host, port, isCut, hopLimit, trafficClass]`; empty when there was none. */
  lastMessage(fd: number): string {
    const entry = this.table.get(fd);
    const { last } = this.#datagrams;
    if (!entry?.datagrams || !last) return "";
    const { from, isCut, hopLimit, trafficClass } = last;
    return JSON.stringify([...this.#addressPair(entry, from), isCut, hopLimit, trafficClass]);
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

  /** For event loops: a wait for the `events` of one socket that can be given up. */
  watch(fd: number, events: number): Watch {
    return this.waits.watch([{ fd, events }]);
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

  #nothingReceived(entry: SocketEntry, stream: ByteStream): number {
    if (stream.state === "connecting") return WOULD_BLOCK;
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, this.#isSystem);
    return entry.isReadShut || stream.isReadable ? 0 : WOULD_BLOCK;
  }

  #familyOf(entry: SocketEntry): 4 | 6 {
    return entry.family === AF_INET6 ? 6 : 4;
  }

  #addressText(entry: SocketEntry, address: Address): string {
    return JSON.stringify(this.#addressPair(entry, address));
  }

  /** On a socket for IPv6 an IPv4 address is written as RFC 4291 section 2.5.5.2 has it. */
  #addressPair(entry: SocketEntry, { family, host, port }: Address): [string, number] {
    return [entry.family === AF_INET6 && family === 4 ? `::ffff:${host}` : host, port];
  }
}

/** A `Uint8Array` proper: Pyodide refuses subclasses, such as the `Buffer` that Node's sockets give. */
function plainArray(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
