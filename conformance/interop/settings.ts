/** What one side of a cell is told to do, and what it reports. The same JSON goes to Python, Node and Go. */
import { createHash } from "node:crypto";

export type Side = "client" | "server";
export type TlsVersion = "1.2" | "1.3";

/** What is said over the connection once it stands. */
export type Exchange =
  /** The client says a line, the server answers one; the client ends. */
  | { readonly kind: "hello" }
  /** The client sends so many bytes, then the server does. A piece is what one side sends before it reads. */
  | { readonly kind: "large"; readonly byteLength: number; readonly pieceLength: number }
  /** One side says a line and close_notify; the other sends so many bytes afterwards. */
  | { readonly kind: "half-close"; readonly by: Side; readonly byteLength: number }
  /** Python says hello; then the peer, so often: updates its keys, asks for Python's, says a line, gets it back. */
  | { readonly kind: "key-update"; readonly rounds: number };

/** Paths of PEM files. */
export interface Credentials {
  readonly certificate: string;
  /** With the intermediate. */
  readonly chain: string;
  readonly key: string;
}

/** One side of a cell. */
export interface Settings {
  readonly side: Side;
  /** A client's: where to connect. */
  readonly port: number;
  /** The only version this side speaks. */
  readonly version: TlsVersion;
  /** File of the trusted root, or null for none. */
  readonly trust: string | null;
  /** A client's: the name it expects. */
  readonly serverName: string;
  readonly leaf: Credentials | null;
  /** A server's: a client certificate is required. */
  readonly clientCertificate: boolean;
  readonly alpn: readonly string[];
  /** The only group, by OpenSSL's name. Null for the defaults. */
  readonly group: string | null;
  /** False: sessions are resumed by their ids (TLS 1.2). */
  readonly tickets: boolean;
  /** `key` in hexadecimal. */
  readonly psk: { readonly identity: string; readonly key: string } | null;
  /** How many connections, one after another; each resumes the session of the one before where that is a feature's matter. */
  readonly connections: number;
  readonly exchange: Exchange;
  /** What `exchange` goes over: bytes as they are, or requests. */
  readonly protocol: "raw" | "http";
}

/** What one side saw of one connection. Fields that a peer does not tell are absent. */
export interface Report {
  /** Null when the connection was made, used and ended as the exchange says; else all that is known of the failure. */
  readonly error: string | null;
  readonly version?: string;
  readonly cipher?: string;
  readonly reused?: boolean;
  readonly alpn?: string | null;
  /** The peer's common name. */
  readonly peer?: string | null;
  readonly line?: string;
  readonly lines?: readonly string[];
  readonly received?: Digest;
  /** How the connection ended: `close_notify` by both sides, or an exception's name. */
  readonly end?: string;
  /** Handshake messages: `read CLIENT_HELLO` → how many. Python's. */
  readonly messages?: Readonly<Record<string, number>>;
  /** Key updates that a tool showed. */
  readonly keyUpdates?: { readonly sent: number; readonly received: number };
}

export interface Digest {
  readonly byteLength: number;
  readonly sha256: string;
}

/** The line that each peer says. */
export const PEER_HELLO = "hello from the peer\n";
export const PYTHON_HELLO = "hello from Python\n";

export const LINE_LENGTH = 1024;

/** What is sent where much is sent: numbered lines of 1,024 bytes. `byteLength` is a multiple of that. */
export function pattern(byteLength: number): string {
  const lines: string[] = [];
  for (let number = 0; number < byteLength / LINE_LENGTH; number++) {
    lines.push(`${String(number).padStart(8, "0")} ${"x".repeat(1014)}\n`);
  }
  return lines.join("");
}

/** A line of {@link pattern}, to find it in a tool's output among other text. */
export const PATTERN_LINE = /^\d{8} x{1014}\n/gm;

export function digestOf(data: string | Uint8Array): Digest {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return { byteLength: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
