/**
 * CPython's `_ssl` module over OpenSSL, without I/O: contexts, connections, memory BIOs, sessions, certificates and the
 * exact failures. Names are CPython's in camelCase; each public member names its original with `@cpython`.
 */
export { Certificate } from "./certificate.ts";
export type {
  AlternativeName,
  AttributeValue,
  CertificateInfo,
  DistinguishedName,
} from "./certificate-decode.ts";
export type { CipherInfo, CipherTuple } from "./ciphers.ts";
export type { ConnectionOptions, IoOperation, IoResult } from "./connection.ts";
export { MAX_PLAINTEXT, SslConnection } from "./connection.ts";
export type { Want } from "./connection-failure.ts";
export { DEFAULT_CIPHERS, SslContext } from "./context.ts";
export type {
  MessageCallback,
  PskClientCallback,
  PskServerCallback,
  SniCallback,
} from "./context-callbacks.ts";
export type { Password } from "./context-keys.ts";
export { type LiveCounts, SslEngine } from "./engine.ts";
export { type FailureKind, osFailure, SslError, type SslFailure, tail, textFailure } from "./failure.ts";
export { MemoryBio } from "./memory-bio.ts";
export type { ModuleConstant } from "./module-constants.ts";
export type { Asn1Object } from "./objects.ts";
export { SslSession } from "./session.ts";
export { type SourcePlace, sourceLine } from "./source-lines.ts";
