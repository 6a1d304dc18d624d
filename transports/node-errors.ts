import { TransportError, type TransportErrorCode } from "./stream.ts";

/** Errno names that go through as they are. */
const KNOWN: ReadonlySet<string> = new Set<TransportErrorCode>([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ETIMEDOUT",
  "EPIPE",
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EINVAL",
  "EBADF",
  "ENOBUFS",
  "ENOTCONN",
  "EOPNOTSUPP",
  "EMFILE",
]);

/** Node's and libuv's other codes, by the errno of {@link TransportErrorCode} that a Python program can act on. */
const TRANSLATED: Readonly<Record<string, TransportErrorCode>> = {
  EPERM: "EACCES",
  ENFILE: "EMFILE",
  ENOMEM: "ENOBUFS",
  EHOSTDOWN: "EHOSTUNREACH",
  ERR_SOCKET_BAD_PORT: "EINVAL",
  ERR_SOCKET_CLOSED: "EBADF",
};

/**
 * A socket error of Node as a transport's error.
 * @param doing what failed, for the message: `connect to 127.0.0.1:443`
 */
export function nodeError(error: unknown, doing: string): TransportError {
  if (error instanceof TransportError) return error;
  const code = codeOf(error);
  const known = KNOWN.has(code) ? (code as TransportErrorCode) : (TRANSLATED[code] ?? "ECONNABORTED");
  const detail = error instanceof Error ? error.message : String(error);
  return new TransportError(known, `${doing}: ${detail}`, { cause: error });
}

/** A `dns.lookup` error of Node as an `EAI_*` error. */
export function lookupError(host: string, error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = codeOf(error);
  // libuv reports every "no such name" or "no address of that family" of getaddrinfo(3) as ENOTFOUND.
  if (
    code === "ENOTFOUND" ||
    code === "EAI_NONAME" ||
    code === "ENODATA" ||
    code === "ERR_INVALID_ARG_VALUE"
  ) {
    return new TransportError("EAI_NONAME", `${host}: Name or service not known`, { cause: error });
  }
  if (code === "EAI_AGAIN") {
    return new TransportError("EAI_AGAIN", `${host}: Temporary failure in name resolution`, { cause: error });
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new TransportError("EAI_FAIL", `${host}: ${detail}`, { cause: error });
}

function codeOf(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}
