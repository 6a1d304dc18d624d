import { constants, NULL, type OpenSsl, type Ptr } from "../openssl/index.ts";
import type { SslConnection } from "./connection.ts";
import type { SslContext } from "./context.ts";
import { SslError, type SslFailure, textFailure } from "./failure.ts";
import { KeyLog } from "./keylog.ts";

/**
 * Asked by a server for every handshake: chooses the context (`connection.context = …`) by the name that the client
 * asks for. null goes on; a number is a fatal alert.
 */
export type SniCallback = (
  connection: SslConnection,
  serverName: string | null,
  context: SslContext,
) => number | null;

/** Told every protocol message. `messageType` is -1 where a content type has none. */
export type MessageCallback = (
  connection: SslConnection,
  direction: "read" | "write",
  version: number,
  contentType: number,
  messageType: number,
  data: Uint8Array,
) => void;

/** Asked by a client for its identity and key; undefined ends the handshake. The key is zeroed after use. */
export type PskClientCallback = (
  connection: SslConnection,
  hint: string | null,
) => { readonly identity: Uint8Array | null; readonly psk: Uint8Array } | undefined;

/** Asked by a server for the key of an identity; undefined ends the handshake. The key is zeroed after use. */
export type PskServerCallback = (
  connection: SslConnection,
  identity: string | null,
) => Uint8Array | undefined;

/** The callbacks of one context, and whether OpenSSL is to call them. */
export class ContextCallbacks implements Disposable {
  sni: SniCallback | null = null;
  message: MessageCallback | null = null;
  pskClient: PskClientCallback | null = null;
  pskServer: PskServerCallback | null = null;
  #keyLog: KeyLog | undefined;

  /** @cpython _ssl._SSLContext.sni_callback */
  setSni(openssl: OpenSsl, ctx: Ptr<"SSL_CTX">, callback: SniCallback | null): void {
    this.sni = callback;
    openssl.fn.glue_SSL_CTX_enable_servername_callback(ctx, callback ? 1 : 0);
  }

  /** @cpython _ssl._SSLContext._msg_callback */
  setMessage(openssl: OpenSsl, ctx: Ptr<"SSL_CTX">, callback: MessageCallback | null): void {
    this.message = callback;
    openssl.fn.glue_SSL_CTX_enable_msg_callback(ctx, callback ? 1 : 0);
  }

  /** @cpython _ssl._SSLContext.set_psk_client_callback */
  setPskClient(openssl: OpenSsl, ctx: Ptr<"SSL_CTX">, callback: PskClientCallback | null): void {
    this.pskClient = callback;
    openssl.fn.glue_SSL_CTX_enable_psk_client_callback(ctx, callback ? 1 : 0);
  }

  /** @cpython _ssl._SSLContext.set_psk_server_callback */
  setPskServer(
    openssl: OpenSsl,
    ctx: Ptr<"SSL_CTX">,
    callback: PskServerCallback | null,
    identityHint: string | null,
  ): void {
    const { fn, memory } = openssl;
    const hint = callback ? identityHint : null;
    using scope = memory.scope();
    if (fn.SSL_CTX_use_psk_identity_hint(ctx, hint === null ? NULL : scope.cString(hint)) !== 1) {
      fn.ERR_clear_error();
      throw SslError.of("ValueError", "failed to set identity hint");
    }
    this.pskServer = callback;
    fn.glue_SSL_CTX_enable_psk_server_callback(ctx, callback ? 1 : 0);
  }

  /** @cpython _ssl._SSLContext.keylog_filename */
  get keyLogFile(): string | null {
    return this.#keyLog?.path ?? null;
  }

  setKeyLogFile(openssl: OpenSsl, ctx: Ptr<"SSL_CTX">, path: string | null): void {
    openssl.fn.glue_SSL_CTX_enable_keylog_callback(ctx, 0);
    this.#keyLog?.[Symbol.dispose]();
    this.#keyLog = undefined;
    if (path === null) return;
    this.#keyLog = new KeyLog(openssl, path);
    openssl.fn.glue_SSL_CTX_enable_keylog_callback(ctx, 1);
  }

  /** Writes one line; answers the failure that the operation under way is to report. */
  logKey(line: string): SslFailure | undefined {
    return this.#keyLog?.write(line);
  }

  [Symbol.dispose](): void {
    this.#keyLog?.[Symbol.dispose]();
    this.#keyLog = undefined;
    this.sni = this.message = this.pskClient = this.pskServer = null;
  }
}

/** The message's type, by content type. @cpython `_PySSL_msg_callback` of `_ssl/debughelpers.c` */
export function messageTypeOf(contentType: number, data: Uint8Array): number {
  switch (contentType) {
    case constants.SSL3_RT_CHANGE_CIPHER_SPEC:
      return constants.SSL3_MT_CHANGE_CIPHER_SPEC;
    case constants.SSL3_RT_ALERT:
      return data[1] ?? -1; // after the level
    case constants.SSL3_RT_HANDSHAKE:
    case constants.SSL3_RT_HEADER:
    case constants.SSL3_RT_INNER_CONTENT_TYPE:
      return data[0] ?? -1;
    default:
      return -1;
  }
}

/** The version that a record header names, for header messages; else what OpenSSL told. */
export function messageVersionOf(contentType: number, version: number, data: Uint8Array): number {
  if (contentType !== constants.SSL3_RT_HEADER) return version;
  return ((data[1] ?? 0) << 8) | (data[2] ?? 0);
}

/** Refuses callbacks on the wrong side. */
export function refusePsk(side: "client" | "server"): never {
  const [wrong, place] =
    side === "client" ? (["SERVER", "pskClient"] as const) : (["CLIENT", "pskServer"] as const);
  throw new SslError(
    textFailure(`Cannot add PSK ${side} callback to a PROTOCOL_TLS_${wrong} context`, place),
  );
}
