/**
 * A private certificate authority for the local HTTPS site, made anew at every start and kept in memory only. Written
 * over `node:crypto`, so that the demo needs no `openssl` command. The shape follows RFC 5280: what
 * `ssl.create_default_context()` checks strictly (X509_V_FLAG_X509_STRICT) is there, key identifiers included.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import {
  bitString,
  booleanTrue,
  type Der,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";

const DAY_MS = 86_400_000;

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** A key with its certificate. */
export interface Identity {
  readonly commonName: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** DER, for whoever signs with this identity. */
  readonly subject: Der;
  readonly keyIdentifier: Buffer;
  readonly privateKey: KeyObject;
}

/** What the certificate is for, which decides its key usages. */
export type Purpose = "authority" | "server" | "client";

/** What to put into a certificate. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly purpose: Purpose;
  /** Who signs; nobody means self-signed. */
  readonly issuer?: Identity;
  /** DNS names and IP addresses of the subject alternative name. */
  readonly names?: readonly string[];
  /** Start and end of validity, in days from now; negative is the past. */
  readonly validDays?: readonly [from: number, to: number];
}

/** Makes a P-256 key and a certificate for it. */
export function makeIdentity(request: CertificateRequest): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyInfo = publicKey.export({ type: "spki", format: "der" });
  // RFC 7093 §2, method 4: a hash of the whole SubjectPublicKeyInfo, cut to 160 bits.
  const keyIdentifier = createHash("sha256").update(publicKeyInfo).digest().subarray(0, 20);
  const subject = name(request.commonName);
  const [from, to] = request.validDays ?? [-1, 90];
  const now = Date.now();
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const body = sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber()),
    algorithm,
    request.issuer?.subject ?? subject,
    sequence(time(new Date(now + from * DAY_MS)), time(new Date(now + to * DAY_MS))),
    subject,
    publicKeyInfo,
    explicit(3, sequence(...extensions(request, keyIdentifier))),
  );
  const signature = sign("sha256", body, request.issuer?.privateKey ?? privateKey);
  return {
    commonName: request.commonName,
    certificatePem: pem("CERTIFICATE", sequence(body, algorithm, bitString(signature))),
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    subject,
    keyIdentifier,
    privateKey,
  };
}

function extensions(request: CertificateRequest, keyIdentifier: Buffer): Der[] {
  const isAuthority = request.purpose === "authority";
  // keyUsage is a bit string counted from the left: digitalSignature is bit 0, keyCertSign 5, cRLSign 6.
  const keyUsage = isAuthority ? bitString(Buffer.of(0b0000_0110), 1) : bitString(Buffer.of(0b1000_0000), 7);
  const list = [
    extension(OID.basicConstraints, isAuthority ? sequence(booleanTrue) : sequence(), "critical"),
    extension(OID.keyUsage, keyUsage, "critical"),
    extension(OID.subjectKeyIdentifier, octetString(keyIdentifier)),
    extension(
      OID.authorityKeyIdentifier,
      sequence(implicit(0, request.issuer?.keyIdentifier ?? keyIdentifier)),
    ),
  ];
  if (!isAuthority) {
    const usage = request.purpose === "server" ? OID.serverAuth : OID.clientAuth;
    list.push(extension(OID.extendedKeyUsage, sequence(oid(usage))));
  }
  if (request.names?.length) {
    list.push(extension(OID.subjectAltName, sequence(...request.names.map(generalName))));
  }
  return list;
}

function extension(id: string, content: Der, critical?: "critical"): Der {
  return sequence(oid(id), ...(critical ? [booleanTrue] : []), octetString(content));
}

function name(commonName: string): Der {
  const attribute = (id: string, text: string): Der => set(sequence(oid(id), utf8String(text)));
  return sequence(attribute(OID.organization, "pyodide-ssl demo"), attribute(OID.commonName, commonName));
}

/** RFC 5280 §4.2.1.6: dNSName is `[2]`, iPAddress `[7]`. Only IPv4 is spelled out here: the site uses no other. */
function generalName(subject: string): Der {
  return isIP(subject) === 4
    ? implicit(7, Buffer.from(subject.split(".").map(Number)))
    : implicit(2, Buffer.from(subject, "latin1"));
}

/** Positive, with 127 random bits, the first of them set so that its encoding is the shortest one. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function pem(label: string, der: Der): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
