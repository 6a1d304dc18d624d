/** Two streams that are each other's far end, in memory. */
import { BufferedStream } from "./buffered-stream.ts";
import type { Address } from "./stream.ts";
import { TransportError } from "./stream.ts";

/**
 * What each end may hold of what is on its way, when the program set no sizes: both ends' together are in use. About what
 * Linux's own tuning lets a connection to itself have; it is memory only while it is filled.
 */
export const LOOPBACK_BUFFER_SIZE: number = 1024 * 1024;

export interface LoopbackStreamOptions {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  /**
   * The pair is one of `socketpair(2)`, not of TCP: writing to an end that was closed fails at the first write, as nothing is on
   * the way in between.
   */
  readonly isPair?: boolean;
}

/** Makes two connected streams. What one writes the other reads; both have half-close. */
export function createStreamPair(first: Address, second: Address): [LoopbackStream, LoopbackStream] {
  const one = new LoopbackStream({ localAddress: first, remoteAddress: second, isPair: true });
  const other = new LoopbackStream({ localAddress: second, remoteAddress: first, isPair: true });
  one.connectTo(other);
  return [one, other];
}

/** One end of a connection inside the interpreter. Ends and resets follow Linux's `tcp_close` and `tcp_reset`. */
export class LoopbackStream extends BufferedStream {
  override readonly localAddress: Address;
  override readonly remoteAddress: Address;
  /** `SO_SNDBUF` and `SO_RCVBUF`, in bytes. */
  sendBufferSize: number = LOOPBACK_BUFFER_SIZE;
  receiveBufferSize: number = LOOPBACK_BUFFER_SIZE;
  readonly #isPair: boolean;
  #peer: LoopbackStream | undefined;
  #hasShutDown = false;

  constructor(options: LoopbackStreamOptions) {
    super();
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    this.#isPair = options.isPair ?? false;
  }

  /** Joins two ends that are not yet connected. Called on one of them. */
  connectTo(peer: LoopbackStream): void {
    this.#peer = peer;
    peer.#peer = this;
    peer.opened();
    this.opened();
  }

  /** The connection could not be made. */
  refuse(message: string): void {
    this.failed(new TransportError("ECONNREFUSED", message));
  }

  override shutdownWrite(): void {
    if (this.state === "connecting") {
      this.abort();
      return;
    }
    if (this.#hasShutDown || this.state !== "open") return;
    this.#hasShutDown = true;
    const peer = this.#peer;
    if (peer) peer.#peerEnded();
    if (this.hasEnded) this.closed();
    else this.changed();
  }

  protected override canAccept(): boolean {
    return this.#hasShutDown || this.#peer === undefined || this.#room() > 0;
  }

  protected override send(bytes: Uint8Array): number {
    if (this.#hasShutDown) throw new TransportError("EPIPE", "The sending side of the connection was ended.");
    const peer = this.#peer;
    if (peer === undefined) {
      if (this.#isPair) throw new TransportError("EPIPE", "The other end does not read any more.");
      // As with TCP the kernel takes these bytes; the answer is a reset, after the end that was read or is to be read.
      this.closed();
      return bytes.length;
    }
    const accepted = Math.min(bytes.length, this.#room());
    if (accepted <= 0) return 0;
    peer.receive(bytes.slice(0, accepted));
    return accepted;
  }

  protected override finish(unreadLength: number): void {
    // RFC 2525 section 2.17: who closes without having read everything says so with a reset.
    if (unreadLength > 0) this.reset();
    else {
      const peer = this.#leave();
      if (peer) peer.#peerClosed();
    }
  }

  protected override reset(): void {
    const peer = this.#leave();
    if (peer) peer.#peerReset();
  }

  protected override consumed(): void {
    this.#peer?.changed();
  }

  #leave(): LoopbackStream | undefined {
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer) peer.#peer = undefined;
    return peer;
  }

  #room(): number {
    const peer = this.#peer;
    return peer ? this.sendBufferSize + peer.receiveBufferSize - peer.readableLength : 0;
  }

  #peerEnded(): void {
    this.ended();
    if (this.#hasShutDown) this.closed();
  }

  #peerClosed(): void {
    this.#peerEnded();
    // Who waits for room to write must learn that nobody reads any more.
    this.changed();
  }

  /** After the peer's end a reset leaves the end to be read: Linux's CLOSE_WAIT, where only writes fail. */
  #peerReset(): void {
    if (this.hasEnded) this.closed();
    else this.failed(new TransportError("ECONNRESET", "The connection was reset by its other end."));
  }
}
