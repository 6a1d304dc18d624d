/** The rows of the matrix: what each side is told, and what both must see afterwards. */

import type { LeafName } from "../../e2e/peers/certs.ts";
import type { InteropPeer } from "./peers/peer.ts";
import {
  digestOf,
  type Exchange,
  PEER_HELLO,
  PYTHON_HELLO,
  pattern,
  type Report,
  type Settings,
  type Side,
  type TlsVersion,
} from "./settings.ts";

/** Everything that a check may look at. */
export interface Outcome {
  readonly ours: readonly Report[];
  readonly theirs: readonly Report[];
  /** Python's side. */
  readonly side: Side;
  readonly exchange: Exchange;
  /** Whether the peer can only send back what it gets. */
  readonly isEcho: boolean;
  readonly protocol: Settings["protocol"];
}

/** What of the settings a feature sets for one side. */
type Told = Partial<
  Pick<Settings, "version" | "clientCertificate" | "alpn" | "group" | "tickets" | "psk" | "connections">
> & {
  readonly leaf?: LeafName | null;
  readonly trust?: "ca" | "other-ca" | null;
  readonly serverName?: string;
};

/** One row. */
export interface Feature {
  readonly id: string;
  readonly title: string;
  readonly version: TlsVersion;
  readonly client?: Told;
  readonly server?: Told;
  /** By side of Python's and not of the protocol. */
  readonly ours?: Told;
  readonly theirs?: Told;
  /** Default: hello. The side that begins a half-close is Python's, or not. */
  readonly exchange?: (ourSide: Side) => Exchange;
  /**
   * The connection must not come about: who refuses. `ours` and `theirs` match what Python and the peer say, by whether
   * they refuse or are told by an alert.
   */
  readonly refusal?: { readonly by: Side | "either"; readonly refuser: RegExp; readonly told: RegExp };
  /** What must hold besides: answers what is wrong, or undefined. */
  readonly check?: (outcome: Outcome) => string | undefined;
}

const PSK = { identity: "interop", key: "9f3c1d4be2a85b7086c4d1f0325a7e49" };
const LARGE_BYTE_LENGTH = 2 * 1024 * 1024;
/** As much as an echoing peer gets at once: less than the buffers between take. */
const ECHO_PIECE_LENGTH = 16 * 1024;
const HALF_CLOSE_BYTE_LENGTH = 256 * 1024;
const KEY_UPDATE_ROUNDS = 3;

const messagesOf = (report: Report | undefined, message: string): number => report?.messages?.[message] ?? 0;
const other = (side: Side): Side => (side === "client" ? "server" : "client");

/** Answers the first problem of those that are asked for. */
function firstProblem(...problems: (string | false | undefined)[]): string | undefined {
  return problems.find((problem): problem is string => typeof problem === "string");
}

function each(reports: readonly Report[], key: keyof Report, expected: readonly unknown[]): string | false {
  const seen = JSON.stringify(reports.map((report) => report[key]));
  return seen !== JSON.stringify(expected) && `${key} is ${seen}, not ${JSON.stringify(expected)}`;
}

/** What every connection that comes about must show. */
export function checkConnection(feature: Feature, outcome: Outcome): string | undefined {
  const { ours, theirs, exchange, side, isEcho, protocol } = outcome;
  const connections = feature.client?.connections ?? 1;
  const error = [...ours, ...theirs].find((report) => report.error !== null)?.error;
  if (error !== undefined) return error ?? undefined;
  const told = theirs.flatMap(({ version }) => (version === undefined ? [] : [version]));
  const answer = isEcho && side === "client" ? PYTHON_HELLO : PEER_HELLO;
  return firstProblem(
    ours.length !== connections && `${ours.length} connections`,
    theirs.length === 0 && "the peer reported nothing",
    each(
      ours,
      "version",
      ours.map(() => `TLSv${feature.version}`),
    ),
    told.some((version) => version !== `TLSv${feature.version}`) && `the peer saw ${told.join()}`,
    exchange.kind === "hello" &&
      protocol === "raw" &&
      each(
        ours,
        "line",
        ours.map(() => answer),
      ),
    exchange.kind === "hello" &&
      protocol === "raw" &&
      theirs.some(({ line }) => line !== undefined && line !== PYTHON_HELLO) &&
      "the peer got another line",
  );
}

function checkReused({ ours, theirs, protocol, side }: Outcome): string | undefined {
  // nginx answers what it knows in its response.
  const peers =
    protocol === "http" && side === "client"
      ? nginxSaw(ours, "reused").map((mark) => mark === "r")
      : theirs.map(({ reused }) => reused);
  return firstProblem(
    each(ours, "reused", [false, true]),
    JSON.stringify(peers) !== "[false,true]" && `the peer saw reused: ${JSON.stringify(peers)}`,
  );
}

/** One of the facts in nginx's answers. */
function nginxSaw(ours: readonly Report[], fact: string): unknown[] {
  return ours.map(({ line }) => (JSON.parse(line ?? "{}") as Record<string, unknown>)[fact]);
}

