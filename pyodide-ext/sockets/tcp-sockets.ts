/** TCP sockets: connecting and serving, inside the interpreter and through the host. Semantics are Linux's. */
import { LoopbackNetwork, type TcpBinding } from "../../transports/loopback.ts";
import { isLoopbackHost } from "../../transports/loopback-ports.ts";
import type { Address, ByteStream, HostPort, Transport } from "../../transports/stream.ts";
import { FAILED, type FailureCode, type Failures, IN_PROGRESS, WOULD_BLOCK } from "./failure.ts";
import { type Names, NO_GATEWAY, unspecifiedAddress } from "./names.ts";
import { applyBufferSizes, bindOptions, inheritOptions } from "./socket-options.ts";
import { SocketEntry } from "./socket-table.ts";

const AF_INET6 = 10;
const SHUT_RD = 0;
const SHUT_WR = 1;
const SHUT_RDWR = 2;

/** A port of the host's, and how many bound sockets stand on it: `SO_REUSEADDR` lets several. */
interface SharedPort {
  readonly port: HostPort;
  users: number;
}

/** The TCP sockets of one interpreter. */
export class TcpSockets {
  readonly network: LoopbackNetwork = new LoopbackNetwork();
  readonly #transport: Transport | undefined;
  readonly #names: Names;
  readonly #failures: Failures;
  readonly #held = new Map<TcpBinding, SharedPort>();

  constructor(transport: Transport | undefined, names: Names, failures: Failures) {
    this.#transport = transport;
    this.#names = names;
    this.#failures = failures;
  }

  /** `connect(2)`: IN_PROGRESS when begun. Who listens inside the interpreter comes first. */
  connect(entry: SocketEntry, host: string, port: number): number {
    if (entry.listener) return this.#fail("EISCONN");
    if (entry.stream) return this.#connectAgain(entry, entry.stream);
    const from = entry.binding?.address;
    const stream = this.network.connect(host, port, from) ?? this.#connectOut(entry, host, port, from);
    if (typeof stream === "number") return stream;
    entry.peerAddress = { family: host.includes(":") ? 6 : 4, host, port };
    entry.isConnectPending = true;
    entry.isErrorReported = false;
    entry.stream = stream;
    applyBufferSizes(entry);
    entry.changed();
    return IN_PROGRESS;
  }

  /** What `SO_ERROR` tells after the wait for a connect; see `SocketBridge.finishConnect`. */
  finishConnect(entry: SocketEntry, isBlocking: boolean): number {
    const error = entry.takeError();
    if (!error) {
      if (isBlocking) entry.isConnectPending = false;
      return 0;
    }
    this.#disconnect(entry);
    return this.#failures.noteError(error, this.#isSystem);
  }

