import { type AnyPtr, constants, NULL, type Ptr } from "../openssl/index.ts";
import { optionalText } from "./c-text.ts";
import { Certificate, certificateDer } from "./certificate.ts";
import { type CertificateInfo, decodeCertificate } from "./certificate-decode.ts";
import { type CipherTuple, ciphersOf, cipherTuple } from "./ciphers.ts";
import type { SslConnection } from "./connection.ts";
import { SslError } from "./failure.ts";
import { stackItems } from "./stack.ts";

/** `PySSL_CB_MAXLEN`. */
const CHANNEL_BINDING_LIMIT = 128;

export function cipher(connection: SslConnection): CipherTuple | null {
  const { openssl } = connection.engine;
  const current = openssl.fn.SSL_get_current_cipher(connection.ptr);
  return current === 0 ? null : cipherTuple(openssl, current);
}

export function version(connection: SslConnection): string | null {
  const { fn, memory } = connection.engine.openssl;
  if (fn.SSL_is_init_finished(connection.ptr) === 0) return null;
  const text = memory.readCString(fn.SSL_get_version(connection.ptr));
  return text === "unknown" ? null : text;
}

export function groupName(connection: SslConnection): string | null {
  const { fn } = connection.engine.openssl;
  if (fn.SSL_is_init_finished(connection.ptr) === 0) return null;
  return optionalText(connection.engine.openssl, fn.SSL_get0_group_name(connection.ptr));
}

/** What a side has signed its part of the handshake with; null when it has not. */
export function signatureName(connection: SslConnection, side: "client" | "server"): string | null {
  const { openssl } = connection.engine;
  const { fn, memory } = openssl;
  const isOurs = (side === "server") === connection.serverSide;
  const get = isOurs ? fn.SSL_get0_signature_name : fn.SSL_get0_peer_signature_name;
  using scope = memory.scope();
  const name = scope.word<"char*">();
  return get(connection.ptr, name) === 0 ? null : optionalText(openssl, memory.readPtr(name));
}

export function selectedAlpnProtocol(connection: SslConnection): string | null {
  const { fn, memory } = connection.engine.openssl;
  using scope = memory.scope();
  const name = scope.word<"char*">();
  const length = scope.word<"unsigned int">();
  fn.SSL_get0_alpn_selected(connection.ptr, name, length);
  const protocol = memory.readPtr(name);
  return protocol === NULL ? null : memory.readString(protocol, memory.readU32(length));
}

/** CPython compares the two lists itself, since `SSL_get_shared_ciphers` may cut its answer short. */
export function sharedCiphers(connection: SslConnection): CipherTuple[] | null {
  const { openssl } = connection.engine;
  const { fn } = openssl;
  const offered = fn.SSL_get_client_ciphers(connection.ptr);
  if (fn.SSL_get_ciphers(connection.ptr) === 0 || offered === 0) return null;
  const ids = new Set(stackItems<"SSL_CIPHER">(openssl, offered).map((each) => fn.SSL_CIPHER_get_id(each)));
  return ciphersOf(openssl, connection.ptr)
    .filter((each) => ids.has(fn.SSL_CIPHER_get_id(each)))
    .map((each) => cipherTuple(openssl, each));
}

export function peerCertificate(connection: SslConnection): CertificateInfo | Record<string, never> | null {
  const { openssl } = connection.engine;
  const { fn } = openssl;
  return withPeerCertificate(connection, (x509) => {
    const mode = fn.SSL_CTX_get_verify_mode(fn.SSL_get_SSL_CTX(connection.ptr));
    return (mode & constants.SSL_VERIFY_PEER) === 0 ? {} : decodeCertificate(openssl, x509);
  });
}

export function peerCertificateDer(connection: SslConnection): Uint8Array<ArrayBuffer> | null {
  return withPeerCertificate(connection, (x509) => certificateDer(connection.engine, x509));
}

function withPeerCertificate<T>(connection: SslConnection, use: (x509: Ptr<"X509">) => T): T | null {
  const { openssl } = connection.engine;
  const { fn } = openssl;
  if (fn.SSL_is_init_finished(connection.ptr) === 0)
    throw SslError.of("ValueError", "handshake not done yet");
  const x509 = fn.SSL_get1_peer_certificate(connection.ptr);
  if (x509 === 0) return null;
  try {
    return use(x509);
  } finally {
    fn.X509_free(x509);
  }
}

export function verifiedChain(connection: SslConnection): Certificate[] | null {
  const chain = connection.engine.openssl.fn.SSL_get0_verified_chain(connection.ptr);
  return chain === 0 ? null : certificatesOf(connection, chain);
}

export function unverifiedChain(connection: SslConnection): (Certificate | null)[] | null {
  const { fn } = connection.engine.openssl;
  const chain = fn.SSL_get_peer_cert_chain(connection.ptr);
  if (chain === 0) return null;
  const certificates: (Certificate | null)[] = certificatesOf(connection, chain);
  // On a server OpenSSL's chain lacks the peer's own certificate.
  if (connection.serverSide) {
    const peer = fn.SSL_get1_peer_certificate(connection.ptr);
    certificates.unshift(peer === 0 ? null : new Certificate(connection.engine, peer));
  }
  return certificates;
}

function certificatesOf(connection: SslConnection, stack: AnyPtr): Certificate[] {
  const { engine } = connection;
  return stackItems<"X509">(engine.openssl, stack).map((x509) => {
    engine.openssl.fn.X509_up_ref(x509);
    return new Certificate(engine, x509);
  });
}

/** RFC 5929 tls-unique: the first Finished message, which the client sends, or the server when a session is resumed. */
export function channelBinding(connection: SslConnection, type: string): Uint8Array<ArrayBuffer> | null {
  const { fn, memory } = connection.engine.openssl;
  if (type !== "tls-unique")
    throw SslError.of("ValueError", `'${type}' channel binding type not implemented`);
  using scope = memory.scope();
  const buffer = scope.alloc(CHANNEL_BINDING_LIMIT);
  const isOurs = connection.sessionReused === connection.serverSide;
  const finished = isOurs ? fn.SSL_get_finished : fn.SSL_get_peer_finished;
  const length = finished(connection.ptr, buffer, CHANNEL_BINDING_LIMIT);
  return length === 0 ? null : memory.copyOut(buffer, Math.min(length, CHANNEL_BINDING_LIMIT));
}
