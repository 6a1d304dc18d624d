import { TransportError, type TransportErrorCode } from "./stream.ts";
import { CloseReason } from "./wisp-packet.ts";

/** What a CLOSE reason means to a program: the errno, and a sentence with the target's name put in. */
const MEANINGS: Readonly<Record<number, readonly [TransportErrorCode, (target: string) => string]>> = {
  [CloseReason.networkError]: ["ECONNRESET", (target) => `the connection to ${target} was lost`],
  [CloseReason.invalidInfo]: ["EAI_NONAME", (target) => `${target}: the gateway does not know this host`],
  [CloseReason.unreachable]: ["EHOSTUNREACH", (target) => `no route to ${target} from the gateway`],
  [CloseReason.noResponse]: ["ETIMEDOUT", (target) => `${target} did not answer the gateway`],
  [CloseReason.refused]: ["ECONNREFUSED", (target) => `${target} refused the connection`],
  [CloseReason.transferTimeout]: [
    "ETIMEDOUT",
    (target) => `the gateway ended the idle connection to ${target}`,
  ],
  [CloseReason.blocked]: ["EACCES", (target) => `${target} is blocked by the gateway's policy`],
  [CloseReason.throttled]: [
    "EMFILE",
    (target) => `the gateway allows no further connection (to ${target}) now`,
  ],
  [CloseReason.badPassword]: ["EACCES", () => "the gateway did not accept the password"],
  [CloseReason.badSignature]: ["EACCES", () => "the gateway did not accept the key"],
  [CloseReason.missingCredentials]: ["EACCES", () => "the gateway wants credentials"],
};

/** Codes that our gateway may put before its text; it knows the target's errno, which a CLOSE reason blurs. */
const DETAIL_CODES: ReadonlySet<string> = new Set<TransportErrorCode>([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EPIPE",
  "EACCES",
  "EINVAL",
  "ENOBUFS",
  "EMFILE",
  "EADDRNOTAVAIL",
  "EAI_NONAME",
  "EAI_AGAIN",
  "EAI_FAIL",
]);

/**
 * The error that a CLOSE stands for.
 * @param detail our gateway's text, `CODE sentence`; empty from others
 */
export function closeError(reason: number, detail: string, target: string, gateway: string): TransportError {
  const [code, text] = splitDetail(detail);
  const meaning = MEANINGS[reason];
  const hex = `0x${reason.toString(16).padStart(2, "0")}`;
  const sentence =
    text || (meaning?.[1](target) ?? `the connection to ${target} was closed (Wisp reason ${hex})`);
  // The idle limit is the gateway's own: ETIMEDOUT alone would blame the target.
  const concernsGateway = reason === CloseReason.transferTimeout;
  return new TransportError(code ?? meaning?.[0] ?? "ECONNRESET", `${sentence} (through ${gateway})`, {
    concernsGateway,
  });
}

function splitDetail(detail: string): [TransportErrorCode | undefined, string] {
  const space = detail.indexOf(" ");
  const code = detail.slice(0, Math.max(space, 0));
  return DETAIL_CODES.has(code) ? [code as TransportErrorCode, detail.slice(space + 1)] : [undefined, ""];
}

/** The gateway could not be reached, or ended the WebSocket before it was ready. */
export function gatewayUnreachable(
  gateway: string,
  close: { code: number; reason: string } | undefined,
): TransportError {
  // 1008 "policy violation" is how our gateway says no; its reason names the option that would allow it.
  if (close?.code === 1008) {
    return gatewayError("EACCES", `the gateway ${gateway} refused: ${close.reason || "policy violation"}`);
  }
  if (close?.reason) {
    return gatewayError(
      "ECONNREFUSED",
      `the gateway ${gateway} refused: ${close.reason} (code ${close.code})`,
    );
  }
  if (isOffline()) {
    return gatewayError("ENETUNREACH", `cannot reach the gateway ${gateway}: this device is offline`);
  }
  return gatewayError(
    "ECONNREFUSED",
    `cannot reach the gateway ${gateway}: is it running (npx pyodide-ssl gateway), and is the address right?`,
  );
}

export function gatewayTimeout(gateway: string, timeoutMs: number): TransportError {
  return gatewayError("ETIMEDOUT", `the gateway ${gateway} did not answer within ${timeoutMs / 1000} s`);
}

export function gatewayLost(gateway: string, close: { code: number; reason: string }): TransportError {
  const why = close.reason ? `: ${close.reason}` : close.code === 1006 ? "" : ` (code ${close.code})`;
  return gatewayError("ECONNRESET", `the connection to the gateway ${gateway} was lost${why}`);
}

function gatewayError(code: TransportErrorCode, message: string): TransportError {
  return new TransportError(code, message, { concernsGateway: true });
}

function isOffline(): boolean {
  return typeof navigator !== "undefined" && (navigator as { onLine?: boolean }).onLine === false;
}
