// SKELETON: signatures first; the classes move into their own files (engine.ts, context.ts, connection.ts, …).
export * from "./failure.ts";
import type { SslFailure } from "./failure.ts";

/** The operation must wait until the transport is readable / writable (socket case), or more bytes are fed. */
export type Want = "want-read" | "want-write";
/** I/O operations never throw: value, want, or failure record. Tell apart by typeof: number/undefined, string, object. */
export type IoResult<T extends number | Uint8Array | undefined> = T | Want | SslFailure;

/** Attribute value: text, or hex of a BIT STRING's bytes (Python: bytes.fromhex). */
export type AttributeValue = string | { readonly hex: string };
export type DistinguishedName = readonly (readonly (readonly [string, AttributeValue])[])[];
/** Exactly getpeercert()'s dict; lists where Python has tuples. JSON-safe. Keys in CPython's order. */
export interface CertificateInfo {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly version: number;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly subjectAltName?: readonly (readonly [string, string | DistinguishedName])[];
  readonly OCSP?: readonly string[];
  readonly caIssuers?: readonly string[];
  readonly crlDistributionPoints?: readonly string[];
}
export type CipherTuple = readonly [name: string | null, protocol: string | null, bits: number];
/** get_ciphers() entry, native keys. */
export interface CipherInfo {
  readonly id: number; readonly name: string; readonly protocol: string; readonly description: string;
  readonly strength_bits: number; readonly alg_bits: number; readonly aead: boolean;
  readonly symmetric: string | null; readonly digest: string | null; readonly kea: string | null; readonly auth: string | null;
}
export interface LiveCounts { readonly contexts: number; readonly connections: number; readonly bios: number; readonly sessions: number; readonly certificates: number; readonly allocations: number }

export declare class SslEngine {
  // constructor(openssl: OpenSsl)   — OpenSsl.instantiate(module, host) of shim/openssl
  /** All int/bool/str/tuple constants of `_ssl` by exact name (the same set as native): {"CERT_NONE":0,…,"HAS_SNI":true,"OPENSSL_VERSION":"…","OPENSSL_VERSION_INFO":[…]}. 64-bit safe (all < 2**53). */
  constants(): Readonly<Record<string, number | string | boolean | readonly number[]>>;
  liveCounts(): LiveCounts;
  newContext(protocol: number): SslContext;              // throws SslError
  newMemoryBio(): MemoryBio;
  txt2obj(text: string, name?: boolean): readonly [nid: number, sn: string, ln: string, oid: string | null];
  nid2obj(nid: number): readonly [nid: number, sn: string, ln: string, oid: string | null];
  randBytes(n: number): Uint8Array;
  randAdd(bytes: Uint8Array, entropy: number): void;
  randStatus(): boolean;
  /** [cert_file_env, cert_file, cert_dir_env, cert_dir] */
  getDefaultVerifyPaths(): readonly [string, string, string, string];
  testDecodeCert(path: string): CertificateInfo;
}

export interface SniCallback { (connection: SslConnection, serverName: string | null, context: SslContext): number | null } // null: go on; number: fatal alert
export interface MessageCallback { (connection: SslConnection, direction: "read" | "write", version: number, contentType: number, messageType: number, data: Uint8Array): void }
/** undefined: fail the handshake */
export interface PskClientCallback { (connection: SslConnection, hint: string | null): { identity: Uint8Array | null; psk: Uint8Array } | undefined }
export interface PskServerCallback { (connection: SslConnection, identity: string | null): Uint8Array | undefined }
/** bytes (cleansed by the shim after use), or a callback; undefined from the callback: it raised (→ "CallbackError"). A failure record is thrown as it is. */
export type Password = Uint8Array | (() => Uint8Array | SslFailure | undefined);

export interface ConnectionOptions { readonly serverSide: boolean; readonly serverHostname?: string | null; readonly session?: SslSession | null }