function checkClientCertificate({ ours, theirs, side, protocol }: Outcome): string | undefined {
  if (side === "server") return firstProblem(each(ours, "peer", ["Test Client"]));
  if (protocol === "http") {
    const [name] = nginxSaw(ours, "client");
    return String(name).includes("CN=Test Client") ? undefined : `nginx saw ${String(name)}`;
  }
  const { peer } = theirs[0] ?? {};
  return peer === "Test Client" ? undefined : `the peer saw ${peer ?? "no name"}`;
}

function checkAlpn({ ours, theirs, side, protocol }: Outcome): string | undefined {
  const peer = protocol === "http" && side === "client" ? nginxSaw(ours, "alpn")[0] : theirs[0]?.alpn;
  return firstProblem(
    each(ours, "alpn", ["http/1.1"]),
    peer !== "http/1.1" && `the peer saw ${String(peer)}`,
  );
}

function checkLarge({ ours, theirs, exchange, protocol, side }: Outcome): string | undefined {
  if (exchange.kind !== "large") return "not a large exchange";
  const expected = JSON.stringify(digestOf(pattern(exchange.byteLength)));
  if (protocol === "http" && side === "client") {
    return firstProblem(
      ours[0]?.received?.byteLength !== exchange.byteLength && "Python did not get all",
      ours[0]?.line !== expected && `nginx got ${ours[0]?.line}`,
    );
  }
  return firstProblem(
    JSON.stringify(ours[0]?.received) !== expected && `Python got ${JSON.stringify(ours[0]?.received)}`,
    theirs[0]?.received !== undefined &&
      JSON.stringify(theirs[0].received) !== expected &&
      `the peer got ${JSON.stringify(theirs[0].received)}`,
  );
}

function checkHalfClose({ ours, theirs, exchange, side }: Outcome): string | undefined {
  if (exchange.kind !== "half-close") return "not a half-close";
  const [first, last] = exchange.by === side ? [ours[0], theirs[0]] : [theirs[0], ours[0]];
  const line = exchange.by === side ? PYTHON_HELLO : PEER_HELLO;
  const expected = JSON.stringify(digestOf(pattern(exchange.byteLength)));
  return firstProblem(
    JSON.stringify(first?.received) !== expected &&
      `after its close_notify it got ${JSON.stringify(first?.received)}`,
    last?.line !== undefined && last.line !== line && `before the close_notify it got ${last.line}`,
    ours[0]?.end !== "close_notify" && `Python's end is ${ours[0]?.end}`,
  );
}

function checkKeyUpdate({ ours, theirs, exchange }: Outcome): string | undefined {
  if (exchange.kind !== "key-update") return "not a key update";
  const updates = theirs[0]?.keyUpdates;
  return firstProblem(
    messagesOf(ours[0], "read KEY_UPDATE") !== exchange.rounds &&
      `Python read ${messagesOf(ours[0], "read KEY_UPDATE")} key updates`,
    messagesOf(ours[0], "write KEY_UPDATE") !== exchange.rounds &&
      `Python wrote ${messagesOf(ours[0], "write KEY_UPDATE")} key updates`,
    updates !== undefined &&
      (updates.sent !== exchange.rounds || updates.received !== exchange.rounds) &&
      `the peer shows ${JSON.stringify(updates)}`,
  );
}

function checkRetry({ ours, side }: Outcome): string | undefined {
  const hellos = messagesOf(ours[0], side === "client" ? "write CLIENT_HELLO" : "read CLIENT_HELLO");
  return hellos === 2 ? undefined : `there were ${hellos} ClientHellos`;
}

function checkPsk({ ours }: Outcome): string | undefined {
  const certificates = messagesOf(ours[0], "read CERTIFICATE") + messagesOf(ours[0], "write CERTIFICATE");
  return certificates === 0 ? undefined : "a certificate was sent";
}

const UNTRUSTED_ALERT = /unknown.ca|ca.is.unknown|unknown.certificate.authority|bad.certificate/i;

const VERSIONS = ["1.2", "1.3"] as const;
const CERTIFICATES = [
  ["rsa", "RSA", "good"],
  ["ecdsa", "ECDSA", "good-ec"],
  ["ed25519", "Ed25519", "good-ed25519"],
] as const;

const both = (make: (version: TlsVersion) => Feature[]): Feature[] => VERSIONS.flatMap(make);

function certificateRows(version: TlsVersion): Feature[] {
  return CERTIFICATES.map(([id, title, leaf]) => ({
    id: `certificate-${id}-${version}`,
    title: `TLS ${version}, ${title} certificate`,
    version,
    server: { leaf },
  }));
}

