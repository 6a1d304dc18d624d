/** How the bridge's calls tell Python of outcomes that are not values. */
import type { TransportErrorCode } from "../../transports/stream.ts";
import { TransportError } from "../../transports/stream.ts";

/** The call would have to wait: EAGAIN. */
export const WOULD_BLOCK = -1;
/** The call failed; {@link Failures.take} tells how. */
export const FAILED = -2;
/** A connect was begun: EINPROGRESS. */
export const IN_PROGRESS = -3;

/** Errno names of failures: a transport's, and those that come from using a socket the wrong way. */
export type FailureCode =
  | TransportErrorCode
  | "EALREADY"
  | "EDESTADDRREQ"
  | "EMSGSIZE"
  | "EFAULT"
  | "ECONNABORTED"
  | "EISCONN"
  | "ENOPROTOOPT"
  | "ENOTSOCK"
  | "EPROTONOSUPPORT"
  | "ESOCKTNOSUPPORT";

/**
 * Failures for which the system's own text says all there is to say. For the others the message of who failed is shown: it
 * names the gateway and the way out.
 */
const TEXT_SAYS_ALL: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "EPIPE",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EBADF",
  "EINVAL",
  "ENOTCONN",
  "EAI_NONAME",
]);

/** The last failure of one bridge, for Python to pick up. */
export class Failures {
  #last: { code: FailureCode; message: string } = { code: "EBADF", message: "" };

  /**
   * Notes a failure and answers {@link FAILED}.
   * @param message shown in place of the system's text for `code`, when not empty
   */
  note(code: FailureCode, message = ""): typeof FAILED {
    this.#last = { code, message };
    return FAILED;
  }

  /**
   * Notes what a transport threw or reported.
   * @param isSystem the transport is the operating system's own: its errors read as everywhere
   */
  noteError(error: unknown, isSystem: boolean): typeof FAILED {
    if (!(error instanceof TransportError)) throw error;
    const isPlain = isSystem || (TEXT_SAYS_ALL.has(error.code) && !error.concernsGateway);
    return this.note(error.code, isPlain ? "" : error.message);
  }

  /** The last failure as JSON: `{ code, message }`. */
  take(): string {
    return JSON.stringify(this.#last);
  }
}
