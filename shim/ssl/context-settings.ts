import { constants, NULL, type OpenSsl, type Ptr } from "../openssl/index.ts";
import { DEFAULT_CIPHERS, protocol } from "./context.ts";
import { SslError } from "./failure.ts";
import { libraryFailure } from "./library-failure.ts";

type Context = Ptr<"SSL_CTX">;

/** `CERT_*` of `_ssl`. */
export const requirement = { none: 0, optional: 1, required: 2 } as const;

/** `PROTO_*` of `_ssl`: the two that are no protocol version. */
export const version = { minimumSupported: -2, maximumSupported: -1 } as const;

/** What a new context starts with, beyond OpenSSL's defaults. @cpython `_ssl__SSLContext_impl` of `_ssl.c` */
export function applyDefaults(
  openssl: OpenSsl,
  ctx: Context,
  protocolNumber: number,
  hostFlags: number,
): void {
  const { fn } = openssl;
  setVerifyMode(
    openssl,
    ctx,
    protocolNumber === protocol.tlsClient ? requirement.required : requirement.none,
  );
  fn.SSL_CTX_set_options(
    ctx,
    (BigInt(constants.SSL_OP_ALL) & ~BigInt(constants.SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)) |
      BigInt(constants.SSL_OP_NO_SSLv3) |
      BigInt(constants.SSL_OP_NO_COMPRESSION) |
      BigInt(constants.SSL_OP_CIPHER_SERVER_PREFERENCE),
  );
  setCiphers(openssl, ctx, DEFAULT_CIPHERS);
  if (protocolNumber === protocol.tls || protocolNumber >= protocol.tlsClient) {
    if (fn.SSL_CTX_set_min_proto_version(ctx, constants.TLS1_2_VERSION) === 0) {
      throw SslError.of(
        "ValueError",
        `Failed to set minimum protocol 0x${constants.TLS1_2_VERSION.toString(16)}`,
      );
    }
  }
  fn.SSL_CTX_set_mode(ctx, constants.SSL_MODE_RELEASE_BUFFERS);
  const parameters = fn.SSL_CTX_get0_param(ctx);
  // Better chains where cross-signed intermediates are present (bpo-23476).
  fn.X509_VERIFY_PARAM_set_flags(parameters, constants.X509_V_FLAG_TRUSTED_FIRST);
  fn.X509_VERIFY_PARAM_set_hostflags(parameters, hostFlags);
  fn.SSL_CTX_set_post_handshake_auth(ctx, 0);
}

/** @cpython _ssl._SSLContext.set_ciphers */
export function setCiphers(openssl: OpenSsl, ctx: Context, cipherList: string): void {
  const { fn, memory } = openssl;
  using scope = memory.scope();
  const isSet = fn.SSL_CTX_set_cipher_list(ctx, scope.cString(cipherList));
  fn.ERR_clear_error();
  if (isSet === 0) throw SslError.of("SSLError", "No cipher can be selected.");
}

/** @cpython _ssl._SSLContext.options */
export function setOptions(openssl: OpenSsl, ctx: Context, options: bigint): void {
  if (options < 0n) throw SslError.of("OverflowError", "can't convert negative int to unsigned");
  const { fn } = openssl;
  const current = BigInt.asUintN(64, fn.SSL_CTX_get_options(ctx));
  fn.SSL_CTX_clear_options(ctx, current & ~options);
  fn.SSL_CTX_set_options(ctx, options & ~current);
}

/** @cpython `set_min_max_proto_version` of `_ssl.c` */
export function setVersion(
  openssl: OpenSsl,
  ctx: Context,
  protocolNumber: number,
  bound: "minimum" | "maximum",
  wanted: number,
): void {
  if (protocolNumber !== protocol.tls && protocolNumber < protocol.tlsClient) {
    throw SslError.of(
      "ValueError",
      "The context's protocol doesn't support modification of highest and lowest version.",
    );
  }
  if (!knownVersions.has(wanted)) {
    throw SslError.of("ValueError", `Unsupported TLS/SSL version 0x${(wanted >>> 0).toString(16)}`);
  }
  const { fn } = openssl;
  const number = numberOf(bound, wanted);
  const set = bound === "minimum" ? fn.SSL_CTX_set_min_proto_version : fn.SSL_CTX_set_max_proto_version;
  const isSet = set(ctx, number);
  fn.ERR_clear_error();
  if (isSet === 0) throw SslError.of("ValueError", `Unsupported protocol version 0x${number.toString(16)}`);
}

