import { Owned, type Ptr } from "../openssl/index.ts";
import type { SslContext } from "./context.ts";
import type { SslEngine } from "./engine.ts";

/**
 * A TLS session that a later connection of the same context can resume.
 * @cpython _ssl.SSLSession
 */
export class SslSession implements Disposable {
  /** The context it was made with; only connections of this one may resume it. */
  readonly context: SslContext;
  readonly #engine: SslEngine;
  readonly #session: Owned<"SSL_SESSION">;

  /** Takes over one reference of `session`. Use {@link SslConnection.getSession}. */
  constructor(engine: SslEngine, session: Ptr<"SSL_SESSION">, context: SslContext) {
    this.#engine = engine;
    this.#session = new Owned(session, engine.openssl.fn.SSL_SESSION_free);
    this.context = context;
    engine.live.sessions++;
  }

  /** @internal */
  get ptr(): Ptr<"SSL_SESSION"> {
    return this.#session.ptr;
  }

  /** Session id; empty for a TLS 1.3 session without a ticket yet. @cpython _ssl.SSLSession.id */
  get id(): Uint8Array<ArrayBuffer> {
    const { fn, memory } = this.#engine.openssl;
    using scope = memory.scope();
    const length = scope.word<"unsigned int">();
    const id = fn.SSL_SESSION_get_id(this.ptr, length);
    return memory.copyOut(id, memory.readU32(length));
  }

  /** Seconds since the epoch at which it was made. @cpython _ssl.SSLSession.time */
  get time(): number {
    return Number(this.#engine.openssl.fn.SSL_SESSION_get_time_ex(this.ptr));
  }

  /** Seconds for which it may be resumed. @cpython _ssl.SSLSession.timeout */
  get timeout(): number {
    return this.#engine.openssl.fn.SSL_SESSION_get_timeout(this.ptr);
  }

  /** Seconds; the server's hint. @cpython _ssl.SSLSession.ticket_lifetime_hint */
  get ticketLifetimeHint(): number {
    return this.#engine.openssl.fn.SSL_SESSION_get_ticket_lifetime_hint(this.ptr) >>> 0;
  }

  /** @cpython _ssl.SSLSession.has_ticket */
  get hasTicket(): boolean {
    return this.#engine.openssl.fn.SSL_SESSION_has_ticket(this.ptr) !== 0;
  }

  /** Same session id. @cpython _ssl.SSLSession.__eq__ */
  equals(other: SslSession): boolean {
    if (other === this) return true;
    const mine = this.id;
    const theirs = other.id;
    return mine.length === theirs.length && mine.every((byte, i) => byte === theirs[i]);
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#session.isAlive) return;
    this.#engine.live.sessions--;
    this.#session[Symbol.dispose]();
  }
}
