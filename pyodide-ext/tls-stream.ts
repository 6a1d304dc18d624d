/**
 * The pump between OpenSSL and a socket's stream: what the kernel and `BIO_s_socket` are for a native connection. TLS
 * records go from the one to the other here, and never through Python.
 *
 * What OpenSSL has not asked for stays in the stream. What is held here is bounded: ciphertext that the stream has not
 * accepted, at most what one write made (256 KB of plaintext and the overhead of its records). The stream's own buffers
 * have their transport's bounds.
 */
import type { CiphertextSource, IoResult, SslConnection, SslFailure } from "../shim/ssl/index.ts";
import type { ByteStream } from "../transports/stream.ts";
import { Failures } from "./sockets/failure.ts";
import type { SocketEntry } from "./sockets/index.ts";

/** Who is told how it goes. */
export interface TlsStreamObserver {
  /** The handshake has ended well. */
  handshaken(stream: TlsStream): void;
  /** An operation has failed. */
  failed(stream: TlsStream, failure: SslFailure): void;
  /** Nothing more can be done now: a good time to look at the counts. */
  paused(stream: TlsStream): void;
  /** The connection was freed, or its socket closed. */
  closed(stream: TlsStream): void;
}

/** One connection over a socket. Operations answer as those of {@link SslConnection}; a want is the socket's. */
export class TlsStream implements Disposable {
  readonly connection: SslConnection;
  readonly entry: SocketEntry;
  /** Ciphertext bytes so far. */
  bytesIn = 0;
  bytesOut = 0;
  readonly #isSystemTransport: boolean;
  readonly #observer: TlsStreamObserver | undefined;
  readonly #unsubscribeEntry: () => void;
  /** Plaintext bytes of a write whose records the stream has not accepted in full: the write is repeated until it has. */
  #unfinishedWrite: number | undefined;
  #unsubscribeFlush: (() => void) | undefined;
  #isHandshaken = false;
  #isClosed = false;

