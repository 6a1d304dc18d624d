/** A listening socket's queue: connections from inside the interpreter, and those that its host brings. */
import { LoopbackStream } from "./loopback-stream.ts";
import type { Address, Arrival, ByteStream, Listener, TransportError } from "./stream.ts";

/**
 * A host that takes connections off its kernel's queue by itself would reset what a program with a small backlog does not accept
 * at once: at least this many from outside wait.
 */
const MIN_ARRIVALS = 128;

/** The queue of one listening socket. */
export class LoopbackListener implements Listener {
  readonly address: Address;
  error: TransportError | undefined = undefined;
  #backlog = 0;
  #queue: Arrival[] = [];
  /** Clients for whom the queue has no room: their SYN is repeated, so to say, until there is. */
  #waiting: { readonly client: LoopbackStream; readonly remoteAddress: Address }[] = [];
  #isClosed = false;
  readonly #listeners = new Set<() => void>();

  constructor(address: Address, backlog: number) {
    this.address = address;
    this.setBacklog(backlog);
  }

  /** `listen(2)` again changes the backlog. As on Linux one more than it says may wait. */
  setBacklog(backlog: number): void {
    this.#backlog = Math.min(Math.max(backlog, 0), 4096);
    this.#admit();
  }

  get isReadable(): boolean {
    return this.#queue.length > 0 || this.error !== undefined;
  }

  accept(): ByteStream | "would-block" {
    const arrival = this.#queue.shift();
    if (arrival) {
      const stream = arrival.accept();
      this.#admit();
      return stream;
    }
    if (this.error !== undefined) throw this.error;
    return "would-block";
  }

  /**
   * A connection from inside. The client's end is open when there is room in the queue, and connecting otherwise.
   * @param from the client's address
   * @param to the address that it connects to
   */
  connect(from: Address, to: Address): LoopbackStream {
    const client = new LoopbackStream({ localAddress: from, remoteAddress: to });
    this.#waiting.push({ client, remoteAddress: from });
    this.#admit();
    return client;
  }

  /** A connection that the host brings; false when there is no room for it. */
  offer(arrival: Arrival): boolean {
    if (this.#isClosed || this.#queue.length > Math.max(this.#backlog, MIN_ARRIVALS)) return false;
    this.#queue.push(arrival);
    this.#changed();
    return true;
  }

  /** The host can't accept any more. */
  fail(error: TransportError): void {
    this.error = error;
    this.#changed();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const arrival of this.#queue.splice(0)) arrival.reset();
    for (const { client } of this.#waiting.splice(0)) client.refuse("The listening socket was closed.");
    this.#changed();
  }

  subscribe(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  #admit(): void {
    let hasNew = false;
    while (this.#queue.length <= this.#backlog) {
      const next = this.#waiting.shift();
      if (!next) break;
      // Given up meanwhile.
      if (next.client.state !== "connecting") continue;
      const server = new LoopbackStream({
        localAddress: next.client.remoteAddress,
        remoteAddress: next.remoteAddress,
      });
      this.#queue.push({ accept: () => server, reset: () => server.abort() });
      server.connectTo(next.client);
      hasNew = true;
    }
    if (hasNew) this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) {
      if (this.#listeners.has(listener)) listener();
    }
  }
}
