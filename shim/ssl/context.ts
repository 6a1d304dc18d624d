import { constants, Owned, type Ptr } from "../openssl/index.ts";
import type { CertificateInfo } from "./certificate-decode.ts";
import { type CipherInfo, cipherInfo, ciphersOf } from "./ciphers.ts";
import { type ConnectionOptions, SslConnection } from "./connection.ts";
import {
  ContextCallbacks,
  type MessageCallback,
  type PskClientCallback,
  type PskServerCallback,
  refusePsk,
  type SniCallback,
} from "./context-callbacks.ts";
import { loadCertChain, loadDhParams, type Password, setEcdhCurve } from "./context-keys.ts";
import * as negotiation from "./context-negotiation.ts";
import * as settings from "./context-settings.ts";
import * as trust from "./context-trust.ts";
import type { SslEngine } from "./engine.ts";
import { SslError, textFailure } from "./failure.ts";
import { libraryFailure } from "./library-failure.ts";
import { MemoryBio } from "./memory-bio.ts";
import type { ContextTrust } from "./trust-cache.ts";

/** `PROTOCOL_*` of `_ssl`. */
export const protocol = {
  tls: 2,
  tlsv1: 3,
  tlsv1_1: 4,
  tlsv1_2: 5,
  tlsClient: 16,
  tlsServer: 17,
} as const;

/**
 * CPython's own choice of cipher suites (`PY_SSL_DEFAULT_CIPHER_STRING`, what `--with-ssl-default-suites=python`, the
 * default of its build, gives).
 */
export const DEFAULT_CIPHERS =
  "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";

/**
 * The settings that connections are made with.
 * @cpython _ssl._SSLContext
 */
export class SslContext implements Disposable {
  /** @cpython _ssl._SSLContext.protocol */
  readonly protocol: number;
  /** Number by which the C glue knows the context; never reused. */
  readonly id: number;
  readonly #engine: SslEngine;
  readonly #ctx: Owned<"SSL_CTX">;
  readonly #trust: ContextTrust;
  readonly #callbacks: ContextCallbacks;
  #checkHostname: boolean;
  #hasChosenCiphers = false;
  #hostFlags: number = constants.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

  /** Asks TLS 1.3 clients for certificates after the handshake. @cpython _ssl._SSLContext.post_handshake_auth */
  postHandshakeAuth = false;

