import { NULL, type OpenSsl, Owned } from "../openssl/index.ts";
import { type CertificateInfo, decodeCertificate } from "./certificate-decode.ts";
import { SslError } from "./failure.ts";

/** Describes the first certificate of a PEM file. @cpython _ssl._test_decode_cert */
export function decodeCertificateFile(openssl: OpenSsl, path: string): CertificateInfo {
  const { fn, memory } = openssl;
  if (path === "") throw SslError.of("SSLError", "Can't open file"); // wasi-libc would take it for the current folder
  using scope = memory.scope();
  const file = fn.BIO_new_file(scope.cString(path), scope.cString("r"));
  fn.ERR_clear_error();
  if (file === NULL) throw SslError.of("SSLError", "Can't open file");
  using bio = new Owned(file, fn.BIO_free);
  const found = fn.PEM_read_bio_X509(bio.ptr, NULL, NULL, NULL);
  fn.ERR_clear_error();
  if (found === NULL) throw SslError.of("SSLError", "Error decoding PEM-encoded file");
  using x509 = new Owned(found, fn.X509_free);
  return decodeCertificate(openssl, x509.ptr);
}
