/** `shim/openssl`: OpenSSL's C functions for TypeScript. Vocabulary and meaning are OpenSSL's; see README.md. */
export type { Environment, OpenSslCallbacks } from "./callbacks.ts";
export { type ErrnoName, errnoName } from "./errno.ts";
export {
  errorLibrary,
  errorReason,
  isSystemError,
  libraryName,
  reasonName,
  reasonText,
} from "./error-names.ts";
export { InvariantError, PoisonedError } from "./failures.ts";
export { type FileHost, type FileStat, type OpenMode, resolvePath } from "./file-host.ts";
export type { OpenSslFunctions } from "./generated/bindings.ts";
export * as constants from "./generated/constants.ts";
export { compileOpenSsl, compileOpenSslNow, type OpenSslSource } from "./load.ts";
export type { Memory, MemoryScope } from "./memory.ts";
export { MemoryFiles } from "./memory-files.ts";
export { OpenSsl, type OpenSslHost } from "./openssl.ts";
export type { Outcome } from "./outcome.ts";
export { type Borrowed, Owned } from "./owned.ts";
export { type AnyPtr, cast, NULL, type Ptr } from "./pointer.ts";
