import * as net from "node:net";
import type { Policy } from "./policy.ts";

/** Why there is no connection: a Wisp CLOSE reason, an errno name and a sentence. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly reason: number;
  readonly code: string;

  constructor(reason: number, code: string, message: string) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}

/** Numeric addresses of a name, as `dns.promises.lookup(name, { all: true })` gives them. */
export type Resolve = (host: string) => Promise<
  readonly {
    /** IPv4 or IPv6, numeric. */
    address: string;
  }[]
>;

export interface ConnectRequest {
  readonly host: string;
  readonly port: number;
  readonly policy: Policy;
  readonly resolve: Resolve;
  /** How the connected socket reads. */
  readonly onread: net.OnReadOpts;
  /** Aborted at the connect deadline, or when the client gave up. Its reason is a {@link ConnectError} or anything. */
  readonly signal: AbortSignal;
}

/**
 * Resolves the name once, drops every address that policy refuses, and connects to what is left, in order. The
 * address that was checked is the one that is connected to: there is no second lookup that could answer differently
 * (DNS rebinding).
 * @throws {ConnectError} (as rejection)
 */
export async function connectTarget(request: ConnectRequest): Promise<net.Socket> {
  const { host, port, policy, onread, signal } = request;
  const addresses = await resolveTarget(request);
  const allowed = addresses.filter((address) => policy.allowsAddress(address));
  if (allowed.length === 0) {
    throw new ConnectError(
      0x48,
      "EACCES",
      `${host} is at a private or reserved address, which the gateway does not connect to`,
    );
  }
  let failure: unknown;
  for (const address of allowed) {
    signal.throwIfAborted();
    try {
      return await connectAddress(address, port, onread, signal);
    } catch (error) {
      failure = error;
    }
  }
  signal.throwIfAborted();
  throw toConnectError(failure, host, port);
}

async function resolveTarget({ host, resolve, signal }: ConnectRequest): Promise<string[]> {
  if (net.isIP(host) !== 0) return [host];
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort);
  try {
    const found = await Promise.race([resolve(host), aborted.promise]);
    if (found.length > 0) return found.map(({ address }) => address);
  } catch (error) {
    if (signal.aborted) throw error;
    if (codeOf(error) === "EAI_AGAIN") {
      throw new ConnectError(0x41, "EAI_AGAIN", `${host}: Temporary failure in name resolution`);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  throw new ConnectError(0x41, "EAI_NONAME", `${host}: Name or service not known`);
}

function connectAddress(
  address: string,
  port: number,
  onread: net.OnReadOpts,
  signal: AbortSignal,
): Promise<net.Socket> {
  const socket = new net.Socket({ allowHalfOpen: true, onread });
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const onAbort = (): void => {
    socket.destroy();
    reject(signal.reason as Error);
  };
  signal.addEventListener("abort", onAbort);
  socket.once("error", reject);
  socket.once("connect", () => {
    socket.removeListener("error", reject);
    // TLS records are whole messages: waiting to fill a segment only adds latency.
    socket.setNoDelay(true);
    resolve(socket);
  });
  socket.connect({ host: address, port });
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}

function toConnectError(error: unknown, host: string, port: number): ConnectError {
  const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return new ConnectError(0x44, code, `${target} refused the connection`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return new ConnectError(0x42, code, `no route to ${target} from the gateway`);
    case "ETIMEDOUT":
      return new ConnectError(0x43, code, `${target} did not answer the gateway`);
    case "EACCES":
    case "EPERM":
      return new ConnectError(
        0x48,
        "EACCES",
        `the gateway's system does not allow a connection to ${target}`,
      );
    case "EMFILE":
    case "ENFILE":
      return new ConnectError(0x49, "EMFILE", "the gateway has no room for further connections");
    default:
      return new ConnectError(
        0x03,
        "ECONNRESET",
        `the connection to ${target} could not be made (${code || String(error)})`,
      );
  }
}

function codeOf(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}
