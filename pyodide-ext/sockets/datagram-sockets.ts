/** Datagram sockets (UDP): inside the interpreter, and on Node beyond it. Semantics are Linux's `udp_sendmsg` and `udp_recvmsg`. */
import { createDatagramPorts, DatagramQueue } from "../../transports/loopback-datagrams.ts";
import { destinationOf, isLoopbackHost } from "../../transports/loopback-ports.ts";
import type { Address, DatagramMarks, HostDatagrams, Transport } from "../../transports/stream.ts";
import { FAILED, type FailureCode, type Failures, WOULD_BLOCK } from "./failure.ts";
import { unspecifiedAddress } from "./names.ts";
import { bindOptions, isBroadcastAllowed, sentMarks, wantedMarks } from "./socket-options.ts";
import type { SocketEntry } from "./socket-table.ts";
import { addressOf, ONLY_LOOPBACK } from "./tcp-sockets.ts";

const AF_INET6 = 10;

/** What is known of the message that was received last. */
export interface ReceivedMessage {
  readonly from: Address;
  /** The message was longer than what was asked for: `MSG_TRUNC`. */
  readonly isCut: boolean;
  /** What the socket wants to be told besides; null for what it does not. */
  readonly hopLimit: number | null;
  readonly trafficClass: number | null;
}

/** The datagram sockets of one interpreter. */
export class DatagramSockets {
  readonly #ports = createDatagramPorts();
  readonly #transport: Transport | undefined;
  readonly #failures: Failures;
  /** The sockets of the host's under those that reach beyond the interpreter. */
  readonly #outside = new WeakMap<DatagramQueue, HostDatagrams>();
  #last: ReceivedMessage | undefined;

  constructor(transport: Transport | undefined, failures: Failures) {
    this.#transport = transport;
    this.#failures = failures;
  }

  /** Gives a new entry its queue. */
  open(entry: SocketEntry): void {
    const queue = new DatagramQueue(this.#ports, () => entry.changed());
    entry.datagrams = queue;
    entry.unbind = () => {
      queue.close();
      this.#outside.get(queue)?.close();
    };
  }

  /** `bind(2)`. A promise where the host has ports to take. */
  bind(entry: SocketEntry, queue: DatagramQueue, host: string, port: number): number | Promise<number> {
    if (queue.address) return this.#fail("EINVAL");
    if (this.#transport?.openDatagrams) return this.#bindOutside(entry, queue, addressOf(host, port));
    if (!isLoopbackHost(host)) return this.#fail("EADDRNOTAVAIL", ONLY_LOOPBACK);
    return this.#bindInside(entry, queue, addressOf(host, port));
  }

  /** `connect(2)` of a datagram socket chooses the peer. A promise when it has to take a port of the host's. */
  connect(entry: SocketEntry, queue: DatagramQueue, host: string, port: number): number | Promise<number> {
    const chosen = (outcome: number): number => {
      if (outcome !== 0) return outcome;
      queue.peer = destinationOf(host, port);
      entry.peerAddress = addressOf(host, port);
      entry.isWriteShut = entry.isReadShut = false;
      return 0;
    };
    const ready = this.#ready(entry, queue, destinationOf(host, port));
    return typeof ready === "number" ? chosen(ready) : ready.then(chosen);
  }

  /**
   * `sendto(2)`: the length of the message. A promise when the socket has to take a port of the host's first.
   * @param given what the message itself says; -1 leaves it to the socket's options
   */
  sendTo(
    entry: SocketEntry,
    queue: DatagramQueue,
    bytes: Uint8Array,
    to: Address,
    given: DatagramMarks,
  ): number | Promise<number> {
    const usual = sentMarks(entry);
    const marks = {
      hopLimit: given.hopLimit < 0 ? usual.hopLimit : given.hopLimit,
      trafficClass: given.trafficClass < 0 ? usual.trafficClass : given.trafficClass,
    };
    const destination = destinationOf(to.host, to.port);
    if (destination.port === 0) return this.#fail("EINVAL");
    const ready = this.#ready(entry, queue, destination);
    if (typeof ready === "number")
      return ready === 0 ? this.#send(entry, queue, bytes, destination, marks) : ready;
    const copy = bytes.slice();
    return ready.then((outcome) =>
      outcome === 0 ? this.#send(entry, queue, copy, destination, marks) : outcome,
    );
  }

  /** `send(2)` to the peer. */
  send(entry: SocketEntry, queue: DatagramQueue, bytes: Uint8Array): number {
    if (!queue.peer) return this.#fail("EDESTADDRREQ");
    return this.#send(entry, queue, bytes, queue.peer, sentMarks(entry));
  }

  #send(
    entry: SocketEntry,
    queue: DatagramQueue,
    bytes: Uint8Array,
    to: Address,
    marks: DatagramMarks,
  ): number {
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, true);
    if (entry.isWriteShut) return this.#fail("EPIPE");
    const outcome = queue.send(to, bytes, marks);
    if (outcome === "too-long") return this.#fail("EMSGSIZE");
    const outside = this.#outside.get(queue);
    if (!outcome && outside) outside.send(bytes.slice(), to.host, to.port, isBroadcastAllowed(entry));
    // As ICMP would tell: only who is connected learns of it, and at the next call.
    else if (!outcome && queue.peer === to) queue.refused();
    return bytes.length;
  }