function clientCertificateRows(version: TlsVersion): Feature[] {
  const server = { clientCertificate: true, trust: "ca" } as const;
  const row = (id: string, title: string, leaf: LeafName | null) => ({
    id: `client-certificate-${id}-${version}`,
    title: `TLS ${version}, client certificate ${title}`,
    version,
    server,
    client: { leaf },
  });
  return [
    { ...row("right", "required and given", "client"), check: checkClientCertificate },
    {
      ...row("wrong", "of an unknown authority: refused", "client-unknown"),
      refusal: {
        by: "server",
        refuser:
          /CERTIFICATE_VERIFY_FAILED|certificate verify failed|unable to (get|verify)|not trusted|unknown authority|verif/i,
        told: UNTRUSTED_ALERT,
      },
    },
    {
      ...row("missing", "missing: refused", null),
      refusal: {
        by: "server",
        refuser:
          /PEER_DID_NOT_RETURN_A_CERTIFICATE|did not return a certificate|no.*certificate|didn't provide/i,
        told: /certificate.(is.)?required|handshake.fail|(bad.certificate|certificate.is.bad)/i,
      },
    },
  ];
}

const largeExchange = (): Exchange => ({
  kind: "large",
  byteLength: LARGE_BYTE_LENGTH,
  pieceLength: LARGE_BYTE_LENGTH,
});

export const FEATURES: readonly Feature[] = [
  ...both(certificateRows),
  ...both(clientCertificateRows),
  ...both((version) => [
    {
      id: `resume-ticket-${version}`,
      title: `TLS ${version}, session resumed by ticket`,
      version,
      client: { connections: 2 },
      server: { connections: 2 },
      check: checkReused,
    },
  ]),
  {
    id: "resume-id-1.2",
    title: "TLS 1.2, session resumed by id",
    version: "1.2",
    client: { connections: 2, tickets: false },
    server: { connections: 2, tickets: false },
    check: checkReused,
  },
  ...both((version) => [
    {
      id: `alpn-${version}`,
      title: `TLS ${version}, ALPN: the server's choice of two`,
      version,
      client: { alpn: ["h2", "http/1.1"] },
      server: { alpn: ["http/1.1"] },
      check: checkAlpn,
    },
    {
      id: `psk-${version}`,
      title: `TLS ${version}, external PSK`,
      version,
      client: { psk: PSK, trust: null },
      server: { psk: PSK, leaf: null },
      check: checkPsk,
    },
  ]),
  {
    id: "retry",
    title: "TLS 1.3, HelloRetryRequest",
    version: "1.3",
    // No client sends a key share of this group unasked.
    server: { group: "secp384r1" },
    check: checkRetry,
  },
  {
    id: "key-update",
    title: "TLS 1.3, key updates by the peer, answered",
    version: "1.3",
    exchange: () => ({ kind: "key-update", rounds: KEY_UPDATE_ROUNDS }),
    check: checkKeyUpdate,
  },
  ...both((version) => [
    {
      id: `half-close-ours-${version}`,
      title: `TLS ${version}, half-close by Python`,
      version,
      exchange: (side) => ({ kind: "half-close", by: side, byteLength: HALF_CLOSE_BYTE_LENGTH }),
      check: checkHalfClose,
    },
    {
      id: `half-close-theirs-${version}`,
      title: `TLS ${version}, half-close by the peer`,
      version,
      exchange: (side) => ({ kind: "half-close", by: other(side), byteLength: HALF_CLOSE_BYTE_LENGTH }),
      check: checkHalfClose,
    },
    {
      id: `large-${version}`,
      title: `TLS ${version}, much each way`,
      version,
      exchange: largeExchange,
      check: checkLarge,
    },
  ]),
  ...both((version) => [
    {
      id: `version-mismatch-${version}`,
      title: `Python speaks TLS ${version} only, the peer the other: refused`,
      version,
      theirs: { version: version === "1.2" ? "1.3" : "1.2" },
      refusal: {
        by: "server",
        refuser: /unsupported.protocol|unsupported.version|version/i,
        told: /protocol.version|unsupported.protocol/i,
      },
    },
    {
      id: `untrusted-${version}`,
      title: `TLS ${version}, the client does not know the authority: refused`,
      version,
      client: { trust: "other-ca" },
      refusal: {
        by: "client",
        refuser:
          /CERTIFICATE_VERIFY_FAILED|certificate verify failed|unable to (get|verify)|not trusted|unknown authority|issuer/i,
        told: UNTRUSTED_ALERT,
      },
    },
    {
      id: `other-name-${version}`,
      title: `TLS ${version}, certificate of another name: refused`,
      version,
      client: { serverName: "other.example.org" },
      refusal: {
        by: "client",
        refuser:
          /CERTIFICATE_VERIFY_FAILED|hostname mismatch|name.*does not match|not other|certificate is valid for|altname|no alternative/i,
        told: /bad.certificate|certificate.is.bad/i,
      },
    },
  ]),
];

/** The exchange as this peer can have it. */
export function exchangeWith(peer: InteropPeer, feature: Feature, ourSide: Side): Exchange {
  const exchange = feature.exchange?.(ourSide) ?? { kind: "hello" };
  if (exchange.kind !== "large") return exchange;
  const byteLength = peer.largeByteLength ?? exchange.byteLength;
  const isEcho = peer.isEchoServer === true && ourSide === "client";
  return { kind: "large", byteLength, pieceLength: isEcho ? ECHO_PIECE_LENGTH : byteLength };
}
