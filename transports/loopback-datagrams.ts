/** Datagram sockets inside the interpreter: messages with their boundaries and their senders, UDP's losses when a queue is full. */
import {
  type Binding,
  type BindRequest,
  destinationOf,
  isWildcardHost,
  PortTable,
} from "./loopback-ports.ts";
import type { Address, Datagram, DatagramMarks } from "./stream.ts";

/** The most that one datagram carries: UDP over IPv4, and over IPv6. */
const MAX_LENGTH_IPV4 = 65507;
const MAX_LENGTH_IPV6 = 65527;
/** Linux's `net.core.rmem_default`: what waits unread for each socket. */
const RECEIVE_BUFFER_SIZE = 212_992;
/** What the kernel counts for each message besides its bytes. */
const MESSAGE_OVERHEAD = 768;

/** The sockets of one interpreter that datagrams reach. */
export type DatagramPorts = PortTable<DatagramQueue>;

export function createDatagramPorts(): DatagramPorts {
  return new PortTable<DatagramQueue>({ sharesOwned: true });
}

/** What one socket has received, and where it is bound. */
export class DatagramQueue {
  readonly #ports: DatagramPorts;
  readonly #onChange: () => void;
  #binding: Binding<DatagramQueue> | undefined;
  #received: Datagram[] = [];
  #size = 0;
  /** The only sender to hear of, and the destination of what names none: `connect(2)`. */
  peer: Address | undefined = undefined;
  /** A message to `peer` found nobody there: told once. */
  isRefused = false;
  /** `SO_RCVBUF` in bytes. */
  receiveBufferSize: number = RECEIVE_BUFFER_SIZE;

  /** @param onChange called when something arrived */
  constructor(ports: DatagramPorts, onChange: () => void) {
    this.#ports = ports;
    this.#onChange = onChange;
  }

  /** Where it is bound. Once connected, a wildcard has become the address that the peer sees. */
  get address(): Address | undefined {
    const address = this.#binding?.address;
    if (!address || !this.peer || !isWildcardHost(address.host)) return address;
    return { family: this.peer.family, host: this.peer.host, port: address.port };
  }

  get isReadable(): boolean {
    return this.#received.length > 0 || this.isRefused;
  }

  /** Answers false when the address is in use. */
  bind(request: BindRequest): boolean {
    this.#binding = this.#ports.bind(request);
    if (this.#binding) this.#binding.owner = this;
    return this.#binding !== undefined;
  }

  /**
   * Sends to whom the interpreter has at an address.
   * @returns whether there was someone; `"too-long"` when no datagram can carry that many bytes
   */
  send(to: Address, bytes: Uint8Array, marks: DatagramMarks): boolean | "too-long" {
    const destination = destinationOf(to.host, to.port);
    if (bytes.length > (destination.family === 6 ? MAX_LENGTH_IPV6 : MAX_LENGTH_IPV4)) return "too-long";
    const own = this.#binding?.address;
    if (!own) return false;
    const from = isWildcardHost(own.host) ? { ...destination, port: own.port } : own;
    const receiver = this.#ports
      .matches(destination)
      .map((binding) => binding.owner)
      .find((owner) => owner?.hears(from));
    if (!receiver) return false;
    receiver.receive({ from, bytes: bytes.slice(), marks });
    return true;
  }

  /** Whether a message from that sender is for this socket. */
  hears(from: Address): boolean {
    return !this.peer || (this.peer.host === from.host && this.peer.port === from.port);
  }

  /** A message has come. Dropped when the queue is full. */
  receive(datagram: Datagram): void {
    const size = datagram.bytes.length + MESSAGE_OVERHEAD;
    if (this.#size > 0 && this.#size + size > this.receiveBufferSize) return;
    this.#received.push(datagram);
    this.#size += size;
    this.#onChange();
  }

  /** Nobody is at the peer's address. */
  refused(): void {
    this.isRefused = true;
    this.#onChange();
  }

  /** The next message, which stays when only peeked at. */
  next(isPeek: boolean): Datagram | undefined {
    if (isPeek) return this.#received[0];
    const datagram = this.#received.shift();
    if (datagram) this.#size -= datagram.bytes.length + MESSAGE_OVERHEAD;
    return datagram;
  }

  close(): void {
    if (this.#binding) this.#ports.release(this.#binding);
    this.#binding = undefined;
    this.#received = [];
    this.#size = 0;
  }
}