  /** `recvfrom(2)`: the message's first bytes; the rest of it is lost. {@link DatagramSockets.last} tells the sender. */
  receive(entry: SocketEntry, queue: DatagramQueue, maxLength: number, isPeek: boolean): Uint8Array | number {
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, true);
    const message = queue.next(isPeek);
    this.#last = undefined;
    if (!message) return entry.isReadShut ? 0 : WOULD_BLOCK;
    const wanted = wantedMarks(entry);
    const { hopLimit, trafficClass } = message.marks ?? UNKNOWN_MARKS;
    this.#last = {
      from: message.from,
      isCut: message.bytes.length > maxLength,
      hopLimit: wanted.hopLimit ? hopLimit : null,
      trafficClass: wanted.trafficClass ? trafficClass : null,
    };
    return message.bytes.length === 0 || maxLength === 0 ? 0 : message.bytes.subarray(0, maxLength);
  }

  shutdown(entry: SocketEntry, queue: DatagramQueue, how: number): number {
    if (how < 0 || how > 2) return this.#fail("EINVAL");
    if (!queue.peer) return this.#fail("ENOTCONN");
    if (how !== 1) entry.isReadShut = true;
    if (how !== 0) entry.isWriteShut = true;
    entry.changed();
    return 0;
  }

  /** Of the last message that `receive` answered; undefined when it answered none. */
  get last(): ReceivedMessage | undefined {
    return this.#last;
  }

  /** Makes a socket able to send to an address: one that was not bound is so at its first message or `connect`. */
  #ready(entry: SocketEntry, queue: DatagramQueue, to: Address): number | Promise<number> {
    const isInside = this.#ports.matches(to).length > 0;
    const wildcard = unspecifiedAddress(entry.family === AF_INET6 ? 6 : 4);
    if (this.#outside.has(queue) || (isInside && queue.address)) return 0;
    if (isInside) return this.#bindInside(entry, queue, wildcard);
    if (this.#transport?.openDatagrams) return this.#bindOutside(entry, queue, wildcard);
    if (!isLoopbackHost(to.host)) return this.#fail("ENETUNREACH", NO_DATAGRAMS);
    return queue.address ? 0 : this.#bindInside(entry, queue, wildcard);
  }

  #bindInside(entry: SocketEntry, queue: DatagramQueue, address: Address): number {
    return queue.bind({ address, ...bindOptions(entry) }) ? 0 : this.#fail("EADDRINUSE");
  }

  /** Binds a socket of the host's, and the queue to the same port; a queue that is bound keeps its own. */
  async #bindOutside(entry: SocketEntry, queue: DatagramQueue, address: Address): Promise<number> {
    const options = bindOptions(entry);
    try {
      const outside = await this.#transport?.openDatagrams?.({
        ...options,
        host: address.host,
        port: address.port,
        onMessage: (message) => {
          if (queue.hears(message.from)) queue.receive(message);
        },
      });
      if (!outside) return this.#fail("EOPNOTSUPP");
      const isBound = queue.address !== undefined || queue.bind({ address: outside.address, ...options });
      if (!isBound || entry.isReleased) {
        outside.close();
        return this.#fail(isBound ? "EBADF" : "EADDRINUSE");
      }
      this.#outside.set(queue, outside);
      return 0;
    } catch (error) {
      return this.#failures.noteError(error, true);
    }
  }

  #fail(code: FailureCode, message?: string): typeof FAILED {
    return this.#failures.note(code, message);
  }
}

/** Of messages from beyond the interpreter, whose marks Node does not tell. */
const UNKNOWN_MARKS: DatagramMarks = { hopLimit: 64, trafficClass: 0 };

const NO_DATAGRAMS =
  "Network is unreachable: here datagrams (UDP) go between sockets of the same Python only; the way to the network carries TCP";
