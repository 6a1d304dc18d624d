import { ByteQueue } from "./byte-queue.ts";
import type { Address, ByteStream, NoBytes, TransportErrorCode } from "./stream.ts";
import { TransportError } from "./stream.ts";

/**
 * The half of a {@link ByteStream} that every transport needs alike: the life cycle, the receive buffer, and telling
 * subscribers. A transport derives from it, feeds it by the protected methods, and adds the sending half.
 */
export abstract class BufferedStream implements ByteStream {
  #state: "connecting" | "open" | "closed" = "connecting";
  #error: TransportError | undefined;
  #received = new ByteQueue();
  #receivedTotal = 0;
  #hasEnded = false;
  #isReleased = false;
  #listeners = new Set<() => void>();

  abstract readonly localAddress: Address | undefined;
  abstract readonly remoteAddress: Address | undefined;

  get state(): "connecting" | "open" | "closed" {
    return this.#state;
  }

  get error(): TransportError | undefined {
    return this.#error;
  }

  get readableLength(): number {
    return this.#received.length;
  }

  get isReadable(): boolean {
    return this.#received.length > 0 || this.#hasEnded || this.#state === "closed";
  }

  get isWritable(): boolean {
    return this.#state === "closed" || (this.#state === "open" && this.canAccept());
  }

  read(maxLength: number): Uint8Array | NoBytes {
    if (this.#isReleased) throw released();
    if (this.#received.length > 0) {
      const bytes = this.#received.take(maxLength);
      this.consumed();
      return bytes;
    }
    if (this.#error !== undefined) throw this.#error;
    return this.#hasEnded || this.#state === "closed" ? "eof" : "would-block";
  }

  unread(bytes: Uint8Array): void {
    if (this.#isReleased) throw released();
    this.#received.unshift(bytes);
  }

  write(bytes: Uint8Array, hasMore = false): number {
    if (this.#isReleased) throw released();
    if (this.#error !== undefined) throw this.#error;
    if (this.#state === "connecting") {
      throw new TransportError("ENOTCONN", "The connection is not established yet.");
    }
    if (this.#state === "closed") throw new TransportError("EPIPE", "The connection has ended.");
    return bytes.length === 0 ? 0 : this.send(bytes, hasMore);
  }

  close(): void {
    if (this.#isReleased) return;
    const wasLive = this.#state !== "closed";
    const unreadLength = this.#received.length;
    this.#release();
    if (wasLive) this.finish(unreadLength);
    this.changed();
  }

  abort(): void {
    const wasLive = this.#state !== "closed";
    if (wasLive) this.#release();
    // Also after close(): what close() left to be sent is cut off.
    this.reset();
    if (wasLive) this.changed();
  }

  subscribe(listener: () => void): () => void {
    // A wrapper of its own for each subscription, so that one function subscribed twice is told twice.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  abstract shutdownWrite(): void;

  /** Whether `send` would take at least one byte, or throw. */
  protected abstract canAccept(): boolean;
  /** Takes some of `bytes` (never empty) and answers how many; the stream is open. */
  protected abstract send(bytes: Uint8Array, hasMore: boolean): number;
  /** Lets go after what is queued has been sent. Called at most once. @param unreadLength received bytes that nobody read */
  protected abstract finish(unreadLength: number): void;
  /** Ends the connection at once. May be called at any time, and again. */
  protected abstract reset(): void;
  /** Called after bytes were read: the place to ask the far end for more. */
  protected abstract consumed(): void;

  /** Whether `close` or `abort` was called: nothing received from now on is of interest. */
  protected get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Whether the peer ended its sending side. */
  protected get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes that arrived and were read, over the stream's whole life. Peeked bytes that were put back don't count. */
  protected get consumedTotal(): number {
    return this.#receivedTotal - this.#received.length;
  }

  /** The connection is established. */
  protected opened(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.changed();
  }

  /**
   * Bytes arrived. Takes ownership of `chunk`.
   * @param isToldLater the caller tells the subscribers, when more has arrived
   */
  protected receive(chunk: Uint8Array, isToldLater = false): void {
    if (this.#isReleased || this.#hasEnded) return;
    this.#receivedTotal += chunk.length;
    this.#received.push(chunk);
    if (!isToldLater) this.changed();
  }

  /** The peer will send no more. */
  protected ended(): void {
    if (this.#isReleased || this.#hasEnded) return;
    this.#hasEnded = true;
    this.changed();
  }

  /** Both directions are over, without a failure. */
  protected closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.changed();
  }

  /** The connection failed, or could not be made. Only the first failure counts. */
  protected failed(error: TransportError): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#error = error;
    this.changed();
  }

  /** Tells the subscribers. A listener may unsubscribe itself or others, read, write or close. */
  protected changed(): void {
    for (const listener of [...this.#listeners]) {
      if (this.#listeners.has(listener)) listener();
    }
  }

  #release(): void {
    this.#isReleased = true;
    this.#state = "closed";
    this.#received.clear();
  }
}

/** A stream that failed before it began; for arguments that no connection can be tried with. */
export class FailedStream extends BufferedStream {
  readonly localAddress: undefined;
  readonly remoteAddress: undefined;

  constructor(code: TransportErrorCode, message: string) {
    super();
    this.failed(new TransportError(code, message));
  }

  override shutdownWrite(): void {}
  protected override canAccept(): boolean {
    return false;
  }
  protected override send(): number {
    return 0;
  }
  protected override finish(): void {}
  protected override reset(): void {}
  protected override consumed(): void {}
}

function released(): TransportError {
  return new TransportError("EBADF", "The connection was closed here.");
}
