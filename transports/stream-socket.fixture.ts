/** For tests: one of our streams with the face of a socket of Node's, so that one suite's peers can be either. */
import { Duplex } from "node:stream";
import type { ByteStream } from "./stream.ts";

/** What tests ask of the socket of a peer: Node's own, or a {@link StreamSocket}. */
export type PeerSocket = Duplex & { resetAndDestroy(): unknown };

/** A stream as a `Duplex` with half-close. */
export class StreamSocket extends Duplex {
  readonly #stream: ByteStream;
  readonly #unsubscribe: () => void;
  #isWanted = false;
  #unsent: { bytes: Uint8Array; done: () => void } | undefined;

  constructor(stream: ByteStream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.#unsubscribe = stream.subscribe(() => this.#move());
  }

  resetAndDestroy(): void {
    this.#stream.abort();
    this.destroy();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#move();
  }

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.#unsent = { bytes: chunk, done };
    this.#move();
  }

  override _final(done: () => void): void {
    this.#stream.shutdownWrite();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#unsubscribe();
    this.#stream.close();
    done(error);
  }

  #move(): void {
    try {
      this.#send();
      this.#receive();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #send(): void {
    while (this.#unsent) {
      const { bytes, done } = this.#unsent;
      const count = this.#stream.write(bytes);
      if (count === 0) return;
      const rest = bytes.subarray(count);
      this.#unsent = rest.length > 0 ? { bytes: rest, done } : undefined;
      if (rest.length === 0) done();
    }
  }

  #receive(): void {
    // A failure is not read by one who reads nothing, but a socket of Node's tells it all the same.
    if (!this.#isWanted && this.#stream.error && this.#stream.readableLength === 0) throw this.#stream.error;
    while (this.#isWanted) {
      const bytes = this.#stream.read(65_536);
      if (bytes === "would-block") return;
      if (bytes === "eof") {
        this.#isWanted = false;
        this.push(null);
      } else this.#isWanted = this.push(bytes);
    }
  }
}
