/**
 * Failures of the `_ssl` module as records: everything that the Python side needs to raise the exception that CPython
 * would raise. Nothing here throws into Python; only `_ssl.py` does.
 */
import { type SourcePlace, sourceLine } from "./source-lines.ts";

/** The Python exception that a failure becomes. The `SSL*` ones are `_ssl`'s, the others builtins. */
export type FailureKind =
  | "SSLError"
  | "SSLCertVerificationError"
  | "SSLZeroReturnError"
  | "SSLWantReadError"
  | "SSLWantWriteError"
  | "SSLSyscallError"
  | "SSLEOFError"
  | "OSError"
  | "ValueError"
  | "TypeError"
  | "OverflowError"
  | "MemoryError"
  | "NotImplementedError"
  /** A callback raised: the Python side kept the exception and re-raises it. */
  | "CallbackError";

/** One failure, ready to be raised. JSON-safe. */
export interface SslFailure {
  readonly kind: FailureKind;
  /**
   * First argument of an `SSL*` exception: an `SSL_ERROR_*` value for I/O, OpenSSL's reason code elsewhere. `null` where
   * CPython raises with the text as the only argument.
   */
  readonly code: number | null;
  /** The text, in CPython's shape. Empty for `OSError`, whose text is the platform's for `errno`. */
  readonly message: string;
  /** The `library` and `reason` attributes; absent where CPython sets none (exceptions raised with a text alone). */
  readonly library?: string | null;
  readonly reason?: string | null;
  /** Only with `SSLCertVerificationError`. */
  readonly verifyCode?: number;
  readonly verifyMessage?: string | null;
  /** Only with `OSError`: the errno's name (`"ENOENT"`). */
  readonly errno?: string;
  /** Only with `OSError`, where CPython names the file. */
  readonly filename?: string;
}

/** What the functions that configure (not the I/O ones) throw. Carries the record; the message is the record's. */
export class SslError extends Error {
  override readonly name = "SslError";
  readonly failure: SslFailure;

  constructor(failure: SslFailure) {
    super(failure.message || failure.errno || failure.kind);
    this.failure = failure;
  }

  /** An exception that CPython raises with a text alone (`PyErr_SetString`). */
  static of(kind: FailureKind, message: string): SslError {
    return new SslError({ kind, code: null, message });
  }
}

/** An `OSError` of an errno name, `PyErr_SetFromErrno`; with a filename, `PyErr_SetFromErrnoWithFilename`. */
export function osFailure(errno: string, filename?: string): SslFailure {
  const failure = { kind: "OSError", code: null, message: "", errno } as const;
  return filename === undefined ? failure : { ...failure, filename };
}

/**
 * Refuses the empty path as fopen(3) does. wasi-libc would take it for the current folder.
 * @param filename named in the failure where CPython names the file
 */
export function refuseEmptyPath(path: string, filename?: string): void {
  if (path === "") throw new SslError(osFailure("ENOENT", filename));
}

/** An `SSLError` with a text of `_ssl` itself: `_setSSLError` with `errstr`. */
export function textFailure(message: string, place: SourcePlace): SslFailure {
  return {
    kind: "SSLError",
    code: 0,
    message: `${message} ${tail(place)}`,
    library: null,
    reason: null,
  };
}

/** The `(_ssl.c:NNNN)` of a place; see source-lines.ts. */
export function tail(place: SourcePlace): string {
  return `(_ssl.c:${String(sourceLine[place])})`;
}