/** OpenSSL has no "highest available" for a minimum, nor "lowest available" for a maximum; 0 means no bound. */
function numberOf(bound: "minimum" | "maximum", wanted: number): number {
  if (wanted === version.minimumSupported) return bound === "minimum" ? 0 : constants.TLS1_VERSION;
  if (wanted === version.maximumSupported) return bound === "maximum" ? 0 : constants.TLS1_3_VERSION;
  return wanted;
}

const knownVersions: ReadonlySet<number> = new Set([
  version.minimumSupported,
  version.maximumSupported,
  constants.SSL3_VERSION,
  constants.TLS1_VERSION,
  constants.TLS1_1_VERSION,
  constants.TLS1_2_VERSION,
  constants.TLS1_3_VERSION,
]);

/** @cpython `_set_verify_mode` of `_ssl.c` */
export function setVerifyMode(openssl: OpenSsl, ctx: Context, mode: number): void {
  const flags = verifyModes.get(mode);
  if (flags === undefined) throw SslError.of("ValueError", "invalid value for verify_mode");
  openssl.fn.SSL_CTX_set_verify(ctx, flags, NULL);
}

/** @cpython _ssl._SSLContext.verify_mode */
export function getVerifyMode(openssl: OpenSsl, ctx: Context): number {
  const mask = constants.SSL_VERIFY_PEER | constants.SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  const flags = openssl.fn.SSL_CTX_get_verify_mode(ctx) & mask;
  for (const [mode, each] of verifyModes) if (each === flags) return mode;
  throw SslError.of("SSLError", "invalid return value from SSL_CTX_get_verify_mode");
}

const verifyModes: ReadonlyMap<number, number> = new Map([
  [requirement.none, constants.SSL_VERIFY_NONE],
  [requirement.optional, constants.SSL_VERIFY_PEER],
  [requirement.required, constants.SSL_VERIFY_PEER | constants.SSL_VERIFY_FAIL_IF_NO_PEER_CERT],
]);

/** @cpython _ssl._SSLContext.verify_flags */
export function getVerifyFlags(openssl: OpenSsl, ctx: Context): number {
  const { fn } = openssl;
  return fn.X509_VERIFY_PARAM_get_flags(fn.SSL_CTX_get0_param(ctx)) >>> 0;
}

/** `flags` is taken modulo 2**32, the width of C's `unsigned long` here. */
export function setVerifyFlags(openssl: OpenSsl, ctx: Context, flags: number): void {
  const { fn } = openssl;
  const parameters = fn.SSL_CTX_get0_param(ctx);
  const current = fn.X509_VERIFY_PARAM_get_flags(parameters);
  const cleared = current & ~flags;
  const added = ~current & flags;
  if (cleared !== 0 && fn.X509_VERIFY_PARAM_clear_flags(parameters, cleared) === 0) {
    throw libraryFailure(openssl, "verifyFlags");
  }
  if (added !== 0 && fn.X509_VERIFY_PARAM_set_flags(parameters, added) === 0) {
    throw libraryFailure(openssl, "verifyFlags");
  }
}

/** Counters of the session cache, with CPython's keys in its order. @cpython _ssl._SSLContext.session_stats */
export function sessionStats(openssl: OpenSsl, ctx: Context): Record<string, number> {
  const { fn } = openssl;
  return {
    number: fn.SSL_CTX_sess_number(ctx),
    connect: fn.SSL_CTX_sess_connect(ctx),
    connect_good: fn.SSL_CTX_sess_connect_good(ctx),
    connect_renegotiate: fn.SSL_CTX_sess_connect_renegotiate(ctx),
    accept: fn.SSL_CTX_sess_accept(ctx),
    accept_good: fn.SSL_CTX_sess_accept_good(ctx),
    accept_renegotiate: fn.SSL_CTX_sess_accept_renegotiate(ctx),
    hits: fn.SSL_CTX_sess_hits(ctx),
    misses: fn.SSL_CTX_sess_misses(ctx),
    timeouts: fn.SSL_CTX_sess_timeouts(ctx),
    cache_full: fn.SSL_CTX_sess_cache_full(ctx),
  };
}
