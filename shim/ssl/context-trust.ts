import {
  constants,
  errorLibrary,
  errorReason,
  NULL,
  type OpenSsl,
  Owned,
  type Ptr,
} from "../openssl/index.ts";
import { certificateDer } from "./certificate.ts";
import { type CertificateInfo, decodeCertificate } from "./certificate-decode.ts";
import type { SslEngine } from "./engine.ts";
import { refuseEmptyPath, SslError, textFailure } from "./failure.ts";
import { fileFailure, libraryFailure } from "./library-failure.ts";
import { stackItems } from "./stack.ts";
import type { ContextTrust } from "./trust-cache.ts";

type Context = Ptr<"SSL_CTX">;

/** @cpython _ssl._SSLContext.load_verify_locations */
export function loadVerifyLocations(
  engine: SslEngine,
  trust: ContextTrust,
  caFile: string | null,
  caPath: string | null,
  caData: string | Uint8Array | null,
): void {
  if (caFile === null && caPath === null && caData === null) {
    throw SslError.of("TypeError", "cafile, capath and cadata cannot be all omitted");
  }
  const { openssl } = engine;
  const { fn, memory } = openssl;
  const { ctx } = trust;
  if (caData !== null || caPath !== null) engine.trustCache.unshare(trust);
  if (caData !== null) {
    try {
      if (typeof caData === "string") addCertificates(openssl, ctx, asciiBytes(caData), "pem");
      else addCertificates(openssl, ctx, caData, "der");
    } finally {
      engine.trustCache.settle(trust);
    }
  }
  if (caFile !== null) refuseEmptyPath(caFile);
  if (caFile !== null && !engine.trustCache.addFile(trust, caFile)) {
    throw fileFailure(openssl, openssl.outcome.read(), "verifyLocations");
  }
  if (caPath === null) return;
  using scope = memory.scope();
  fn.glue_clear_failure();
  const isLoaded = fn.SSL_CTX_load_verify_locations(ctx, NULL, scope.cString(caPath));
  fn.glue_capture_failure();
  if (isLoaded !== 1) throw fileFailure(openssl, openssl.outcome.read(), "verifyLocations");
}

/**
 * What `SSL_CTX_set_default_verify_paths` does, with the file by way of the cache. A missing file is no failure. (OpenSSL
 * also looks into the directory as an OSSL_STORE, which finds nothing beyond what the directory lookup finds.)
 * @cpython _ssl._SSLContext.set_default_verify_paths
 */
export function setDefaultVerifyPaths(engine: SslEngine, trust: ContextTrust): void {
  const { openssl, trustCache } = engine;
  const [fileVariable, defaultFile, directoryVariable, defaultDirectory] = engine.getDefaultVerifyPaths();
  const directory = openssl.host.env(directoryVariable) ?? defaultDirectory;
  trustCache.addFile(trust, openssl.host.env(fileVariable) ?? defaultFile, directory);
  if (trust.state === "shared" && trust.directory === directory) return openssl.fn.ERR_clear_error();
  trustCache.unshare(trust);
  if (openssl.fn.SSL_CTX_set_default_verify_dir(trust.ctx) === 0)
    throw libraryFailure(openssl, "defaultVerifyPaths");
  openssl.fn.ERR_clear_error();
}

function asciiBytes(text: string): Uint8Array {
  if (!/^[\x00-\x7f]*$/.test(text)) {
    throw SslError.of("TypeError", "cadata should be an ASCII string or a bytes-like object");
  }
  return new TextEncoder().encode(text);
}

