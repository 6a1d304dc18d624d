/** A self-signed certificate for tests, made with the openssl command into a folder that is removed again. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts, and the name under which OpenSSL finds the certificate in a directory. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly encryptedKey: string;
  /** X509_NAME_hash, as `openssl rehash` names files. */
  readonly subjectHash: string;
}

/** The password of the encrypted key. */
export const KEY_PASSWORD = "correct horse";

/** OpenSSL's name and options for a P-256 key. */
const P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** Makes a certificate for `localhost` that is its own issuer; with a P-256 key unless told otherwise. */
export function makeCertificate(algorithm: readonly string[] = P256): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-"));
  const openssl = (...parameters: string[]): string =>
    execFileSync("openssl", parameters, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  try {
    const key = ["-newkey", ...algorithm, "-nodes", "-keyout", "key.pem"];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    openssl("req", "-x509", ...key, "-out", "cert.pem", "-days", "2", ...subject);
    openssl("pkcs8", "-topk8", "-in", "key.pem", "-out", "encrypted.pem", "-passout", `pass:${KEY_PASSWORD}`);
    const subjectHash = openssl("x509", "-noout", "-subject_hash", "-in", "cert.pem").trim();
    return {
      certificate: read("cert.pem"),
      key: read("key.pem"),
      encryptedKey: read("encrypted.pem"),
      subjectHash,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