  /** @param wrap makes the connection, which takes what it reads from the source it is given */
  constructor(
    wrap: (source: CiphertextSource) => SslConnection,
    entry: SocketEntry,
    options: { readonly isSystemTransport: boolean; readonly observer: TlsStreamObserver | undefined },
  ) {
    this.entry = entry;
    this.connection = wrap(this.#source());
    const { connection } = this;
    this.#isSystemTransport = options.isSystemTransport;
    this.#observer = options.observer;
    entry.hasHeldBytes = () => !this.#isClosed && connection.hasPostponed;
    this.#unsubscribeEntry = entry.subscribe(() => {
      if (entry.isReleased) this.#close();
    });
  }

  /** @cpython `_ssl__SSLSocket_do_handshake_impl` */
  doHandshake(): IoResult<undefined> {
    // A client's last words are followed by its first request.
    const isLast = (outcome: unknown): boolean => outcome === undefined && !this.connection.serverSide;
    const result = this.#drive(() => this.connection.doHandshake(), isLast);
    if (result === undefined && !this.#isHandshaken) {
      this.#isHandshaken = true;
      this.#observer?.handshaken(this);
    }
    return result;
  }

  /** At most `maxLength` bytes of plaintext, to be copied on at once; empty at the end. @cpython `_ssl__SSLSocket_read_impl` */
  read(maxLength: number): IoResult<Uint8Array> {
    return this.#drive(() => this.connection.readLent(maxLength));
  }

  /**
   * Encrypts and sends `data`. As with OpenSSL, a write that answered a want is repeated with the same data; it answers
   * the number of bytes when the stream has accepted their records. @cpython `_ssl__SSLSocket_write_impl`
   */
  write(data: Uint8Array): IoResult<number> {
    const failure = this.#flush();
    if (failure !== undefined) return this.#failed(failure);
    if (this.connection.outgoingLength > 0) return this.#paused("want-write");
    const result = this.#unfinishedWrite ?? this.#drive(() => this.connection.write(data));
    this.#unfinishedWrite = undefined;
    if (typeof result !== "number") return result;
    const sendFailure = this.#flush();
    if (sendFailure !== undefined) return this.#failed(sendFailure);
    if (this.connection.outgoingLength === 0) return result;
    this.#unfinishedWrite = result;
    return this.#paused("want-write");
  }

  /** @cpython `_ssl__SSLSocket_shutdown_impl` */
  shutdown(): IoResult<undefined> {
    return this.#drive(() => this.connection.shutdown());
  }

  /** Frees the connection. */
  [Symbol.dispose](): void {
    this.#close();
    this.connection[Symbol.dispose]();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribeFlush?.();
    this.#unsubscribeEntry();
    this.entry.hasHeldBytes = undefined;
    this.#observer?.closed(this);
  }

  /** What the connection reads: as from a socket, no byte is taken before OpenSSL asks for it. */
  #source(): CiphertextSource {
    const { entry } = this;
    const receive = (target: Uint8Array): number => {
      const { stream } = entry;
      if (entry.isReleased || !stream) return -1;
      if (stream.readableLength === 0) {
        if (stream.state === "connecting" || entry.pendingError) return -1;
        return entry.isReadShut || stream.isReadable ? 0 : -1;
      }
      let count = 0;
      while (count < target.length && stream.readableLength > 0) {
        const bytes = stream.read(target.length - count);
        if (typeof bytes === "string") break;
        target.set(bytes, count);
        count += bytes.length;
      }
      this.bytesIn += count;
      return count;
    };
    return {
      get readableLength() {
        return entry.isReleased ? 0 : (entry.stream?.readableLength ?? 0);
      },
      receive,
    };
  }

  /** Does `step`, again if the stream got bytes for it meanwhile, and sends what it makes. */
  #drive<T extends number | Uint8Array | undefined>(
    step: () => IoResult<T>,
    isFollowed: (result: unknown) => boolean = () => false,
  ): IoResult<T> {
    for (;;) {
      const result = step();
      // A failure to send matters less than what there is to read: the peer may have said why it went.
      const sendFailure = this.#flush(isFollowed(result));
      if (result === "want-write") return this.#paused(result);
      if (isFailure(result)) {
        // That an alert could not be sent is the last error in the queue natively, and the one raised. Not in the
        // handshake, where a buffer lies between, and nobody looks at how its emptying ends.
        return this.#failed((this.#isHandshaken ? sendFailure : undefined) ?? result);
      }
      if (typeof result === "number" && sendFailure !== undefined) return this.#failed(sendFailure);
      if (result !== "want-read") return result;
      if (sendFailure !== undefined && !this.entry.stream?.readableLength) return this.#failed(sendFailure);
      const failure = this.#readFailure();
      if (failure !== undefined) return this.#failed(failure);
      // A callback may have let bytes arrive, or the end, after OpenSSL had found none.
      const { stream } = this.entry;
      const hasMore = stream && stream.state !== "connecting" && (stream.isReadable || this.entry.isReadShut);
      if (!hasMore) return this.#paused(result);
    }
  }

  /** Why there is nothing to read, where that is no reason to wait: natively the errno of `read(2)`. */
  #readFailure(): SslFailure | undefined {
    const { entry } = this;
    const { stream } = entry;
    if (entry.isReleased) return this.#systemFailure("EBADF");
    if (!stream) return this.#systemFailure("ENOTCONN");
    const error = stream.readableLength === 0 ? entry.takeError() : undefined;
    return error && this.#streamFailure(error);
  }

  /**
   * Sends what waits to be sent, as far as the stream accepts it; the rest follows when it does. Not the rest of a program's
   * write: as natively, that waits until the write is repeated, so that the peer reads nothing the program has not counted.
   */
  #flush(hasMore = false): SslFailure | undefined {
    const { entry, connection } = this;
    if (connection.outgoingLength === 0) return undefined;
    const stream = entry.stream;
    if (entry.isReleased) return this.#systemFailure("EBADF");
    if (!stream || entry.isWriteShut) return this.#systemFailure("EPIPE");
    if (stream.state !== "connecting") {
      const error = stream.readableLength === 0 ? entry.takeError() : undefined;
      if (error) return this.#streamFailure(error);
      try {
        const isDrained = connection.drainOutgoing((bytes) => {
          const count = stream.write(bytes, hasMore);
          this.bytesOut += count;
          return count;
        });
        if (isDrained) return undefined;
      } catch (thrown) {
        // As in tcp_sendmsg(): a reset is told once, and who writes afterwards is told that nobody reads.
        if (stream.error && entry.isErrorReported) return this.#systemFailure("EPIPE");
        if (stream.error && stream.readableLength === 0) entry.isErrorReported = true;
        return this.#streamFailure(thrown);
      }
    }
    this.#flushLater(stream);
    return undefined;
  }

  #flushLater(stream: ByteStream): void {
    this.#unsubscribeFlush ??= stream.subscribe(() => {
      if (!stream.isWritable || this.#isClosed || this.#unfinishedWrite !== undefined) return;
      // A failure stays the stream's, and the next operation reports it.
      this.#flush();
      if (this.connection.outgoingLength > 0 && !stream.error && stream.state !== "closed") return;
      this.#unsubscribeFlush?.();
      this.#unsubscribeFlush = undefined;
    });
  }

  #systemFailure(errno: string): SslFailure {
    return { kind: "OSError", code: null, message: "", errno };
  }

  #streamFailure(error: unknown): SslFailure {
    const failures = new Failures();
    failures.noteError(error, this.#isSystemTransport);
    const { code, message } = JSON.parse(failures.take()) as { code: string; message: string };
    return { kind: "OSError", code: null, message, errno: code };
  }

  #failed(failure: SslFailure): SslFailure {
    this.#observer?.failed(this, failure);
    return failure;
  }

  #paused<T>(want: T): T {
    this.#observer?.paused(this);
    return want;
  }
}

function isFailure(result: unknown): result is SslFailure {
  return typeof result === "object" && result !== null && !(result instanceof Uint8Array);
}
