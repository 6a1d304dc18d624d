import { constants, Owned, type Ptr } from "../openssl/index.ts";
import { type CertificateInfo, decodeCertificate } from "./certificate-decode.ts";
import type { SslEngine } from "./engine.ts";
import { SslError } from "./failure.ts";
import { libraryFailure } from "./library-failure.ts";

/** `ENCODING_*` of `_ssl`; PEM_AUX is CPython's, without a public name. */
export const encoding: { readonly pem: 1; readonly der: 2; readonly pemAux: 0x101 } = {
  pem: constants.SSL_FILETYPE_PEM,
  der: constants.SSL_FILETYPE_ASN1,
  pemAux: 0x101,
};

/**
 * An X.509 certificate of a chain.
 * @cpython _ssl.Certificate
 */
export class Certificate implements Disposable {
  readonly #engine: SslEngine;
  readonly #x509: Owned<"X509">;

  /** Takes over one reference of `x509`. */
  constructor(engine: SslEngine, x509: Ptr<"X509">) {
    this.#engine = engine;
    this.#x509 = new Owned(x509, engine.openssl.fn.X509_free);
    engine.live.certificates++;
  }

  /** PEM text, or DER bytes. @cpython _ssl.Certificate.public_bytes */
  publicBytes(format: number = encoding.pem): string | Uint8Array<ArrayBuffer> {
    const { fn } = this.#engine.openssl;
    const x509 = this.#x509.ptr;
    switch (format) {
      case encoding.pem:
        return text.decode(this.#written((bio) => fn.PEM_write_bio_X509(bio, x509)));
      case encoding.pemAux:
        return text.decode(this.#written((bio) => fn.PEM_write_bio_X509_AUX(bio, x509)));
      case encoding.der:
        return this.#written((bio) => fn.i2d_X509_bio(bio, x509));
      default:
        throw SslError.of("ValueError", "Unsupported format");
    }
  }

  /** @cpython _ssl.Certificate.get_info */
  getInfo(): CertificateInfo {
    return decodeCertificate(this.#engine.openssl, this.#x509.ptr);
  }

  /** Subject as RFC 2253 text, for `repr()`. @cpython _ssl.Certificate.__repr__ */
  subjectText(): string {
    const { fn } = this.#engine.openssl;
    const subject = fn.X509_get_subject_name(this.#x509.ptr);
    return text.decode(
      this.#written((bio) => (fn.X509_NAME_print_ex(bio, subject, 0, constants.XN_FLAG_RFC2253) > 0 ? 1 : 0)),
    );
  }

  /** Hash of the subject's name, as OpenSSL names files in a CApath. @cpython _ssl.Certificate.__hash__ */
  hash(): number {
    return this.#engine.openssl.fn.X509_subject_name_hash(this.#x509.ptr) >>> 0;
  }

  /** @cpython _ssl.Certificate.__eq__ */
  equals(other: Certificate): boolean {
    return this.#engine.openssl.fn.X509_cmp(this.#x509.ptr, other.#x509.ptr) === 0;
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#x509.isAlive) return;
    this.#engine.live.certificates--;
    this.#x509[Symbol.dispose]();
  }

  #written(write: (bio: Ptr<"BIO">) => number): Uint8Array<ArrayBuffer> {
    const { openssl } = this.#engine;
    const { fn, memory } = openssl;
    using bio = new Owned(fn.BIO_new(fn.BIO_s_mem()), fn.BIO_free);
    if (write(bio.ptr) !== 1) throw libraryFailure(openssl, "certificateBytes");
    const length = fn.BIO_ctrl_pending(bio.ptr);
    using scope = memory.scope();
    const buffer = scope.alloc(length);
    fn.BIO_read(bio.ptr, buffer, length);
    return memory.copyOut(buffer, length);
  }
}

/** DER of a certificate that OpenSSL holds. @cpython `_certificate_to_der` of `_ssl.c` */
export function certificateDer(engine: SslEngine, x509: Ptr<"X509">): Uint8Array<ArrayBuffer> {
  engine.openssl.fn.X509_up_ref(x509);
  using certificate = new Certificate(engine, x509);
  return certificate.publicBytes(encoding.der) as Uint8Array<ArrayBuffer>;
}

const text = new TextDecoder();
