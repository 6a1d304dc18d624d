/** What docs/security.md claims of the defaults, seen from Python and in the bytes of a ClientHello. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { ROOT } from "../../vendor/cache.ts";
import { readDocument } from "./markdown.ts";

const run = promisify(execFile);

/** What security_facts.py prints. */
interface Facts {
  readonly hello: Readonly<
    Record<
      "ciphers" | "compressions" | "extensions" | "versions" | "groups" | "signatures",
      readonly number[]
    >
  >;
  readonly ciphers: readonly string[];
  readonly options: Readonly<Record<string, boolean>>;
  readonly [fact: string]: unknown;
}

let facts: Facts;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-security-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  try {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    await run("openssl", [
      ...["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-sha256", "-days", "2"],
      ...[...subject, "-keyout", key, "-out", certificate],
    ]);
    writeFileSync(join(folder, "weak.pem"), readFileSync(key, "utf8") + readFileSync(certificate, "utf8"));
    // RFC 5114's group of 1024 bits: made at once.
    await run("openssl", [
      ...["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "dh_rfc5114:1"],
      ...["-out", join(folder, "dh1024.pem")],
    ]);
    const program = join(import.meta.dirname, "security_facts.py");
    const { stdout } = await run(process.execPath, [join(ROOT, "dist", "cli.js"), program, folder]);
    facts = JSON.parse(stdout) as Facts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("TLS 1.3 and 1.2 are offered, and a server of TLS 1.1 is refused", () => {
  expect(facts.hello.versions).toEqual([0x0304, 0x0303]);
  expect(facts).toMatchObject({
    minimum: "TLSv1_2",
    sslv3: false,
    "old server": ["UNSUPPORTED_PROTOCOL", ""],
  });
});

it("no compression is offered or used", () => {
  expect(facts.hello.compressions).toEqual([0]);
  expect(facts).toMatchObject({ compression: [null, null], options: { OP_NO_COMPRESSION: true } });
});

it("every cipher has forward secrecy, and none has RSA encryption, 3DES, RC4, export strength, SHA-1 or MD5", () => {
  const tls12 = facts.ciphers.filter((name) => !name.startsWith("TLS_"));
  expect(tls12.filter((name) => !/^(ECDHE|DHE)-/.test(name))).toEqual([]);
  expect(facts.ciphers.filter((name) => /DES|RC4|EXP|NULL|MD5|SHA$|anon|CAMELLIA|ARIA/.test(name))).toEqual(
    [],
  );
  // In the bytes that go out the same number, so no other is there; none is TLS_EMPTY_RENEGOTIATION_INFO_SCSV or a fallback's.
  expect(facts.hello.ciphers).toHaveLength(facts.ciphers.length);
});

it("ciphers with authenticated encryption and elliptic curves come before CBC and before finite fields", () => {
  const isAead = (name: string) => /GCM|CHACHA20/.test(name);
  const elliptic = facts.ciphers.filter((name) => name.startsWith("ECDHE"));
  expect(elliptic.findLastIndex(isAead)).toBeLessThan(elliptic.findIndex((name) => !isAead(name)));
  expect(facts.ciphers.findLastIndex((name) => name.startsWith("ECDHE"))).toBeLessThan(
    facts.ciphers.findIndex((name) => name.startsWith("DHE")),
  );
});

it("secure renegotiation, extended master secret and encrypt-then-MAC are offered; heartbeats and early data are not", () => {
  expect(facts.hello.extensions).toEqual(expect.arrayContaining([22, 23, 65281]));
  expect(facts.hello.extensions).not.toContain(15);
  expect(facts.hello.extensions).not.toContain(42);
  const functions = readFileSync(join(ROOT, "openssl", "exports.txt"), "utf8");
  expect(functions).not.toMatch(/^SSL_(read|write)_early_data$/m);
});

it("servers without secure renegotiation are refused, and clients can't renegotiate with ours", () => {
  expect(facts.options["OP_LEGACY_SERVER_CONNECT"]).toBe(false);
  expect(facts["allows client renegotiation"]).toBe(false);
});

it("no signature with MD5 or SHA-1 is accepted", () => {
  // The high byte of the older numbers is the hash: 1 MD5, 2 SHA-1.
  expect(facts.hello.signatures.filter((number) => [1, 2].includes(number >> 8))).toEqual([]);
});

it("the hybrid of X25519 and ML-KEM comes first, then X25519", () => {
  expect(facts.hello.groups.slice(0, 2)).toEqual([0x11ec, 0x001d]);
});

it("a certificate is required and its name compared, strictly; keys and groups of 1024 bits are refused", () => {
  expect(facts).toMatchObject({
    level: 2,
    verifies: ["CERT_REQUIRED", true],
    strict: true,
    "weak key": ["CERTIFICATE_VERIFY_FAILED", "EE certificate key too weak"],
    "small group": ["DH_KEY_TOO_SMALL", ""],
  });
});

it("the page names the release of OpenSSL that runs", () => {
  const [, version = ""] = /^OpenSSL (\S+)/.exec(String(facts["openssl"])) ?? [];
  expect(readDocument("docs/security.md")).toContain(`OpenSSL is **${version}**`);
});