/** Adds every certificate of `data` to the context's store. @cpython `_add_ca_certs` of `_ssl.c` */
function addCertificates(openssl: OpenSsl, ctx: Context, data: Uint8Array, format: "pem" | "der"): void {
  if (data.length === 0) throw SslError.of("ValueError", "Empty certificate data");
  const { fn, memory } = openssl;
  using scope = memory.scope();
  fn.ERR_clear_error();
  using bio = new Owned(fn.BIO_new_mem_buf(scope.copyIn(data), data.length), fn.BIO_free);
  const store = fn.SSL_CTX_get_cert_store(ctx);
  let loaded = 0;
  let isAtEnd = false;
  for (;;) {
    if (format === "der" && fn.BIO_eof(bio.ptr) !== 0) {
      isAtEnd = true;
      break;
    }
    const x509 =
      format === "der" ? fn.d2i_X509_bio(bio.ptr, NULL) : fn.PEM_read_bio_X509(bio.ptr, NULL, NULL, NULL);
    if (x509 === NULL) break;
    const isAdded = fn.X509_STORE_add_cert(store, x509);
    fn.X509_free(x509);
    if (isAdded === 0) break;
    loaded++;
  }
  if (loaded === 0) {
    fn.ERR_clear_error();
    const what = format === "pem" ? "no start line" : "not enough data";
    const text = `${what}: cadata does not contain a certificate`;
    throw new SslError(textFailure(text, "caDataMissing"));
  }
  const error = fn.ERR_peek_last_error() >>> 0;
  // Both formats end with an error: DER's at the end of the data, PEM's where no further certificate starts.
  const isPlainEnd =
    isAtEnd ||
    (format === "pem" &&
      errorLibrary(error) === constants.ERR_LIB_PEM &&
      errorReason(error) === constants.PEM_R_NO_START_LINE);
  if (!isPlainEnd && error !== 0) throw libraryFailure(openssl, "caDataBroken");
  fn.ERR_clear_error();
}

/** @cpython _ssl._SSLContext.cert_store_stats */
export function certStoreStats(
  engine: SslEngine,
  trust: ContextTrust,
): { x509: number; crl: number; x509_ca: number } {
  const { fn } = engine.openssl;
  const stats = { x509: 0, crl: 0, x509_ca: 0 };
  forEachStored(engine, trust, (object) => {
    const type = fn.X509_OBJECT_get_type(object);
    if (type === constants.X509_LU_CRL) stats.crl++;
    if (type !== constants.X509_LU_X509) return;
    stats.x509++;
    if (fn.X509_check_ca(fn.X509_OBJECT_get0_X509(object)) !== 0) stats.x509_ca++;
  });
  return stats;
}

/** @cpython _ssl._SSLContext.get_ca_certs */
export function caCertificates(engine: SslEngine, trust: ContextTrust): CertificateInfo[] {
  return mapCaCertificates(engine, trust, (x509) => decodeCertificate(engine.openssl, x509));
}

/** @cpython _ssl._SSLContext.get_ca_certs */
export function caCertificatesDer(engine: SslEngine, trust: ContextTrust): Uint8Array<ArrayBuffer>[] {
  return mapCaCertificates(engine, trust, (x509) => certificateDer(engine, x509));
}

function mapCaCertificates<T>(engine: SslEngine, trust: ContextTrust, map: (x509: Ptr<"X509">) => T): T[] {
  const { fn } = engine.openssl;
  const mapped: T[] = [];
  forEachStored(engine, trust, (object) => {
    if (fn.X509_OBJECT_get_type(object) !== constants.X509_LU_X509) return;
    const x509 = fn.X509_OBJECT_get0_X509(object);
    if (fn.X509_check_ca(x509) !== 0) mapped.push(map(x509));
  });
  return mapped;
}

/** Certificates of a CApath directory are in the store only once they were needed; those of files all are. */
function forEachStored(
  { openssl, trustCache }: SslEngine,
  trust: ContextTrust,
  visit: (object: Ptr<"X509_OBJECT">) => void,
): void {
  const { fn } = openssl;
  trustCache.complete(trust);
  const objects = fn.X509_STORE_get1_objects(fn.SSL_CTX_get_cert_store(trust.ctx));
  if (objects === NULL) throw SslError.of("MemoryError", "failed to query cert store");
  try {
    for (const object of stackItems<"X509_OBJECT">(openssl, objects)) visit(object);
  } finally {
    fn.glue_sk_X509_OBJECT_pop_free(objects);
  }
}
