import {
  constants as c,
  errnoName,
  errorLibrary,
  errorReason,
  isSystemError,
  type OpenSsl,
  type Outcome,
} from "../openssl/index.ts";
import { optionalText } from "./c-text.ts";
import { type FailureKind, osFailure, type SslFailure } from "./failure.ts";
import { describe } from "./library-failure.ts";
import type { SourcePlace } from "./source-lines.ts";

/** The operation must wait: for the transport to be readable or writable, or for more bytes in a BIO. */
export type Want = "want-read" | "want-write";

/** `PY_SSL_ERROR_*` of `_ssl.c`: OpenSSL's values, and CPython's own after them. */
export const errorNumber = {
  ssl: 1,
  wantRead: 2,
  wantWrite: 3,
  wantX509Lookup: 4,
  syscall: 5,
  zeroReturn: 6,
  wantConnect: 7,
  eof: 8,
  noSocket: 9,
  invalidErrorCode: 10,
} as const;

const eofText = "EOF occurred in violation of protocol";
const wantText = {
  "want-read": "The operation did not complete (read)",
  "want-write": "The operation did not complete (write)",
} as const;

/**
 * The record of a failed operation on a connection: `PySSL_SetError` of `_ssl.c`.
 *
 * @param outcome what the C glue took right after the operation
 * @param serverHostname for the texts of name mismatches
 */
export function connectionFailure(
  openssl: OpenSsl,
  outcome: Outcome,
  place: SourcePlace,
  serverHostname: string | null,
): SslFailure {
  const { error } = outcome;
  const record = (kind: FailureKind, code: number, text: string) =>
    describe(openssl, place, { kind, code, text, error });
  switch (outcome.sslError) {
    case c.SSL_ERROR_ZERO_RETURN:
      return record("SSLZeroReturnError", errorNumber.zeroReturn, "TLS/SSL connection has been closed (EOF)");
    case c.SSL_ERROR_WANT_READ:
      return record("SSLWantReadError", errorNumber.wantRead, wantText["want-read"]);
    case c.SSL_ERROR_WANT_WRITE:
      return record("SSLWantWriteError", errorNumber.wantWrite, wantText["want-write"]);
    case c.SSL_ERROR_WANT_X509_LOOKUP:
      return record("SSLError", errorNumber.wantX509Lookup, "The operation did not complete (X509 lookup)");
    case c.SSL_ERROR_WANT_CONNECT:
      return record("SSLError", errorNumber.wantConnect, "The operation did not complete (connect)");
    case c.SSL_ERROR_SYSCALL:
      // Both BIOs are in memory, so errno is not this connection's: an empty queue means the end of the stream.
      if (error === 0) return record("SSLEOFError", errorNumber.eof, eofText);
      return fromQueue(openssl, outcome, errorNumber.syscall, place, serverHostname);
    case c.SSL_ERROR_SSL:
      if (error === 0) return record("SSLError", errorNumber.ssl, "A failure in the SSL library occurred");
      // OpenSSL 3 tells an end without close_notify by this reason.
      if (isSslReason(error, c.SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
        return record("SSLEOFError", errorNumber.eof, eofText);
      }
      return fromQueue(openssl, outcome, errorNumber.ssl, place, serverHostname);
    default:
      return record("SSLError", errorNumber.invalidErrorCode, "Invalid error code");
  }
}

function fromQueue(
  openssl: OpenSsl,
  outcome: Outcome,
  code: number,
  place: SourcePlace,
  serverHostname: string | null,
): SslFailure {
  const { error } = outcome;
  if (isSystemError(error)) return osFailure(errnoName(errorReason(error)) ?? "EIO");
  if (!isSslReason(error, c.SSL_R_CERTIFICATE_VERIFY_FAILED)) {
    return describe(openssl, place, { kind: "SSLError", code, error });
  }
  const verifyCode = outcome.verifyResult;
  const verifyMessage = verifyText(openssl, verifyCode, serverHostname);
  const failure = describe(openssl, place, { kind: "SSLCertVerificationError", code, error, verifyMessage });
  return { ...failure, verifyCode, verifyMessage };
}

/** What is wrong with the certificate, in CPython's words where they differ from OpenSSL's. */
function verifyText(openssl: OpenSsl, verifyCode: number, serverHostname: string | null): string | null {
  switch (verifyCode) {
    case c.X509_V_ERR_HOSTNAME_MISMATCH:
      return `Hostname mismatch, certificate is not valid for '${serverHostname ?? "None"}'.`;
    case c.X509_V_ERR_IP_ADDRESS_MISMATCH:
      return `IP address mismatch, certificate is not valid for '${serverHostname ?? "None"}'.`;
    default:
      return optionalText(openssl, openssl.fn.X509_verify_cert_error_string(verifyCode));
  }
}

/** What CPython 3.14 raises for do_handshake, read and write after an SSLEOFError, without asking OpenSSL again. */
export function afterEofFailure(openssl: OpenSsl): SslFailure {
  return describe(openssl, "afterEof", {
    kind: "SSLEOFError",
    code: errorNumber.eof,
    text: eofText,
    error: 0,
  });
}

/** The record of a want, for a socket or BIO that must not wait. */
export function wantFailure(openssl: OpenSsl, want: Want, place: SourcePlace): SslFailure {
  const [kind, code] =
    want === "want-read"
      ? (["SSLWantReadError", errorNumber.wantRead] as const)
      : (["SSLWantWriteError", errorNumber.wantWrite] as const);
  return describe(openssl, place, { kind, code, text: wantText[want], error: 0 });
}

function isSslReason(error: number, reason: number): boolean {
  return errorLibrary(error) === c.ERR_LIB_SSL && errorReason(error) === reason;
}
