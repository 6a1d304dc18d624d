/**
 * What a context offers and accepts in a handshake, in OpenSSL's list formats: what Python 3.15 added to `SSLContext`.
 * OpenSSL's own reason is dropped, as there.
 */
import { cast, NULL, type OpenSsl, Owned, type Ptr } from "../openssl/index.ts";
import { SslError, textFailure } from "./failure.ts";
import type { SourcePlace } from "./source-lines.ts";
import { stackItems } from "./stack.ts";

type Context = Ptr<"SSL_CTX">;
type Setter = (ctx: Context, list: Ptr<"char">) => number;

/** Cipher suites of TLS 1.3. @cpython _ssl._SSLContext.set_ciphersuites */
export function setCipherSuites(openssl: OpenSsl, ctx: Context, list: string): void {
  const { SSL_CTX_set_ciphersuites: set } = openssl.fn;
  setList(openssl, ctx, set, list, "No cipher suite can be selected.", "cipherSuites");
}

/** Groups for the key agreement. @cpython _ssl._SSLContext.set_groups */
export function setGroups(openssl: OpenSsl, ctx: Context, list: string): void {
  setList(openssl, ctx, openssl.fn.SSL_CTX_set1_groups_list, list, "unrecognized group", "groups");
}

/** What clients sign with, or servers. @cpython _ssl._SSLContext.set_client_sigalgs, set_server_sigalgs */
export function setSignatureAlgorithms(
  openssl: OpenSsl,
  ctx: Context,
  side: "client" | "server",
  list: string,
): void {
  const { SSL_CTX_set1_client_sigalgs_list: ofClients, SSL_CTX_set1_sigalgs_list: ofServers } = openssl.fn;
  const refusal = "unrecognized signature algorithm";
  if (side === "client") setList(openssl, ctx, ofClients, list, refusal, "clientSignatureAlgorithms");
  else setList(openssl, ctx, ofServers, list, refusal, "serverSignatureAlgorithms");
}

function setList(
  openssl: OpenSsl,
  ctx: Context,
  set: Setter,
  list: string,
  refusal: string,
  place: SourcePlace,
): void {
  using scope = openssl.memory.scope();
  const isSet = set(ctx, scope.cString(list));
  openssl.fn.ERR_clear_error();
  if (isSet === 0) throw new SslError(textFailure(refusal, place));
}

/** Groups that the context's protocol versions have. @cpython _ssl._SSLContext.get_groups */
export function implementedGroups(openssl: OpenSsl, ctx: Context, includeAliases: boolean): string[] {
  const { fn, memory } = openssl;
  const stack = fn.sk_OPENSSL_CSTRING_new_null();
  if (stack === 0) throw SslError.of("MemoryError", "");
  using names = new Owned(stack, fn.sk_OPENSSL_CSTRING_free);
  const isRead = fn.SSL_CTX_get0_implemented_groups(ctx, includeAliases ? 1 : 0, names.ptr);
  fn.ERR_clear_error();
  if (isRead === 0) throw new SslError(textFailure("Can't get groups", "implementedGroups"));
  return stackItems<"char">(openssl, cast(names.ptr)).map((name) => memory.readCString(name));
}

/** Every signature algorithm there is, by falling preference. @cpython _ssl.get_sigalgs */
export function signatureAlgorithms(openssl: OpenSsl): string[] {
  const { fn, memory } = openssl;
  const list = fn.SSL_get1_builtin_sigalgs(NULL);
  if (list === 0) throw SslError.of("MemoryError", "");
  try {
    return memory.readCString(list).split(":");
  } finally {
    fn.CRYPTO_free(cast(list), NULL, 0);
  }
}