  /** `shutdown(2)` */
  shutdown(entry: SocketEntry, how: number): number {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return this.#fail("EINVAL");
    if (entry.listener) {
      if (how !== SHUT_WR) this.#stopListening(entry);
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

  /**
   * `bind(2)`. A promise where the host has ports to take: `getsockname` must tell the port, and the machine's other programs
   * must not get it.
   */
  bind(entry: SocketEntry, host: string, port: number): number | Promise<number> {
    if (entry.binding || entry.stream) return this.#fail("EINVAL");
    const request = { address: addressOf(host, port), ...bindOptions(entry) };
    if (this.#transport?.hold)
      return this.#bindOnHost(entry, request, this.#transport.hold.bind(this.#transport));
    if (!isLoopbackHost(host)) return this.#fail("EADDRNOTAVAIL", ONLY_LOOPBACK);
    const binding = this.network.bind(request);
    if (!binding) return this.#fail("EADDRINUSE");
    this.#bound(entry, binding);
    return 0;
  }

  /** `listen(2)`. A promise when the socket was not bound before, as `bind`. */
  listen(entry: SocketEntry, backlog: number): number | Promise<number> {
    if (entry.stream) return this.#fail("EINVAL");
    if (entry.binding) return this.#startListening(entry, entry.binding, backlog);
    const { host } = unspecifiedAddress(entry.family === AF_INET6 ? 6 : 4);
    const outcome = this.bind(entry, host, 0);
    const start = (bound: number): number =>
      bound === 0 && entry.binding ? this.#startListening(entry, entry.binding, backlog) : bound;
    return typeof outcome === "number" ? start(outcome) : outcome.then(start);
  }

  /** `accept(2)`: the new socket. */
  accept(entry: SocketEntry): SocketEntry | number {
    const { listener } = entry;
    if (!listener) return this.#fail("EINVAL");
    if (listener.error) return this.#failures.noteError(listener.error, this.#isSystem);
    const stream = listener.accept();
    if (stream === "would-block") return WOULD_BLOCK;
    const accepted = new SocketEntry(entry.family, entry.type, entry.proto);
    accepted.stream = stream;
    accepted.peerAddress = stream.remoteAddress;
    inheritOptions(accepted, entry);
    return accepted;
  }

  get #isSystem(): boolean {
    return this.#transport?.name === "node";
  }

  #fail(code: FailureCode, message?: string): typeof FAILED {
    return this.#failures.note(code, message);
  }

  #connectOut(
    entry: SocketEntry,
    host: string,
    port: number,
    from: Address | undefined,
  ): ByteStream | typeof FAILED {
    const transport = this.#transport;
    if (!transport)
      return isLoopbackHost(host) ? this.#fail("ECONNREFUSED") : this.#fail("ENETUNREACH", NO_GATEWAY);
    // The client takes over the port: held by a listening socket of the host's it can't be connected from.
    if (entry.binding) this.#letGo(entry.binding);
    return transport.connect(this.#names.nameFor(host) ?? host, port, from);
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

  async #bindOnHost(
    entry: SocketEntry,
    request: Parameters<LoopbackNetwork["bind"]>[0],
    hold: NonNullable<Transport["hold"]>,
  ): Promise<number> {
    const { host, port } = request.address;
    const early = port === 0 ? undefined : this.network.bind(request);
    if (port !== 0 && !early) return this.#fail("EADDRINUSE");
    try {
      const shared = this.#sharedPort(request) ?? { port: await hold(host, port, request), users: 0 };
      const address = { ...request.address, port: shared.port.address.port };
      const binding = early ?? this.network.bind({ ...request, address });
      if (!binding || entry.isReleased) {
        if (binding) this.network.release(binding);
        if (shared.users === 0) shared.port.close();
        return this.#fail(binding ? "EBADF" : "EADDRINUSE");
      }
      shared.users++;
      this.#held.set(binding, shared);
      this.#bound(entry, binding);
      return 0;
    } catch (error) {
      if (early) this.network.release(early);
      return this.#failures.noteError(error, this.#isSystem);
    }
  }

  /** The port of the host's that another socket holds and lets be used too. */
  #sharedPort({ address, reusesAddress }: Parameters<LoopbackNetwork["bind"]>[0]): SharedPort | undefined {
    if (!reusesAddress || address.port === 0) return undefined;
    for (const [binding, shared] of this.#held) {
      const other = binding.address;
      if (binding.reusesAddress && other.port === address.port && other.host === address.host) return shared;
    }
    return undefined;
  }

  #bound(entry: SocketEntry, binding: TcpBinding): void {
    entry.binding = binding;
    entry.unbind = () => {
      this.#letGo(binding);
      this.network.release(binding);
    };
  }

  #letGo(binding: TcpBinding): void {
    const shared = this.#held.get(binding);
    if (!shared) return;
    this.#held.delete(binding);
    if (--shared.users === 0) shared.port.close();
    else if (binding.owner) shared.port.stop();
  }

  #startListening(entry: SocketEntry, binding: TcpBinding, backlog: number): number {
    const listener = this.network.listen(binding, backlog);
    if (!listener) return this.#fail("EADDRINUSE");
    entry.listener = listener;
    this.#held.get(binding)?.port.start(
      (arrival) => listener.offer(arrival),
      (error) => listener.fail(error),
    );
    entry.changed();
    return 0;
  }

  #stopListening(entry: SocketEntry): void {
    const { binding } = entry;
    entry.listener = undefined;
    if (binding) {
      this.#held.get(binding)?.port.stop();
      this.network.stopListening(binding);
    }
    entry.changed();
  }
}

/** An address as a socket of either family is bound to it. */
export function addressOf(host: string, port: number): Address {
  return { family: host.includes(":") ? 6 : 4, host, port };
}

/** Why an address can't be bound where the host has no ports to listen on. */
export const ONLY_LOOPBACK: string =
  "Cannot assign requested address: here sockets can be bound to loopback addresses only (127.0.0.1, ::1, localhost), " +
  "where programs in the same interpreter reach them; listening to the network needs Node";