export declare class SslContext {
  readonly protocol: number;
  setCiphers(cipherlist: string): void;
  getCiphers(): CipherInfo[];
  setAlpnProtocols(protos: Uint8Array): void;             // wire format
  loadCertChain(certfile: string, keyfile?: string | null, password?: Password | null): void;
  loadVerifyLocations(cafile: string | null, capath: string | null, cadata: string | Uint8Array | null): void; // str PEM, bytes DER
  setDefaultVerifyPaths(): void;
  loadDhParams(path: string): void;
  setEcdhCurve(name: string): void;
  certStoreStats(): { x509: number; crl: number; x509_ca: number };
  getCaCerts(): CertificateInfo[];
  getCaCertsDer(): Uint8Array[];
  sessionStats(): Record<string, number>;
  get verifyMode(): number; set verifyMode(mode: number);
  get verifyFlags(): bigint; set verifyFlags(flags: bigint);   // unsigned long
  get checkHostname(): boolean; set checkHostname(on: boolean);
  get hostFlags(): number; set hostFlags(flags: number);
  get options(): bigint; set options(options: bigint);          // uint64
  get minimumVersion(): number; set minimumVersion(version: number);
  get maximumVersion(): number; set maximumVersion(version: number);
  get numTickets(): number; set numTickets(count: number);
  get securityLevel(): number;
  get postHandshakeAuth(): boolean; set postHandshakeAuth(on: boolean);
  get keylogFilename(): string | null; set keylogFilename(path: string | null);
  setSniCallback(callback: SniCallback | null): void;
  setMessageCallback(callback: MessageCallback | null): void;
  setPskClientCallback(callback: PskClientCallback | null): void;
  setPskServerCallback(callback: PskServerCallback | null, identityHint?: string | null): void;
  /** `_wrap_socket`: the connection owns its two BIOs; use receive()/receiveEof()/takeOutgoing(). */
  wrapSocket(options: ConnectionOptions): SslConnection;
  /** `_wrap_bio` */
  wrapBio(incoming: MemoryBio, outgoing: MemoryBio, options: ConnectionOptions): SslConnection;
  [Symbol.dispose](): void;                                // idempotent; live connections keep OpenSSL's context alive
}

export declare class SslConnection {
  readonly serverSide: boolean;
  readonly serverHostname: string | null;
  get context(): SslContext; set context(context: SslContext);
  // --- plaintext side
  doHandshake(): IoResult<undefined>;
  /** At most `maxLength` plaintext bytes, a fresh array; empty array = clean EOF (close_notify). */
  read(maxLength: number): IoResult<Uint8Array>;
  /** Same into the caller's memory; 0 = clean EOF. */
  readInto(target: Uint8Array): IoResult<number>;
  write(data: Uint8Array): IoResult<number>;
  pending(): number;
  /** undefined: done (both ways, or as far as CPython goes) */
  shutdown(): IoResult<undefined>;
  /** The SSLWantReadError/SSLWantWriteError record for a Want, when the socket is non-blocking. */
  wantFailure(want: Want, operation: "do_handshake" | "read" | "write" | "shutdown"): SslFailure;
  // --- ciphertext side (wrapSocket)
  receive(ciphertext: Uint8Array): void;
  receiveEof(): void;
  /** Ciphertext bytes fed and not yet consumed by OpenSSL. */
  get incomingLength(): number;
  /** Ciphertext waiting to be sent. */
  get outgoingLength(): number;
  takeOutgoing(): Uint8Array;
  /** Offers pending ciphertext to `sink` (a view valid only during the call; answers how many bytes it took, stops at a short take). Returns true when all is gone. */
  drainOutgoing(sink: (bytes: Uint8Array) => number): boolean;
  // --- information
  cipher(): CipherTuple | null;
  version(): string | null;
  groupName(): string | null;
  compression(): string | null;
  selectedAlpnProtocol(): string | null;
  sharedCiphers(): CipherTuple[] | null;
  getPeerCert(): CertificateInfo | Record<string, never> | null;   // throws SslError ValueError "handshake not done yet"
  getPeerCertDer(): Uint8Array | null;
  getVerifiedChain(): Certificate[] | null;
  getUnverifiedChain(): (Certificate | null)[] | null;
  getChannelBinding(type: string): Uint8Array | null;
  verifyClientPostHandshake(): void;
  getSession(): SslSession | null;
  setSession(session: SslSession): void;
  get sessionReused(): boolean;
  [Symbol.dispose](): void;
}

export declare class MemoryBio {
  get pending(): number;
  get eof(): boolean;
  read(size?: number): Uint8Array;
  write(bytes: Uint8Array): number;      // throws SslError
  writeEof(): void;
  [Symbol.dispose](): void;
}
export declare class SslSession {
  get id(): Uint8Array; get time(): number; get timeout(): number; get ticketLifetimeHint(): number; get hasTicket(): boolean;
  equals(other: SslSession): boolean;
  [Symbol.dispose](): void;
}
export declare class Certificate {
  /** format: ENCODING_PEM 1 | ENCODING_DER 2 | PEM_AUX 0x101; PEM → string */
  publicBytes(format: number): string | Uint8Array;
  getInfo(): CertificateInfo;
  /** For repr: RFC 2253 subject. */
  subjectText(): string;
  hash(): number;
  equals(other: Certificate): boolean;
  [Symbol.dispose](): void;
}
