/**
 * CPython's `_ssl` module over OpenSSL, without I/O: contexts, connections, memory BIOs, sessions, certificates and the
 * exact failures. Names are CPython's in camelCase; each public member names its original with `@cpython`.
 */
export { Certificate } from "./certificate.ts";
export type { CertificateInfo, DistinguishedName } from "./certificate-decode.ts";
export {
  type CiphertextSource,
  type IoOperation,
  type IoResult,
  MAX_LENT,
  SslConnection,
} from "./connection.ts";
export type { Want } from "./connection-failure.ts";
export { DEFAULT_CIPHERS, SslContext } from "./context.ts";
export type { Password } from "./context-keys.ts";
export { type LiveCounts, SslEngine } from "./engine.ts";
export { osFailure, SslError, type SslFailure } from "./failure.ts";
export { MemoryBio } from "./memory-bio.ts";
export { SslSession } from "./session.ts";
export { sourceLine } from "./source-lines.ts";
