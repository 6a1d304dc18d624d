/** Datagram sockets (UDP): messages between sockets of the interpreter. Semantics are Linux's `udp_sendmsg` and `udp_recvmsg`. */
import { createDatagramPorts, DatagramQueue } from "../../transports/loopback-datagrams.ts";
import { destinationOf, isLoopbackHost } from "../../transports/loopback-ports.ts";
import type { Address } from "../../transports/stream.ts";
import { FAILED, type FailureCode, type Failures, WOULD_BLOCK } from "./failure.ts";
import { unspecifiedAddress } from "./names.ts";
import { bindOptions } from "./socket-options.ts";
import type { SocketEntry } from "./socket-table.ts";
import { addressOf, ONLY_LOOPBACK } from "./tcp-sockets.ts";

const AF_INET6 = 10;

/** What is known of the message that was received last. */
export interface ReceivedMessage {
  readonly from: Address;
  /** The message was longer than what was asked for: `MSG_TRUNC`. */
  readonly isCut: boolean;
}

/** The datagram sockets of one interpreter. */
export class DatagramSockets {
  readonly #ports = createDatagramPorts();
  readonly #failures: Failures;
  #last: ReceivedMessage | undefined;

  constructor(failures: Failures) {
    this.#failures = failures;
  }

  /** Gives a new entry its queue. */
  open(entry: SocketEntry): void {
    entry.datagrams = new DatagramQueue(this.#ports, () => entry.changed());
    entry.unbind = () => entry.datagrams?.close();
  }

  bind(entry: SocketEntry, queue: DatagramQueue, host: string, port: number): number {
    if (queue.address) return this.#fail("EINVAL");
    if (!isLoopbackHost(host)) return this.#fail("EADDRNOTAVAIL", ONLY_LOOPBACK);
    const isBound = queue.bind({ address: addressOf(host, port), ...bindOptions(entry) });
    return isBound ? 0 : this.#fail("EADDRINUSE");
  }

  /** `connect(2)` of a datagram socket never waits: it chooses the peer. */
  connect(entry: SocketEntry, queue: DatagramQueue, host: string, port: number): number {
    if (!isLoopbackHost(host)) return this.#fail("ENETUNREACH", NO_DATAGRAMS);
    const bound = this.#bound(entry, queue);
    if (bound !== 0) return bound;
    queue.peer = destinationOf(host, port);
    entry.peerAddress = addressOf(host, port);
    entry.isWriteShut = entry.isReadShut = false;
    return 0;
  }

  /** `sendto(2)`: the length of the message. @param to undefined for the peer */
  send(entry: SocketEntry, queue: DatagramQueue, bytes: Uint8Array, to: Address | undefined): number {
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, true);
    const destination = to ?? queue.peer;
    if (!destination) return this.#fail("EDESTADDRREQ");
    if (entry.isWriteShut) return this.#fail("EPIPE");
    if (!isLoopbackHost(destination.host)) return this.#fail("ENETUNREACH", NO_DATAGRAMS);
    if (destination.port === 0) return this.#fail("EINVAL");
    const bound = this.#bound(entry, queue);
    if (bound !== 0) return bound;
    const outcome = queue.send(destination, bytes);
    if (outcome === "too-long") return this.#fail("EMSGSIZE");
    // As ICMP would tell: only who is connected learns of it, and at the next call.
    if (!outcome && !to && queue.peer) queue.refused();
    return bytes.length;
  }

  /** `recvfrom(2)`: the message's first bytes; the rest of it is lost. {@link DatagramSockets.last} tells the sender. */
  receive(entry: SocketEntry, queue: DatagramQueue, maxLength: number, isPeek: boolean): Uint8Array | number {
    const error = entry.takeError();
    if (error) return this.#failures.noteError(error, true);
    const message = queue.next(isPeek);
    this.#last = undefined;
    if (!message) return entry.isReadShut ? 0 : WOULD_BLOCK;
    this.#last = { from: message.from, isCut: message.bytes.length > maxLength };
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

  /** A socket that was not bound is so at its first message or `connect`. */
  #bound(entry: SocketEntry, queue: DatagramQueue): number {
    if (queue.address) return 0;
    const address = unspecifiedAddress(entry.family === AF_INET6 ? 6 : 4);
    return queue.bind({ address, ...bindOptions(entry) }) ? 0 : this.#fail("EADDRINUSE");
  }

  #fail(code: FailureCode, message?: string): typeof FAILED {
    return this.#failures.note(code, message);
  }
}

const NO_DATAGRAMS =
  "Network is unreachable: here datagrams (UDP) go between sockets of the same Python only; the way to the network carries TCP";
