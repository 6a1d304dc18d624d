/**
 * The pump between OpenSSL and a socket's stream: what the kernel and `BIO_s_socket` are for a native connection. TLS
 * records go from the one to the other here, and never through Python.
 *
 * What it holds is bounded: ciphertext that was taken off the stream and OpenSSL has not consumed, at most
 * {@link CHUNK_SIZE}; ciphertext that the stream has not accepted, at most what one write made (256 KB of plaintext and
 * the overhead of its records). The stream's own buffers have their transport's bounds.
 */
import type { IoResult, SslConnection, SslFailure } from "../shim/ssl/index.ts";
import type { ByteStream } from "../transports/stream.ts";
import { Failures } from "./sockets/failure.ts";
import type { SocketEntry } from "./sockets/index.ts";

/** Ciphertext taken off the stream at a time: four records. */
export const CHUNK_SIZE: number = 64 * 1024;

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

  constructor(
    connection: SslConnection,
    entry: SocketEntry,
    options: { readonly isSystemTransport: boolean; readonly observer: TlsStreamObserver | undefined },
  ) {
    this.connection = connection;
    this.entry = entry;
    this.#isSystemTransport = options.isSystemTransport;
    this.#observer = options.observer;
    entry.hasHeldBytes = () => !this.#isClosed && connection.incomingLength > 0;
    this.#unsubscribeEntry = entry.subscribe(() => {
      if (entry.isReleased) this.#close();
    });
  }

  /** @cpython `_ssl__SSLSocket_do_handshake_impl` */
  doHandshake(): IoResult<undefined> {
    const result = this.#drive(() => this.connection.doHandshake());
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
    const result = this.#drive(() => this.connection.shutdown());
    if (result === undefined) this.#giveBack();
    return result;
  }

  /** Frees the connection. What it had taken off the stream and not read goes back: it may be plain text to come. */
  [Symbol.dispose](): void {
    if (!this.#isClosed) this.#giveBack();
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

  /** Repeats `step` for as long as the stream has bytes for it, and sends what it makes. */
  #drive<T extends number | Uint8Array | undefined>(step: () => IoResult<T>): IoResult<T> {
    for (;;) {
      const result = step();
      // A failure to send matters less than what there is to read: the peer may have said why it went.
      const sendFailure = this.#flush();
      if (result === "want-write") return this.#paused(result);
      if (isFailure(result)) {
        // That an alert could not be sent is the last error in the queue natively, and the one raised. Not in the
        // handshake, where a buffer lies between, and nobody looks at how its emptying ends.
        return this.#failed((this.#isHandshaken ? sendFailure : undefined) ?? result);
      }
      if (typeof result === "number" && sendFailure !== undefined) return this.#failed(sendFailure);
      if (result !== "want-read") return result;
      if (sendFailure !== undefined && !this.entry.stream?.readableLength) return this.#failed(sendFailure);
      const filled = this.#fill();
      if (filled === "would-block") return this.#paused(result);
      if (filled !== "filled") return this.#failed(filled);
    }
  }

  /** Takes ciphertext off the stream, or its end. */
  #fill(): "filled" | "would-block" | SslFailure {
    const { entry } = this;
    const stream = entry.stream;
    if (entry.isReleased) return this.#systemFailure("EBADF");
    if (!stream) return this.#systemFailure("ENOTCONN");
    if (stream.readableLength === 0) {
      if (stream.state === "connecting") return "would-block";
      const error = entry.takeError();
      if (error) return this.#streamFailure(error);
      if (!entry.isReadShut && !stream.isReadable) return "would-block";
      this.connection.receiveEof();
      return "filled";
    }
    const bytes = stream.read(CHUNK_SIZE);
    if (bytes === "would-block") return bytes;
    if (bytes === "eof") this.connection.receiveEof();
    else {
      this.bytesIn += bytes.length;
      this.connection.receive(bytes);
    }
    return "filled";
  }

  /** Sends what waits to be sent, as far as the stream accepts it; the rest follows when it does. */
  #flush(): SslFailure | undefined {
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
          const count = stream.write(bytes);
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
      if (!stream.isWritable || this.#isClosed) return;
      // A failure stays the stream's, and the next operation reports it.
      this.#flush();
      if (this.connection.outgoingLength > 0 && !stream.error && stream.state !== "closed") return;
      this.#unsubscribeFlush?.();
      this.#unsubscribeFlush = undefined;
    });
  }

  #giveBack(): void {
    const { stream } = this.entry;
    if (this.connection.incomingLength === 0 || !stream || stream.state === "closed") return;
    const bytes = this.connection.takeIncoming();
    this.bytesIn -= bytes.length;
    stream.unread(bytes);
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
