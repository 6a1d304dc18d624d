import {
  errnoName,
  errorReason,
  libraryName,
  type OpenSsl,
  type Outcome,
  reasonName,
  reasonText,
} from "../openssl/index.ts";
import { type FailureKind, osFailure, SslError, type SslFailure, tail } from "./failure.ts";
import type { SourcePlace } from "./source-lines.ts";

/** What an `SSL*` exception is made from. */
export interface Description {
  readonly kind: FailureKind;
  /** First argument of the exception. */
  readonly code: number;
  /** The text; OpenSSL's text for `error` when left out. */
  readonly text?: string;
  /** OpenSSL's packed error code; 0 for none. */
  readonly error: number;
  /** Goes behind the text. */
  readonly verifyMessage?: string | null;
}

/** Builds the record of an `SSL*` exception. @cpython `fill_and_set_sslerror` of `_ssl.c` */
export function describe(openssl: OpenSsl, place: SourcePlace, description: Description): SslFailure {
  const { kind, code, error, verifyMessage } = description;
  const library = error === 0 ? undefined : libraryName(error);
  const reason = error === 0 ? undefined : reasonName(error);
  const text = description.text ?? reasonText(error) ?? `unknown error (0x${error.toString(16)})`;
  const origin =
    library === undefined ? "" : reason === undefined ? `[${library}] ` : `[${library}: ${reason}] `;
  const detail = verifyMessage === undefined || reason === undefined ? "" : `: ${verifyMessage ?? "None"}`;
  return {
    kind,
    code,
    message: `${origin}${text}${detail} ${tail(place)}`,
    library: library ?? null,
    reason: reason ?? null,
  };
}

/** The error to throw for the last entry of OpenSSL's queue, which is cleared. @cpython `_setSSLError` of `_ssl.c` */
export function libraryFailure(openssl: OpenSsl, place: SourcePlace): SslError {
  const error = openssl.fn.ERR_peek_last_error() >>> 0;
  openssl.fn.ERR_clear_error();
  return new SslError(describe(openssl, place, { kind: "SSLError", code: errorReason(error), error }));
}

/**
 * The error to throw for a failed call that reads files: an `OSError` when the system reported one, else the library's.
 * @param filename named in the `OSError` where CPython names it
 */
export function fileFailure(
  openssl: OpenSsl,
  outcome: Outcome,
  place: SourcePlace,
  filename?: string,
): SslError {
  if (outcome.sysErrno !== 0) return new SslError(osFailure(errnoName(outcome.sysErrno) ?? "EIO", filename));
  const { error } = outcome;
  return new SslError(describe(openssl, place, { kind: "SSLError", code: errorReason(error), error }));
}
