/** What an observer is told of TLS connections: for a page that shows them, or a log. */
import { type CertificateInfo, type DistinguishedName, SslError } from "../shim/ssl/index.ts";
import type { TlsStream, TlsStreamObserver } from "./tls-stream.ts";

/** One certificate of a chain. */
export interface ConnectionCertificate {
  /** Distinguished name, most specific part first: `"CN=example.org, O=Example"`. */
  readonly subject: string;
  /** Distinguished name of who signed it. */
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** Host names and addresses that it is valid for. */
  readonly names: readonly string[];
  /** In hexadecimal. */
  readonly serialNumber: string;
}

/** What the handshake agreed on. */
export interface ConnectionTls {
  /** `"TLSv1.3"`; empty where the handshake failed. */
  readonly version: string;
  /** OpenSSL's name of the cipher suite. */
  readonly cipher: string;
  /** Key exchange group; undefined for a key exchange without one. */
  readonly group: string | undefined;
  /** Protocol chosen by ALPN. */
  readonly alpn: string | undefined;
  /** Whether an earlier session was resumed, without a new check of certificates. */
  readonly isResumed: boolean;
  /** Whether the peer's certificate was verified: false where the program did not ask for it, or it was refused. */
  readonly isVerified: boolean;
  /** The peer's certificate first, up to the trust anchor when verified. */
  readonly chain: readonly ConnectionCertificate[];
}

/** A connection as it is now. Plain data: may be posted to other threads. */
export interface ConnectionEvent {
  /** The same in all events of one connection. */
  readonly id: number;
  /** Name that was asked for; the peer's address where none was. */
  readonly host: string;
  /** The peer's port. */
  readonly port: number;
  /** Whether this side is the server. */
  readonly serverSide: boolean;
  /** `connecting` until the handshake has ended. */
  readonly state: "connecting" | "open" | "closed";
  /** Bytes of ciphertext. */
  readonly bytesIn: number;
  /** Bytes of ciphertext. */
  readonly bytesOut: number;
  /** What the handshake agreed on; undefined until it has ended. */
  readonly tls: ConnectionTls | undefined;
  /** Text of the last failure. */
  readonly error: string | undefined;
}

/** Events for bytes alone come no oftener than this. */
const TRAFFIC_INTERVAL_MS = 100;

/** Watches one interpreter's connections and tells `listener` of every change. */
export class ConnectionWatch {
  readonly #listener: (event: ConnectionEvent) => void;
  #nextId = 1;

  constructor(listener: (event: ConnectionEvent) => void) {
    this.#listener = (event) => {
      try {
        listener(event);
      } catch (error) {
        // It only watches: its mistakes are not the connection's.
        console.error("pyodide-ssl: onConnection threw", error);
      }
    };
  }

  /** An observer for a new connection. */
  observe(): TlsStreamObserver & { opened(stream: TlsStream): void } {
    const id = this.#nextId++;
    let state: ConnectionEvent["state"] = "connecting";
    let tls: ConnectionTls | undefined;
    let error: string | undefined;
    let bytesTold = 0;
    let toldAt = 0;
    const tell = (stream: TlsStream): void => {
      const { bytesIn, bytesOut, connection } = stream;
      bytesTold = bytesIn + bytesOut;
      toldAt = performance.now();
      const { serverSide } = connection;
      this.#listener({ id, ...addressOf(stream), serverSide, state, bytesIn, bytesOut, tls, error });
    };
    return {
      opened: tell,
      handshaken(stream) {
        state = "open";
        tls = describeTls(stream);
        tell(stream);
      },
      failed(stream, failure) {
        error = failure.message || failure.errno || failure.kind;
        // The certificate that was refused is what an observer wants to see most.
        if (tls === undefined && failure.kind === "SSLCertVerificationError") {
          tls = { ...describeTls(stream), isVerified: false };
        }
        tell(stream);
      },
      paused(stream) {
        const isNews = stream.bytesIn + stream.bytesOut !== bytesTold;
        if (isNews && performance.now() - toldAt >= TRAFFIC_INTERVAL_MS) tell(stream);
      },
      closed(stream) {
        state = "closed";
        tell(stream);
      },
    };
  }
}

function addressOf({ connection, entry }: TlsStream): { host: string; port: number } {
  const peer = entry.peerAddress ?? entry.stream?.remoteAddress;
  return { host: connection.serverHostname ?? peer?.host ?? "", port: peer?.port ?? 0 };
}

function describeTls({ connection }: TlsStream): ConnectionTls {
  return {
    version: connection.version() ?? "",
    cipher: connection.cipher()?.[0] ?? "",
    group: connection.groupName() ?? undefined,
    alpn: connection.selectedAlpnProtocol() ?? undefined,
    isResumed: connection.sessionReused,
    isVerified: connection.context.verifyMode !== 0,
    chain: describeChain(connection),
  };
}

function describeChain(connection: TlsStream["connection"]): ConnectionCertificate[] {
  const described: ConnectionCertificate[] = [];
  for (const certificate of connection.getVerifiedChain() ?? connection.getUnverifiedChain() ?? []) {
    if (certificate === null) continue;
    using owned = certificate;
    try {
      described.push(describeCertificate(owned.getInfo()));
    } catch (error) {
      // A certificate that can't be described is no reason to fail a connection.
      if (!(error instanceof SslError)) throw error;
    }
  }
  return described;
}

function describeCertificate(info: CertificateInfo): ConnectionCertificate {
  return {
    subject: nameText(info.subject),
    issuer: nameText(info.issuer),
    notBefore: Date.parse(info.notBefore),
    notAfter: Date.parse(info.notAfter),
    names: (info.subjectAltName ?? []).flatMap(([, value]) => (typeof value === "string" ? [value] : [])),
    serialNumber: info.serialNumber,
  };
}

/** Short names of attributes, RFC 4514 section 3. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  commonName: "CN",
  localityName: "L",
  stateOrProvinceName: "ST",
  organizationName: "O",
  organizationalUnitName: "OU",
  countryName: "C",
  streetAddress: "STREET",
  domainComponent: "DC",
  userId: "UID",
};

function nameText(name: DistinguishedName): string {
  const parts = name.map((attributes) =>
    attributes
      .map(([type, value]) => `${SHORT_NAMES[type] ?? type}=${typeof value === "string" ? value : value.hex}`)
      .join("+"),
  );
  return parts.reverse().join(", ");
}
