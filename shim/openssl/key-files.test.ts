import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { NULL } from "./index.ts";
import { start } from "./instance.fixture.ts";

const PASSWORD = "correct horse";
const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-"));
afterAll(() => rmSync(folder, { recursive: true }));

function command(...parameters: string[]): void {
  execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
}

/** A key made by the openssl command, in a file that it wrote with `form`. */
function keyFile(algorithm: readonly string[], form: readonly string[]): string {
  command("genpkey", ...algorithm, "-out", "key.pem");
  const [name = "pkey", ...options] = form;
  const password =
    options.length > 0 && !options.includes("-nocrypt") ? ["-passout", `pass:${PASSWORD}`] : [];
  command(name, "-in", "key.pem", "-out", "file.pem", ...options, ...password);
  return readFileSync(join(folder, "file.pem"), "utf8");
}

const RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
const EC = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

test.each<readonly [string, readonly string[], readonly string[], string]>([
  ["RSA", RSA, ["pkey"], "RSA"],
  ["RSA, PKCS#1", RSA, ["rsa", "-traditional"], "RSA"],
  ["RSA-PSS", ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:1024"], ["pkey"], "RSA-PSS"],
  ["P-256", EC, ["pkey"], "EC"],
  ["P-256, SEC 1", EC, ["ec"], "EC"],
  ["brainpoolP384r1", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1"], ["pkey"], "EC"],
  ["Ed25519", ["-algorithm", "ED25519"], ["pkey"], "ED25519"],
  ["Ed448", ["-algorithm", "ED448"], ["pkey"], "ED448"],
  ["X25519", ["-algorithm", "X25519"], ["pkey"], "X25519"],
  ...["aes128", "aes192", "aes256", "des3", "aes-256-cfb", "aes-128-ofb", "aes-256-ctr", "des-ede3-cfb"].map(
    (cipher) => [`PKCS#1 with ${cipher}`, RSA, ["rsa", "-traditional", `-${cipher}`], "RSA"] as const,
  ),
  ...["aes-128-cbc", "aes-256-cbc", "des3", "aes-256-cfb", "aes-256-ofb"].map(
    (cipher) => [`PKCS#8 with ${cipher}`, EC, ["pkcs8", "-topk8", "-v2", cipher], "EC"] as const,
  ),
  ["PKCS#8 with SHA-512", EC, ["pkcs8", "-topk8", "-v2prf", "hmacWithSHA512"], "EC"],
  ["PKCS#8 with scrypt", EC, ["pkcs8", "-topk8", "-scrypt"], "EC"],
  ["PKCS#8 of PKCS#12's kind", EC, ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"], "EC"],
])("a key file is read: %s", (_name, algorithm, form, type) => {
  const { fn, memory } = start().openssl;
  memory.scoped((scope) => {
    const text = new TextEncoder().encode(keyFile(algorithm, form));
    const bio = fn.BIO_new_mem_buf(scope.copyIn(text), text.length);
    const key = fn.PEM_read_bio_PrivateKey(bio, NULL, NULL, scope.cString(PASSWORD));
    expect(memory.readCString(fn.EVP_PKEY_get0_type_name(key))).toBe(type);
    fn.EVP_PKEY_free(key);
    fn.BIO_free(bio);
  });
});
