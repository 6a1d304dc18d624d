import type { OpenSslCallbacks } from "../openssl/index.ts";
import { messageTypeOf, messageVersionOf } from "./context-callbacks.ts";
import type { SslEngine } from "./engine.ts";

/**
 * Takes OpenSSL's callbacks to the context they were set on. A connection finds its context itself: the one it has now,
 * as in CPython.
 */
export class CallbackRouter implements OpenSslCallbacks {
  readonly #engine: SslEngine;

  constructor(engine: SslEngine) {
    this.#engine = engine;
  }

  /** @cpython `_password_callback` of `_ssl.c` */
  password(_contextId: number, capacity: number): Uint8Array | undefined {
    return this.#engine.passwordRequest?.answer(capacity);
  }

  /** @cpython `_servername_callback` of `_ssl.c` */
  servername(connectionId: number, name: Uint8Array | null): { readonly alert: number } | undefined {
    const connection = this.#engine.connection(connectionId);
    const callback = connection?.context.callbacks.sni;
    if (!connection || !callback) return undefined;
    const alert = callback(connection, name && asciiText(name), connection.context);
    return alert === null ? undefined : { alert };
  }

  /** @cpython `_PySSL_msg_callback` of `_ssl/debughelpers.c` */
  message(
    connectionId: number,
    isWrite: boolean,
    version: number,
    contentType: number,
    data: Uint8Array,
  ): void {
    const connection = this.#engine.connection(connectionId);
    connection?.context.callbacks.message?.(
      connection,
      isWrite ? "write" : "read",
      messageVersionOf(contentType, version, data),
      contentType,
      messageTypeOf(contentType, data),
      data,
    );
  }

  /** @cpython `_PySSL_keylog_callback` of `_ssl/debughelpers.c` */
  keylog(connectionId: number, line: string): void {
    const connection = this.#engine.connection(connectionId);
    const failure = connection?.context.callbacks.logKey(line);
    if (failure) connection?.failFromCallback(failure);
  }

  /** @cpython `psk_client_callback` of `_ssl.c` */
  pskClient(
    connectionId: number,
    hint: Uint8Array | null,
  ): { readonly identity: Uint8Array; readonly psk: Uint8Array } | undefined {
    const connection = this.#engine.connection(connectionId);
    const text = nonEmptyUtf8(hint);
    if (!connection || text === undefined) return undefined;
    const answer = connection.context.callbacks.pskClient?.(connection, text);
    return answer && { identity: answer.identity ?? new Uint8Array(0), psk: answer.psk };
  }

  /** @cpython `psk_server_callback` of `_ssl.c` */
  pskServer(connectionId: number, identity: Uint8Array | null): Uint8Array | undefined {
    const connection = this.#engine.connection(connectionId);
    const text = nonEmptyUtf8(identity);
    if (!connection || text === undefined) return undefined;
    return connection.context.callbacks.pskServer?.(connection, text);
  }

  /** What `read(2)` answers to `sock_read` of OpenSSL's `bss_sock.c`. */
  receive(connectionId: number, target: Uint8Array): number {
    return this.#engine.connection(connectionId)?.source?.receive(target) ?? 0;
  }

  addAnchors(id: number, subjectHash: number): number {
    return this.#engine.trustCache.lazy.add(id, subjectHash);
  }

  dropAnchors(id: number): void {
    this.#engine.trustCache.lazy.drop(id);
  }
}

/** Names are A-labels. Other bytes become U+FFFD: OpenSSL has checked the extension, so there are none. */
function asciiText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** null for none or empty; undefined for what is no UTF-8, which ends the handshake. */
function nonEmptyUtf8(bytes: Uint8Array | null): string | null | undefined {
  if (bytes === null || bytes.length === 0) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
