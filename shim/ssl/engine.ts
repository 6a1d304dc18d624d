import type { AnyPtr, OpenSsl } from "../openssl/index.ts";
import { CallbackRouter } from "./callback-router.ts";
import type { CertificateInfo } from "./certificate-decode.ts";
import { decodeCertificateFile } from "./certificate-file.ts";
import type { SslConnection } from "./connection.ts";
import { MAX_PLAINTEXT } from "./connection.ts";
import { SslContext } from "./context.ts";
import type { PasswordRequest } from "./context-keys.ts";
import { signatureAlgorithms } from "./context-negotiation.ts";
import { KnownAnchors } from "./known-anchors.ts";
import { MemoryBio } from "./memory-bio.ts";
import { type ModuleConstant, moduleConstants } from "./module-constants.ts";
import { type Asn1Object, nid2obj, txt2obj } from "./objects.ts";
import { randAdd, randBytes, randStatus } from "./random.ts";
import { TrustCache } from "./trust-cache.ts";

/** What is alive: a leak test's reading. */
export interface LiveCounts {
  /** `SSLContext` objects. */
  readonly contexts: number;
  /** `SSLSocket` and `SSLObject` objects. */
  readonly connections: number;
  /** `MemoryBIO` objects. */
  readonly bios: number;
  /** `SSLSession` objects. */
  readonly sessions: number;
  /** Certificate objects. */
  readonly certificates: number;
  /** Allocations of OpenSSL's and ours in the wasm. */
  readonly allocations: number;
}

/**
 * The `_ssl` module: one for each Python interpreter. Makes every other object, and finds contexts and connections
 * again when OpenSSL calls back.
 * @cpython _ssl
 */
export class SslEngine {
  readonly openssl: OpenSsl;
  /** @internal */
  readonly trustCache: TrustCache;
  /** Counters that objects keep themselves. @internal */
  readonly live = { bios: 0, sessions: 0, certificates: 0 };
  /** The `load_cert_chain` under way, if it has a password. @internal */
  passwordRequest: PasswordRequest | undefined;
  readonly #contexts = new Map<number, SslContext>();
  readonly #connections = new Map<number, SslConnection>();
  readonly #constants: Readonly<Record<string, ModuleConstant>>;
  readonly #buffer: AnyPtr;
  #isBufferTaken = false;
  #nextId = 1;

  /** @param roots PEM text of trust anchors that are well-formed, with the subjects' hashes: parsed only when needed */
  constructor(openssl: OpenSsl, roots = "") {
    this.openssl = openssl;
    this.trustCache = new TrustCache(openssl, new KnownAnchors(roots));
    this.#constants = moduleConstants(openssl);
    this.#buffer = openssl.memory.alloc(MAX_PLAINTEXT);
    openssl.callbacks = new CallbackRouter(this);
  }

  /** Every constant of `_ssl` by its name; lists stand for tuples. */
  constants(): Readonly<Record<string, ModuleConstant>> {
    return this.#constants;
  }

  /** Counts of live objects. Equal readings before and after show that nothing leaked. */
  liveCounts(): LiveCounts {
    return {
      contexts: this.#contexts.size,
      connections: this.#connections.size,
      ...this.live,
      allocations: this.openssl.liveAllocations(),
    };
  }

  /** @param protocol a `PROTOCOL_*` number; @throws {SslError} @cpython _ssl._SSLContext.__new__ */
  newContext(protocol: number): SslContext {
    return new SslContext(this, protocol);
  }

  /** @cpython _ssl.MemoryBIO.__new__ */
  newMemoryBio(): MemoryBio {
    return new MemoryBio(this);
  }

  /** Names of all signature algorithms. @cpython _ssl.get_sigalgs */
  getSignatureAlgorithms(): string[] {
    return signatureAlgorithms(this.openssl);
  }

  /** @cpython _ssl.txt2obj */
  txt2obj(text: string, name = false): Asn1Object {
    return txt2obj(this.openssl, text, name);
  }

  /** @cpython _ssl.nid2obj */
  nid2obj(nid: number): Asn1Object {
    return nid2obj(this.openssl, nid);
  }

  /** @cpython _ssl.RAND_bytes */
  randBytes(count: number): Uint8Array<ArrayBuffer> {
    return randBytes(this.openssl, count);
  }

  /** @cpython _ssl.RAND_add */
  randAdd(bytes: Uint8Array, entropy: number): void {
    randAdd(this.openssl, bytes, entropy);
  }

  /** @cpython _ssl.RAND_status */
  randStatus(): boolean {
    return randStatus(this.openssl);
  }

  /** Variable and path of the default CA file, then of the default CA directory. @cpython _ssl.get_default_verify_paths */
  getDefaultVerifyPaths(): readonly [fileVariable: string, file: string, dirVariable: string, dir: string] {
    const { fn, memory } = this.openssl;
    return [
      memory.readCString(fn.X509_get_default_cert_file_env()),
      memory.readCString(fn.X509_get_default_cert_file()),
      memory.readCString(fn.X509_get_default_cert_dir_env()),
      memory.readCString(fn.X509_get_default_cert_dir()),
    ];
  }

  /** Describes the first certificate of a PEM file. @cpython _ssl._test_decode_cert */
  testDecodeCert(path: string): CertificateInfo {
    return decodeCertificateFile(this.openssl, path);
  }

  // ---- for the objects of this folder ---------------------------------------------------------------------------

  /** @internal */
  registerContext(context: SslContext): number {
    const id = this.#nextId++;
    this.#contexts.set(id, context);
    return id;
  }

  /** @internal */
  unregisterContext(context: SslContext): void {
    this.#contexts.delete(context.id);
  }

  /** @internal */
  registerConnection(connection: SslConnection): number {
    const id = this.#nextId++;
    this.#connections.set(id, connection);
    return id;
  }

  /** @internal */
  unregisterConnection(connection: SslConnection): void {
    this.#connections.delete(connection.id);
  }

  /** @internal */
  connection(id: number): SslConnection | undefined {
    return this.#connections.get(id);
  }

  /**
   * Lends a buffer of one record's plaintext in OpenSSL's memory: the engine's own, or a new one when that is lent
   * already (a callback inside an operation reads or writes on another connection).
   * @internal
   */
  withBuffer<T>(use: (buffer: AnyPtr, size: number) => T): T {
    if (this.#isBufferTaken) {
      using scope = this.openssl.memory.scope();
      return use(scope.alloc(MAX_PLAINTEXT), MAX_PLAINTEXT);
    }
    this.#isBufferTaken = true;
    try {
      return use(this.#buffer, MAX_PLAINTEXT);
    } finally {
      this.#isBufferTaken = false;
    }
  }
}
