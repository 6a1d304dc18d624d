import { type AnyPtr, constants, InvariantError, NULL, Owned, type Ptr } from "../openssl/index.ts";
import type { Certificate } from "./certificate.ts";
import type { CertificateInfo } from "./certificate-decode.ts";
import type { CipherTuple } from "./ciphers.ts";
import { afterEofFailure, connectionFailure, type Want, wantFailure } from "./connection-failure.ts";
import * as info from "./connection-info.ts";
import type { SslContext } from "./context.ts";
import type { SslEngine } from "./engine.ts";
import { SslError, type SslFailure } from "./failure.ts";
import { configureHostname } from "./hostname.ts";
import { libraryFailure } from "./library-failure.ts";
import { MemoryBio } from "./memory-bio.ts";
import { SslSession } from "./session.ts";

/** What an I/O operation led to: its value, a want, or a failure record. It never throws. */
export type IoResult<T extends number | Uint8Array | undefined> = T | Want | SslFailure;

/** OpenSSL's default suites of TLS 1.3 (`TLS_DEFAULT_CIPHERSUITES`), reordered. */
const FASTEST_FIRST = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";

/** Where a connection takes its ciphertext, at the moment that OpenSSL asks for it. */
export interface CiphertextSource {
  /** Bytes at hand. */
  readonly readableLength: number;
  /**
   * Puts bytes into `target`, OpenSSL's own memory. How many; 0 at the end, -1 when there are none now. It does not throw,
   * and does nothing with this connection.
   */
  receive(target: Uint8Array): number;
}

/** How a connection is set up. */
export interface ConnectionOptions {
  /** What {@link SslContext.wrapSocket} reads from, in the place of what is handed to {@link SslConnection.receive}. */
  readonly source?: CiphertextSource;
  readonly serverSide: boolean;
  /** ASCII (A-label) name, or a numeric address. SNI is sent for names only. */
  readonly serverHostname?: string | null;
  readonly session?: SslSession | null;
}

/** The operations that CPython's texts tell apart. */
export type IoOperation = "doHandshake" | "read" | "write" | "shutdown";

/** Plaintext that one record can carry: reads give no more at once, writes are cut into it. */
export const MAX_PLAINTEXT = 16384;

/** What {@link SslConnection.readLent} gives at most: the records at hand, for who asks for more than one's plaintext. */
export const MAX_LENT: number = 16 * MAX_PLAINTEXT;

/**
 * One TLS connection: a state machine over memory, without I/O of its own.
 *
 * Plaintext goes through {@link read} and {@link write}; ciphertext through a {@link CiphertextSource} or {@link receive}
 * and {@link drainOutgoing}, or through the program's own BIOs. An operation that lacks bytes answers a want.
 * @cpython _ssl._SSLSocket
 */
export class SslConnection implements Disposable {
  readonly serverSide: boolean;
  /** Number by which the C glue knows the connection; never reused. */
  readonly id: number;
  readonly #engine: SslEngine;
  readonly #ssl: Owned<"SSL">;
  readonly #incoming: MemoryBio | CiphertextSource;
  readonly #outgoing: MemoryBio;
  readonly #ownsBios: boolean;
  #context: SslContext;
  #serverHostname: string | null = null;
  #hasSeenZero = false;
  #hasReportedEof = false;
  #depth = 0;
  #isDisposeDue = false;
  #callbackFailure: SslFailure | undefined;
  /** Where {@link readLent} reads to; none while the connection waits, so that waiting ones hold nothing. */
  #lent: Owned<"char"> | undefined;
  #lentSize = 0;
  /** How the read ended that {@link readLent} made after one with bytes: the next read tells it. 0 is close_notify. */
  #postponed: SslFailure | number | undefined;

