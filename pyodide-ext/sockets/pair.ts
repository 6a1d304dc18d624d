/** Two streams that are each other's far end, in memory: what `socketpair(2)` gives. */
import { BufferedStream } from "../../transports/buffered-stream.ts";
import type { Address } from "../../transports/stream.ts";
import { TransportError } from "../../transports/stream.ts";

/** Bytes that wait for the other end to read. At this `write` answers 0. */
export const PAIR_BUFFER_SIZE: number = 256 * 1024;

/** Makes two connected streams. What one writes the other reads; both have half-close. */
export function createStreamPair(first: Address, second: Address): [PairedStream, PairedStream] {
  const one = new PairedStream(first, second);
  const other = new PairedStream(second, first);
  one.connectTo(other);
  other.connectTo(one);
  return [one, other];
}

/** One end of a pair. */
export class PairedStream extends BufferedStream {
  override readonly localAddress: Address;
  override readonly remoteAddress: Address;
  #peer: PairedStream | undefined;
  #hasShutDown = false;

  constructor(localAddress: Address, remoteAddress: Address) {
    super();
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  /** Joins the two ends; called once on each. */
  connectTo(peer: PairedStream): void {
    this.#peer = peer;
    this.opened();
  }

  override shutdownWrite(): void {
    if (this.#hasShutDown || this.state !== "open") return;
    this.#hasShutDown = true;
    this.#peer?.ended();
    this.changed();
  }

  protected override canAccept(): boolean {
    const peer = this.#peer;
    return this.#hasShutDown || !peer || peer.isReleased || peer.readableLength < PAIR_BUFFER_SIZE;
  }

  protected override send(bytes: Uint8Array): number {
    const peer = this.#peer;
    if (this.#hasShutDown || !peer || peer.isReleased) {
      throw new TransportError("EPIPE", "The other end of the socket pair does not read any more.");
    }
    const accepted = Math.min(bytes.length, PAIR_BUFFER_SIZE - peer.readableLength);
    if (accepted <= 0) return 0;
    peer.receive(bytes.slice(0, accepted));
    return accepted;
  }

  protected override finish(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.ended();
    // Who waits for room to write must learn that nobody reads any more.
    peer?.changed();
  }

  protected override reset(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.failed(new TransportError("ECONNRESET", "The other end of the socket pair was reset."));
  }

  protected override consumed(): void {
    this.#peer?.changed();
  }
}