  /** Use {@link SslEngine.newContext}. @cpython `_ssl__SSLContext_impl` of `_ssl.c` */
  constructor(engine: SslEngine, protocolNumber: number) {
    const { openssl } = engine;
    const { fn } = openssl;
    const method = methodOf(engine, protocolNumber);
    const ctx = fn.SSL_CTX_new(method);
    if (ctx === 0) throw libraryFailure(openssl, "newContext");
    this.#engine = engine;
    this.protocol = protocolNumber;
    this.#ctx = new Owned(ctx, fn.SSL_CTX_free);
    this.#trust = { ctx, state: "empty", directory: undefined, anchors: undefined };
    this.id = engine.registerContext(this);
    fn.glue_SSL_CTX_set_id(ctx, this.id);
    this.#callbacks = new ContextCallbacks();
    this.#checkHostname = protocolNumber === protocol.tlsClient;
    try {
      settings.applyDefaults(openssl, ctx, protocolNumber, this.#hostFlags);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** @internal */
  get ptr(): Ptr<"SSL_CTX"> {
    return this.#ctx.ptr;
  }

  // ---- connections ----------------------------------------------------------------------------------------------

  /** A connection for a socket's driver. Without a source it has a BIO of its own. @cpython _ssl._SSLContext._wrap_socket */
  wrapSocket(options: ConnectionOptions): SslConnection {
    this.#checkSide(options.serverSide);
    const incoming = options.source ?? new MemoryBio(this.#engine);
    const outgoing = new MemoryBio(this.#engine);
    return new SslConnection(this.#engine, this, { incoming, outgoing, isOwner: true }, options);
  }

  /** A connection over the program's BIOs. @cpython _ssl._SSLContext._wrap_bio */
  wrapBio(incoming: MemoryBio, outgoing: MemoryBio, options: ConnectionOptions): SslConnection {
    this.#checkSide(options.serverSide);
    return new SslConnection(this.#engine, this, { incoming, outgoing, isOwner: false }, options);
  }

  #checkSide(serverSide: boolean): void {
    if (serverSide && this.protocol === protocol.tlsClient) {
      const text = "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context";
      throw new SslError(textFailure(text, "newServer"));
    }
    if (!serverSide && this.protocol === protocol.tlsServer) {
      const text = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context";
      throw new SslError(textFailure(text, "newClient"));
    }
  }

  // ---- ciphers and protocols ------------------------------------------------------------------------------------

  /** Cipher suites of TLS 1.2 and below, in OpenSSL's list format. @cpython _ssl._SSLContext.set_ciphers */
  setCiphers(cipherList: string): void {
    settings.setCiphers(this.#engine.openssl, this.ptr, cipherList);
    this.#hasChosenCiphers = true;
  }

  /** Whether the program has set ciphers: its connections then offer them in just that order. */
  get hasChosenCiphers(): boolean {
    return this.#hasChosenCiphers;
  }

  /** What connections would use, by falling preference. @cpython _ssl._SSLContext.get_ciphers */
  getCiphers(): CipherInfo[] {
    const { openssl } = this.#engine;
    const ssl = openssl.fn.SSL_new(this.ptr);
    if (ssl === 0) throw libraryFailure(openssl, "getCiphers");
    using owned = new Owned(ssl, openssl.fn.SSL_free);
    return ciphersOf(openssl, owned.ptr).map((cipher) => cipherInfo(openssl, cipher));
  }

  /** Cipher suites of TLS 1.3, in OpenSSL's list format. @cpython _ssl._SSLContext.set_ciphersuites */
  setCipherSuites(cipherSuites: string): void {
    negotiation.setCipherSuites(this.#engine.openssl, this.ptr, cipherSuites);
    this.#hasChosenCiphers = true;
  }

  /** Groups for the key agreement, in OpenSSL's list format. @cpython _ssl._SSLContext.set_groups */
  setGroups(groups: string): void {
    negotiation.setGroups(this.#engine.openssl, this.ptr, groups);
  }

  /** @cpython _ssl._SSLContext.get_groups */
  getGroups(includeAliases: boolean): string[] {
    return negotiation.implementedGroups(this.#engine.openssl, this.ptr, includeAliases);
  }

  /** @cpython _ssl._SSLContext.set_client_sigalgs, _ssl._SSLContext.set_server_sigalgs */
  setSignatureAlgorithms(side: "client" | "server", list: string): void {
    negotiation.setSignatureAlgorithms(this.#engine.openssl, this.ptr, side, list);
  }

  /** Protocols in ALPN's wire format, by falling preference. @cpython _ssl._SSLContext._set_alpn_protocols */
  setAlpnProtocols(protocols: Uint8Array): void {
    const { fn, memory } = this.#engine.openssl;
    using scope = memory.scope();
    const failed = fn.glue_SSL_CTX_set_alpn(this.ptr, scope.copyIn(protocols), protocols.length);
    fn.ERR_clear_error();
    // CPython takes any refusal (a malformed list too) for a lack of memory.
    if (failed !== 0) throw SslError.of("MemoryError", "");
  }

  /** @cpython _ssl._SSLContext.set_ecdh_curve */
  setEcdhCurve(name: string): void {
    setEcdhCurve(this.#engine.openssl, this.ptr, name);
  }

  /** @cpython _ssl._SSLContext.options */
  get options(): bigint {
    return this.#engine.openssl.fn.SSL_CTX_get_options(this.ptr);
  }

  set options(options: bigint) {
    settings.setOptions(this.#engine.openssl, this.ptr, options);
  }

  /** @cpython _ssl._SSLContext.minimum_version */
  get minimumVersion(): number {
    return (
      this.#engine.openssl.fn.SSL_CTX_get_min_proto_version(this.ptr) || settings.version.minimumSupported
    );
  }

  set minimumVersion(version: number) {
    settings.setVersion(this.#engine.openssl, this.ptr, this.protocol, "minimum", version);
  }

  /** @cpython _ssl._SSLContext.maximum_version */
  get maximumVersion(): number {
    return (
      this.#engine.openssl.fn.SSL_CTX_get_max_proto_version(this.ptr) || settings.version.maximumSupported
    );
  }

  set maximumVersion(version: number) {
    settings.setVersion(this.#engine.openssl, this.ptr, this.protocol, "maximum", version);
  }

  /** @cpython _ssl._SSLContext.security_level */
  get securityLevel(): number {
    return this.#engine.openssl.fn.SSL_CTX_get_security_level(this.ptr);
  }

  /** Session tickets that a TLS 1.3 server sends. @cpython _ssl._SSLContext.num_tickets */
  get numTickets(): number {
    return this.#engine.openssl.fn.SSL_CTX_get_num_tickets(this.ptr);
  }

  set numTickets(count: number) {
    if (count < 0) throw SslError.of("ValueError", "value must be non-negative");
    if (this.protocol !== protocol.tlsServer)
      throw SslError.of("ValueError", "SSLContext is not a server context.");
    if (this.#engine.openssl.fn.SSL_CTX_set_num_tickets(this.ptr, count) !== 1) {
      throw SslError.of("ValueError", "failed to set num tickets.");
    }
  }

  /** @cpython _ssl._SSLContext.session_stats */
  sessionStats(): Record<string, number> {
    return settings.sessionStats(this.#engine.openssl, this.ptr);
  }

  // ---- own certificate and key ----------------------------------------------------------------------------------

  /**
   * Loads a certificate chain and its key from PEM files.
   * @param password the key's, or what asks for it; bytes given are zeroed afterwards
   * @cpython _ssl._SSLContext.load_cert_chain
   */
  loadCertChain(certFile: string, keyFile?: string | null, password?: Password | null): void {
    loadCertChain(this.#engine, this.ptr, certFile, keyFile ?? null, password ?? null);
  }

  /** @cpython _ssl._SSLContext.load_dh_params */
  loadDhParams(path: string): void {
    loadDhParams(this.#engine.openssl, this.ptr, path);
  }

  // ---- verification ---------------------------------------------------------------------------------------------

  /**
   * Adds trust anchors and revocation lists.
   * @param caData PEM text, or DER bytes
   * @cpython _ssl._SSLContext.load_verify_locations
   */
  loadVerifyLocations(
    caFile: string | null,
    caPath: string | null,
    caData: string | Uint8Array | null,
  ): void {
    trust.loadVerifyLocations(this.#engine, this.#trust, caFile, caPath, caData);
  }

  /** SSL_CERT_FILE and SSL_CERT_DIR, or the paths built in. @cpython _ssl._SSLContext.set_default_verify_paths */
  setDefaultVerifyPaths(): void {
    trust.setDefaultVerifyPaths(this.#engine, this.#trust);
  }

  /** @cpython _ssl._SSLContext.cert_store_stats */
  certStoreStats(): { x509: number; crl: number; x509_ca: number } {
    return trust.certStoreStats(this.#engine, this.#trust);
  }

  /** @cpython _ssl._SSLContext.get_ca_certs */
  getCaCerts(): CertificateInfo[] {
    return trust.caCertificates(this.#engine, this.#trust);
  }

  /** DER of the CA certificates loaded. @cpython _ssl._SSLContext.get_ca_certs */
  getCaCertsDer(): Uint8Array<ArrayBuffer>[] {
    return trust.caCertificatesDer(this.#engine, this.#trust);
  }

  /** `CERT_NONE`, `CERT_OPTIONAL` or `CERT_REQUIRED`. @cpython _ssl._SSLContext.verify_mode */
  get verifyMode(): number {
    return settings.getVerifyMode(this.#engine.openssl, this.ptr);
  }

  set verifyMode(mode: number) {
    if (mode === settings.requirement.none && this.#checkHostname) {
      throw SslError.of("ValueError", "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.");
    }
    settings.setVerifyMode(this.#engine.openssl, this.ptr, mode);
  }

  /** `VERIFY_*` flags. @cpython _ssl._SSLContext.verify_flags */
  get verifyFlags(): number {
    return settings.getVerifyFlags(this.#engine.openssl, this.ptr);
  }

  set verifyFlags(flags: number) {
    settings.setVerifyFlags(this.#engine.openssl, this.ptr, flags);
  }

  /** Switching it on makes certificates required. @cpython _ssl._SSLContext.check_hostname */
  get checkHostname(): boolean {
    return this.#checkHostname;
  }

  set checkHostname(isChecked: boolean) {
    if (isChecked && this.verifyMode === settings.requirement.none) {
      settings.setVerifyMode(this.#engine.openssl, this.ptr, settings.requirement.required);
    }
    this.#checkHostname = isChecked;
  }

  /** `HOSTFLAG_*` flags. @cpython _ssl._SSLContext._host_flags */
  get hostFlags(): number {
    return this.#hostFlags;
  }

  set hostFlags(flags: number) {
    const { fn } = this.#engine.openssl;
    this.#hostFlags = flags;
    fn.X509_VERIFY_PARAM_set_hostflags(fn.SSL_CTX_get0_param(this.ptr), flags);
  }

  // ---- callbacks ------------------------------------------------------------------------------------------------

  /** @internal */
  get callbacks(): ContextCallbacks {
    return this.#callbacks;
  }

  /** @cpython _ssl._SSLContext.sni_callback */
  setSniCallback(callback: SniCallback | null): void {
    if (this.protocol === protocol.tlsClient) {
      throw SslError.of("ValueError", "sni_callback cannot be set on TLS_CLIENT context");
    }
    this.#callbacks.setSni(this.#engine.openssl, this.ptr, callback);
  }

  /** @cpython _ssl._SSLContext._msg_callback */
  setMessageCallback(callback: MessageCallback | null): void {
    this.#callbacks.setMessage(this.#engine.openssl, this.ptr, callback);
  }

  /** Where secrets are logged for debugging; null switches it off. @cpython _ssl._SSLContext.keylog_filename */
  get keylogFilename(): string | null {
    return this.#callbacks.keyLogFile;
  }

  set keylogFilename(path: string | null) {
    this.#callbacks.setKeyLogFile(this.#engine.openssl, this.ptr, path);
  }

  /** @cpython _ssl._SSLContext.set_psk_client_callback */
  setPskClientCallback(callback: PskClientCallback | null): void {
    if (this.protocol === protocol.tlsServer) refusePsk("client");
    this.#callbacks.setPskClient(this.#engine.openssl, this.ptr, callback);
  }

  /** @cpython _ssl._SSLContext.set_psk_server_callback */
  setPskServerCallback(callback: PskServerCallback | null, identityHint: string | null = null): void {
    if (this.protocol === protocol.tlsClient) refusePsk("server");
    this.#callbacks.setPskServer(this.#engine.openssl, this.ptr, callback, identityHint);
  }

  /** Lets go of the context. Connections and sessions made with it keep OpenSSL's side alive. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#ctx.isAlive) return;
    this.#engine.unregisterContext(this);
    this.#callbacks[Symbol.dispose]();
    this.#ctx[Symbol.dispose]();
  }
}

/** The method of a protocol; the ones with a fixed version are deprecated, but part of the API. */
function methodOf(engine: SslEngine, protocolNumber: number): Ptr<"SSL_METHOD"> {
  const { fn } = engine.openssl;
  switch (protocolNumber) {
    case protocol.tls:
      return fn.TLS_method();
    case protocol.tlsv1:
      return fn.TLSv1_method();
    case protocol.tlsv1_1:
      return fn.TLSv1_1_method();
    case protocol.tlsv1_2:
      return fn.TLSv1_2_method();
    case protocol.tlsClient:
      return fn.TLS_client_method();
    case protocol.tlsServer:
      return fn.TLS_server_method();
    default:
      throw SslError.of("ValueError", `invalid or unsupported protocol version ${String(protocolNumber)}`);
  }
}
