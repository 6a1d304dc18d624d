import { Owned, type Ptr } from "../openssl/index.ts";
import type { SslEngine } from "./engine.ts";
import { SslError } from "./failure.ts";
import { libraryFailure } from "./library-failure.ts";

/**
 * A growing buffer between a program and an `SSL` object.
 * @cpython _ssl.MemoryBIO
 */
export class MemoryBio implements Disposable {
  readonly #engine: SslEngine;
  readonly #bio: Owned<"BIO">;
  #isEofWritten = false;

  /** Use {@link SslEngine.newMemoryBio}. */
  constructor(engine: SslEngine) {
    const { openssl } = engine;
    const bio = openssl.fn.BIO_new(openssl.fn.BIO_s_mem());
    if (bio === 0) throw SslError.of("MemoryError", "failed to allocate BIO");
    this.#engine = engine;
    this.#bio = new Owned(bio, openssl.fn.BIO_free);
    // An empty BIO means "no data yet": reading answers -1 with the retry flag, until EOF is written.
    openssl.fn.BIO_set_retry_read(bio);
    openssl.fn.BIO_set_mem_eof_return(bio, -1);
    engine.live.bios++;
  }

  /**
   * The BIO with one more reference, for `SSL_set_bio`, which takes it over.
   * @internal
   */
  retain(): Ptr<"BIO"> {
    const bio = this.#bio.ptr;
    this.#engine.openssl.fn.BIO_up_ref(bio);
    return bio;
  }

  /** Number of bytes to read. @cpython _ssl.MemoryBIO.pending */
  get pending(): number {
    return this.#engine.openssl.fn.BIO_ctrl_pending(this.#bio.ptr);
  }

  /** EOF was written and every byte read. @cpython _ssl.MemoryBIO.eof */
  get eof(): boolean {
    return this.#isEofWritten && this.pending === 0;
  }

  /** Takes up to `size` bytes, all for a negative size. Empty: no data, or EOF. @cpython _ssl.MemoryBIO.read */
  read(size = -1): Uint8Array<ArrayBuffer> {
    const available = this.pending;
    const length = size < 0 || size > available ? available : size;
    if (length === 0) return new Uint8Array(0);
    const { openssl } = this.#engine;
    using scope = openssl.memory.scope();
    const buffer = scope.alloc(length);
    const count = openssl.fn.BIO_read(this.#bio.ptr, buffer, length);
    if (count < 0) throw libraryFailure(openssl, "memoryBio");
    return openssl.memory.copyOut(buffer, count);
  }

  /** Appends bytes; answers how many: all. @cpython _ssl.MemoryBIO.write */
  write(bytes: Uint8Array): number {
    if (this.#isEofWritten) throw SslError.of("SSLError", "cannot write() after write_eof()");
    const { openssl } = this.#engine;
    using scope = openssl.memory.scope();
    const count = openssl.fn.BIO_write(this.#bio.ptr, scope.copyIn(bytes), bytes.length);
    if (count < 0) throw libraryFailure(openssl, "memoryBio");
    return count;
  }

  /**
   * Offers the bytes to `sink` without a copy, until it takes fewer than offered or all are gone.
   * @param sink answers how many bytes it took; the array is OpenSSL's memory, valid during the call only
   * @returns whether the BIO is empty
   */
  drain(sink: (bytes: Uint8Array) => number): boolean {
    const { fn, memory } = this.#engine.openssl;
    const bio = this.#bio.ptr;
    for (let length = this.pending; length > 0; length = this.pending) {
      using scope = memory.scope();
      const data = scope.word<"char*">();
      fn.BIO_get_mem_data(bio, data);
      const taken = memory.lend(memory.readPtr<"char">(data), length, sink);
      this.#discard(taken);
      if (taken < length) return false;
    }
    return true;
  }

  #discard(length: number): void {
    const { fn } = this.#engine.openssl;
    this.#engine.withBuffer((buffer, size) => {
      for (let left = length; left > 0; ) left -= fn.BIO_read(this.#bio.ptr, buffer, Math.min(left, size));
    });
  }

  /** Marks the end: once the bytes are read, OpenSSL sees EOF. @cpython _ssl.MemoryBIO.write_eof */
  writeEof(): void {
    const { openssl } = this.#engine;
    this.#isEofWritten = true;
    openssl.fn.BIO_clear_retry_flags(this.#bio.ptr);
    openssl.fn.BIO_set_mem_eof_return(this.#bio.ptr, 0);
  }

  /** Lets go of the BIO; a connection that uses it keeps OpenSSL's side alive. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#bio.isAlive) return;
    this.#engine.live.bios--;
    this.#bio[Symbol.dispose]();
  }
}