  /** Use {@link SslContext.wrapSocket} or {@link SslContext.wrapBio}. @cpython `newPySSLSocket` of `_ssl.c` */
  constructor(
    engine: SslEngine,
    context: SslContext,
    bios: { incoming: MemoryBio | CiphertextSource; outgoing: MemoryBio; isOwner: boolean },
    options: ConnectionOptions,
  ) {
    const { openssl } = engine;
    const { fn } = openssl;
    this.#engine = engine;
    this.#context = context;
    this.serverSide = options.serverSide;
    this.#incoming = bios.incoming;
    this.#outgoing = bios.outgoing;
    this.#ownsBios = bios.isOwner;
    fn.ERR_clear_error();
    const ssl = fn.SSL_new(context.ptr);
    if (ssl === 0) {
      if (bios.isOwner) this.#disposeBios();
      throw libraryFailure(openssl, "newConnection");
    }
    this.#ssl = new Owned(ssl, fn.SSL_free);
    this.id = engine.registerConnection(this);
    try {
      fn.glue_SSL_set_id(ssl, this.id);
      this.#configure(ssl, options);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #configure(ssl: Ptr<"SSL">, options: ConnectionOptions): void {
    const { openssl } = this.#engine;
    const { fn } = openssl;
    if (options.serverSide) {
      // CPython's `SID_CTX` with its NUL: sessions can be resumed by servers of one program only.
      using scope = openssl.memory.scope();
      fn.SSL_set_session_id_context(ssl, scope.cString("Python"), 7);
    }
    fn.SSL_set_bio(ssl, this.#newReader(), this.#outgoing.retain());
    fn.SSL_set_mode(ssl, constants.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | constants.SSL_MODE_AUTO_RETRY);
    if (this.#context.postHandshakeAuth) this.#enablePostHandshakeAuth(ssl);
    const hostname = options.serverHostname;
    if (hostname !== undefined && hostname !== null) {
      configureHostname(openssl, ssl, hostname, this.#context.checkHostname);
      this.#serverHostname = hostname;
    }
    if (options.serverSide) fn.SSL_set_accept_state(ssl);
    else fn.SSL_set_connect_state(ssl);
    if (!options.serverSide && !this.#context.hasChosenCiphers) this.#offerFastestFirst(ssl);
    if (options.session) this.setSession(options.session);
  }

  #newReader(): Ptr<"BIO"> {
    if (this.#incoming instanceof MemoryBio) return this.#incoming.retain();
    const bio = this.#engine.openssl.fn.glue_BIO_new_source(this.id);
    if (bio === 0) throw SslError.of("MemoryError", "failed to allocate BIO");
    return bio;
  }

  /**
   * TLS 1.3's suites with the one first that is two to three times as fast here. Servers that leave the choice to the client
   * take it; the context's own list, which `get_ciphers()` shows, stays OpenSSL's. docs/decisions/0012-chacha20-first.md
   */
  #offerFastestFirst(ssl: Ptr<"SSL">): void {
    const { fn, memory } = this.#engine.openssl;
    using scope = memory.scope();
    fn.SSL_set_ciphersuites(ssl, scope.cString(FASTEST_FIRST));
  }

  /** bpo-37428: the flag that asks for a certificate later goes to servers that verify, and only there. */
  #enablePostHandshakeAuth(ssl: Ptr<"SSL">): void {
    const { fn } = this.#engine.openssl;
    if (!this.serverSide) {
      fn.SSL_set_post_handshake_auth(ssl, 1);
      return;
    }
    const mode = fn.SSL_get_verify_mode(ssl);
    if (mode & constants.SSL_VERIFY_PEER) {
      fn.SSL_set_verify(ssl, mode | constants.SSL_VERIFY_POST_HANDSHAKE, NULL);
    }
  }

  /** @internal */
  get engine(): SslEngine {
    return this.#engine;
  }

  /** @internal */
  get source(): CiphertextSource | undefined {
    return this.#incoming instanceof MemoryBio ? undefined : this.#incoming;
  }

  /** @internal */
  get ptr(): Ptr<"SSL"> {
    return this.#ssl.ptr;
  }

  /** @cpython _ssl._SSLSocket.server_hostname */
  get serverHostname(): string | null {
    return this.#serverHostname;
  }

  /** Setting it, in an SNI callback, changes the certificate that is presented. @cpython _ssl._SSLSocket.context */
  get context(): SslContext {
    return this.#context;
  }

  set context(context: SslContext) {
    const { fn } = this.#engine.openssl;
    fn.SSL_set_SSL_CTX(this.ptr, context.ptr);
    this.#context = context;
    fn.glue_SSL_enable_msg_callback(this.ptr, context.callbacks.message ? 1 : 0);
  }

  // ---- plaintext ------------------------------------------------------------------------------------------------

  /** @cpython _ssl._SSLSocket.do_handshake, without the waiting */
  doHandshake(): IoResult<undefined> {
    if (this.#hasReportedEof) return afterEofFailure(this.#engine.openssl);
    const { fn } = this.#engine.openssl;
    const ret = this.#run(() => fn.glue_SSL_do_handshake(this.ptr));
    return ret < 1 ? this.#unsuccessful("doHandshake") : this.#afterSuccess(undefined);
  }

  /**
   * At most `maxLength` bytes of plaintext, and at most one record's. Empty after the peer's close_notify.
   * @cpython _ssl._SSLSocket.read, without the waiting
   */
  read(maxLength: number): IoResult<Uint8Array<ArrayBuffer>> {
    if (this.#hasReportedEof) return afterEofFailure(this.#engine.openssl);
    if (maxLength === 0) return new Uint8Array(0);
    return this.#engine.withBuffer((buffer, size) => {
      const count = this.#readTo(buffer, Math.min(maxLength, size));
      return typeof count === "number" ? this.#engine.openssl.memory.copyOut(buffer, count) : count;
    });
  }

  /**
   * As {@link read}, without a copy: the bytes lie in OpenSSL's memory, in a place of this connection's own, until the next
   * operation on it. Whoever gets them copies them on at once. Who asks for more than a record's plaintext gets that of
   * the records at hand, at most {@link MAX_LENT}.
   */
  readLent(maxLength: number): IoResult<Uint8Array<ArrayBuffer>> {
    if (this.#hasReportedEof) return afterEofFailure(this.#engine.openssl);
    if (maxLength === 0) return new Uint8Array(0);
    // A read inside a read (a callback's) must not write over what the outer one gets.
    if (this.#depth > 0) return this.read(maxLength);
    const ptr = this.#lend(maxLength > MAX_PLAINTEXT ? MAX_LENT : MAX_PLAINTEXT);
    const length = Math.min(maxLength, this.#lentSize);
    const count = this.#readTo(ptr, length);
    if (typeof count === "number") {
      return this.#engine.openssl.memory.view(ptr, count === 0 ? 0 : this.#readOn(ptr, count, length));
    }
    this.#freeLent();
    return count;
  }

  #lend(size: number): Ptr<"char"> {
    const { memory } = this.#engine.openssl;
    if (this.#lentSize < size) this.#freeLent();
    this.#lent ??= new Owned(memory.alloc<"char">(size), (ptr) => memory.free(ptr));
    this.#lentSize = Math.max(this.#lentSize, size);
    return this.#lent.ptr;
  }

  /** Reads behind the `filled` bytes while there is ciphertext at hand; answers how many bytes there are then. */
  #readOn(ptr: Ptr<"char">, filled: number, length: number): number {
    // A callback's exception takes the place of what was read: only of the one record that it came with.
    if (length <= MAX_PLAINTEXT || this.#context.callbacks.message) return filled;
    let count = filled;
    while (count < length && this.source?.readableLength) {
      const more = this.#readOnce((ptr + count) as Ptr<"char">, length - count);
      if (typeof more === "number" && more > 0) count += more;
      else {
        if (typeof more !== "string") this.#postponed = more;
        break;
      }
    }
    return count;
  }

  /** Whether a read would tell of an end that has been seen already: natively its bytes would still be in the kernel. */
  get hasPostponed(): boolean {
    return this.#postponed !== undefined;
  }

  /** As {@link read}, into the caller's memory. Answers the number of bytes, 0 after the peer's close_notify. */
  readInto(target: Uint8Array): IoResult<number> {
    if (this.#hasReportedEof) return afterEofFailure(this.#engine.openssl);
    if (target.length === 0) return 0;
    return this.#engine.withBuffer((buffer, size) => {
      const count = this.#readTo(buffer, Math.min(target.length, size));
      if (typeof count === "number") this.#engine.openssl.memory.copyTo(target, buffer, count);
      return count;
    });
  }

  #readTo(buffer: AnyPtr, length: number): IoResult<number> {
    const result = this.#postponed ?? this.#readOnce(buffer, length);
    this.#postponed = undefined;
    if (typeof result === "object" && result.kind === "SSLEOFError") this.#hasReportedEof = true;
    return result;
  }

  #readOnce(buffer: AnyPtr, length: number): IoResult<number> {
    const { openssl } = this.#engine;
    const ret = this.#run(() => openssl.fn.glue_SSL_read_ex(this.ptr, buffer, length));
    if (ret === 1) return this.#afterSuccess(openssl.outcome.byteCount);
    const outcome = openssl.outcome.read();
    // A close_notify answered by none of ours is the plain end of the stream; after our own it is an exception.
    if (
      outcome.sslError === constants.SSL_ERROR_ZERO_RETURN &&
      outcome.shutdownState === constants.SSL_RECEIVED_SHUTDOWN
    ) {
      return this.#afterSuccess(0);
    }
    return this.#failureOf("read");
  }

  /**
   * Encrypts all of `data` into the outgoing BIO. Answers the number of bytes: fewer than given only when a later record
   * could not be written. The records are those that one `SSL_write` of everything makes.
   * @cpython _ssl._SSLSocket.write, without the waiting
   */
  write(data: Uint8Array): IoResult<number> {
    if (this.#hasReportedEof) return afterEofFailure(this.#engine.openssl);
    const { openssl } = this.#engine;
    return this.#engine.withBuffer((buffer, size) => {
      let written = 0;
      do {
        const part = data.subarray(written, written + size);
        openssl.memory.copyIn(buffer, part);
        const ret = this.#run(() => openssl.fn.glue_SSL_write_ex(this.ptr, buffer, part.length));
        if (ret !== 1) return written > 0 ? written : this.#unsuccessful("write");
        written += openssl.outcome.byteCount;
      } while (written < data.length);
      return this.#afterSuccess(written);
    });
  }

  /** Decrypted bytes that a read gives at once. @cpython _ssl._SSLSocket.pending */
  pending(): number {
    return this.#engine.openssl.fn.SSL_pending(this.ptr);
  }

  /**
   * Sends close_notify and, at the second call of OpenSSL's, looks for the peer's.
   * @cpython _ssl._SSLSocket.shutdown, without the waiting
   */
  shutdown(): IoResult<undefined> {
    const { fn } = this.#engine.openssl;
    for (let zeros = 0; ; ) {
      // Once ours is sent OpenSSL must not read past the peer's: what follows is the program's plain text.
      if (this.#hasSeenZero) fn.SSL_set_read_ahead(this.ptr, 0);
      const ret = this.#run(() => fn.glue_SSL_shutdown(this.ptr));
      if (ret > 0) break;
      if (ret < 0) return this.#unsuccessful("shutdown");
      // CPython asks twice at most (`zeros` in `_ssl__SSLSocket_shutdown_impl`).
      if (++zeros > 1) break;
      this.#hasSeenZero = true;
    }
    return this.#afterSuccess(undefined);
  }

  /** The exception of a want, for who may not wait. */
  wantFailure(want: Want, operation: IoOperation): SslFailure {
    return wantFailure(this.#engine.openssl, want, operation);
  }

  // ---- ciphertext -----------------------------------------------------------------------------------------------

  /** Hands over ciphertext from the transport; for a connection without a source. */
  receive(ciphertext: Uint8Array): void {
    this.#incomingBio.write(ciphertext);
  }

  /** The transport ended. Bytes handed over before are still read. */
  receiveEof(): void {
    this.#incomingBio.writeEof();
  }

  get #incomingBio(): MemoryBio {
    if (this.#incoming instanceof MemoryBio) return this.#incoming;
    throw new InvariantError("a connection with a source takes its bytes itself");
  }

  /** Bytes that wait to be sent. */
  get outgoingLength(): number {
    return this.#outgoing.pending;
  }

  /** Takes all bytes that wait to be sent. */
  takeOutgoing(): Uint8Array<ArrayBuffer> {
    return this.#outgoing.read();
  }

  /**
   * Offers the bytes that wait to be sent to `sink` until it takes fewer than offered. The array is OpenSSL's own memory,
   * valid during the call only: no copy is made on this side.
   * @param sink answers how many bytes it took
   * @returns whether nothing waits any more
   */
  drainOutgoing(sink: (bytes: Uint8Array) => number): boolean {
    return this.#outgoing.drain(sink);
  }

  // ---- information ----------------------------------------------------------------------------------------------

  /** @cpython _ssl._SSLSocket.cipher */
  cipher(): CipherTuple | null {
    return info.cipher(this);
  }

  /** `"TLSv1.3"`; null before the handshake is done. @cpython _ssl._SSLSocket.version */
  version(): string | null {
    return info.version(this);
  }

  /**
   * Key exchange group (`"X25519MLKEM768"`); null before it is agreed, and for key exchanges without a group.
   * @cpython _ssl._SSLSocket.group
   */
  groupName(): string | null {
    return info.groupName(this);
  }

  /** @cpython _ssl._SSLSocket.client_sigalg, _ssl._SSLSocket.server_sigalg */
  signatureName(side: "client" | "server"): string | null {
    return info.signatureName(this, side);
  }

  /** Always null: OpenSSL is built without compression. @cpython _ssl._SSLSocket.compression */
  compression(): string | null {
    return null;
  }

  /** @cpython _ssl._SSLSocket.selected_alpn_protocol */
  selectedAlpnProtocol(): string | null {
    return info.selectedAlpnProtocol(this);
  }

  /** @cpython _ssl._SSLSocket.shared_ciphers */
  sharedCiphers(): CipherTuple[] | null {
    return info.sharedCiphers(this);
  }

  /** The peer's certificate; `{}` for one that was not verified. @cpython _ssl._SSLSocket.getpeercert */
  getPeerCert(): CertificateInfo | Record<string, never> | null {
    return info.peerCertificate(this);
  }

  /** DER of the peer's certificate, verified or not. @cpython _ssl._SSLSocket.getpeercert */
  getPeerCertDer(): Uint8Array<ArrayBuffer> | null {
    return info.peerCertificateDer(this);
  }

  /** The caller owns the certificates. @cpython _ssl._SSLSocket.get_verified_chain */
  getVerifiedChain(): Certificate[] | null {
    return info.verifiedChain(this);
  }

  /** As sent by the peer; the caller owns the certificates. @cpython _ssl._SSLSocket.get_unverified_chain */
  getUnverifiedChain(): (Certificate | null)[] | null {
    return info.unverifiedChain(this);
  }

  /** @cpython _ssl._SSLSocket.get_channel_binding */
  getChannelBinding(type = "tls-unique"): Uint8Array<ArrayBuffer> | null {
    return info.channelBinding(this, type);
  }

  /** @cpython _ssl._SSLSocket.verify_client_post_handshake */
  verifyClientPostHandshake(): void {
    const { openssl } = this.#engine;
    if (this.#run(() => openssl.fn.SSL_verify_client_post_handshake(this.ptr)) === 0) {
      throw libraryFailure(openssl, "postHandshake");
    }
  }

  // ---- session --------------------------------------------------------------------------------------------------

  /** The current session, owned by the caller. @cpython _ssl._SSLSocket.session */
  getSession(): SslSession | null {
    const session = this.#engine.openssl.fn.SSL_get1_session(this.ptr);
    return session === 0 ? null : new SslSession(this.#engine, session, this.#context);
  }

  /** Resumes `session` in the handshake to come. @cpython _ssl._SSLSocket.session */
  setSession(session: SslSession): void {
    const { openssl } = this.#engine;
    if (session.context !== this.#context) {
      throw SslError.of("ValueError", "Session refers to a different SSLContext.");
    }
    if (this.serverSide) throw SslError.of("ValueError", "Cannot set session for server-side SSLSocket.");
    if (openssl.fn.SSL_is_init_finished(this.ptr) !== 0) {
      throw SslError.of("ValueError", "Cannot set session after handshake.");
    }
    if (openssl.fn.SSL_set_session(this.ptr, session.ptr) === 0) throw libraryFailure(openssl, "setSession");
  }

  /** @cpython _ssl._SSLSocket.session_reused */
  get sessionReused(): boolean {
    return this.#engine.openssl.fn.SSL_session_reused(this.ptr) !== 0;
  }

  // ---- life -----------------------------------------------------------------------------------------------------

  /**
   * A callback failed inside an operation: the operation answers this failure if it would have succeeded.
   * @internal
   */
  failFromCallback(failure: SslFailure): void {
    this.#callbackFailure ??= failure;
  }

  /**
   * Frees the connection; at the end of the operation when called from one of its callbacks. Idempotent.
   *
   * It is marked as shut down first, as CPython does: else OpenSSL would make its session unusable for resumption.
   * @cpython `PySSL_dealloc` of `_ssl.c`
   */
  [Symbol.dispose](): void {
    if (!this.#ssl.isAlive) return;
    if (this.#depth > 0) {
      this.#isDisposeDue = true;
      return;
    }
    const { fn } = this.#engine.openssl;
    fn.SSL_set_shutdown(this.ptr, constants.SSL_SENT_SHUTDOWN | fn.SSL_get_shutdown(this.ptr));
    this.#engine.unregisterConnection(this);
    this.#freeLent();
    this.#ssl[Symbol.dispose]();
    if (this.#ownsBios) this.#disposeBios();
  }

  #freeLent(): void {
    this.#lent?.[Symbol.dispose]();
    this.#lent = undefined;
    this.#lentSize = 0;
  }

  #disposeBios(): void {
    if (this.#incoming instanceof MemoryBio) this.#incoming[Symbol.dispose]();
    this.#outgoing[Symbol.dispose]();
  }

  /** Runs a call into OpenSSL from which callbacks may come back. */
  #run(call: () => number): number {
    this.#depth++;
    try {
      return call();
    } finally {
      if (--this.#depth === 0 && this.#isDisposeDue) queueMicrotask(() => this[Symbol.dispose]());
    }
  }

  #afterSuccess<T extends number | undefined>(value: T): T | SslFailure {
    const failure = this.#callbackFailure;
    this.#callbackFailure = undefined;
    return failure ?? value;
  }

  #unsuccessful(operation: IoOperation): Want | SslFailure {
    const result = this.#failureOf(operation);
    if (typeof result === "object" && result.kind === "SSLEOFError") this.#hasReportedEof = true;
    return result;
  }

  #failureOf(operation: IoOperation): Want | SslFailure {
    const { openssl } = this.#engine;
    const outcome = openssl.outcome.read();
    if (outcome.sslError === constants.SSL_ERROR_WANT_READ) return "want-read";
    if (outcome.sslError === constants.SSL_ERROR_WANT_WRITE) return "want-write";
    this.#callbackFailure = undefined;
    return connectionFailure(openssl, outcome, operation, this.#serverHostname);
  }
}
