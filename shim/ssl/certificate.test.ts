import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openssl } from "../../e2e/peers/openssl-ca.ts";
import { type Bench, openBench } from "./bench.fixture.ts";
import { connected } from "./tls-pair.fixture.ts";

/** A certificate with everything in it that `getpeercert()` has a word for. */
const CONFIGURATION = `
[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = subject
x509_extensions = extensions
[subject]
0.C = DE
1.O = Größe & Söhne
2.OU = one
3.+OU = two
4.CN = everything.example.test
5.emailAddress = post@example.test
[extensions]
basicConstraints = critical, CA:TRUE
subjectAltName = @names
authorityInfoAccess = OCSP;URI:http://ocsp.example.test/, caIssuers;URI:http://ca.example.test/ca.crt, OCSP;DNS:no.uri
crlDistributionPoints = URI:http://crl.example.test/1.crl, URI:http://crl.example.test/2.crl
[names]
DNS.1 = everything.example.test
DNS.2 = *.example.test
email.1 = post@example.test
URI.1 = https://example.test/path:with:colons
IP.1 = 192.0.2.1
IP.2 = 2001:db8::ff
RID.1 = 1.2.3.4.5
dirName.1 = directory
otherName.1 = 1.2.3.4;UTF8:other
[directory]
C = FR
CN = dir
`;

let bench: Bench;
let folder: string;
beforeAll(async () => {
  bench = await openBench();
  folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-certificate-"));
  writeFileSync(join(folder, "everything.cnf"), CONFIGURATION);
  const files = ["-keyout", "everything.key", "-out", "everything.pem"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const dates = ["-not_before", "20260102030405Z", "-not_after", "20530102030405Z"];
  const request = [
    "req",
    "-x509",
    "-config",
    "everything.cnf",
    ...key,
    ...files,
    "-set_serial",
    "0x0123456789abcdef",
  ];
  await openssl([...request, ...dates], folder).catch(() => openssl([...request, "-days", "100"], folder));
  bench.files.put("/everything.pem", readFileSync(join(folder, "everything.pem")));
});
afterAll(() => rmSync(folder, { recursive: true }));

const NAME = [
  [["countryName", "DE"]],
  [["organizationName", "Größe & Söhne"]],
  [
    ["organizationalUnitName", "one"],
    ["organizationalUnitName", "two"],
  ],
  [["commonName", "everything.example.test"]],
  [["emailAddress", "post@example.test"]],
];

describe("a decoded certificate", () => {
  it("has CPython's keys, in its order, with every kind of name", () => {
    const info = bench.engine.testDecodeCert("/everything.pem");
    expect(Object.keys(info)).toEqual([
      "subject",
      "issuer",
      "version",
      "serialNumber",
      "notBefore",
      "notAfter",
      "subjectAltName",
      "OCSP",
      "caIssuers",
      "crlDistributionPoints",
    ]);
    expect(info.subject).toEqual(NAME);
    expect(info.issuer).toEqual(NAME);
    expect(info.version).toBe(3);
    expect(info.serialNumber).toBe("0123456789ABCDEF");
    expect(info.subjectAltName).toEqual([
      ["DNS", "everything.example.test"],
      ["DNS", "*.example.test"],
      ["email", "post@example.test"],
      ["URI", "https://example.test/path:with:colons"],
      ["IP Address", "192.0.2.1"],
      ["IP Address", "2001:DB8:0:0:0:0:0:FF"],
      ["Registered ID", "1.2.3.4.5"],
      ["DirName", [[["countryName", "FR"]], [["commonName", "dir"]]]],
      ["othername", expect.any(String)],
    ]);
    expect(info.OCSP).toEqual(["http://ocsp.example.test/"]);
    expect(info.caIssuers).toEqual(["http://ca.example.test/ca.crt"]);
    expect(info.crlDistributionPoints).toEqual([
      "http://crl.example.test/1.crl",
      "http://crl.example.test/2.crl",
    ]);
  });

  it("has dates in OpenSSL's form, the day padded by a blank", () => {
    const info = bench.engine.testDecodeCert("/everything.pem");
    const form = /^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/;
    expect(info.notBefore).toMatch(form);
    expect(info.notAfter).toMatch(form);
  });

  it("leaves out what the certificate has not", () => {
    const info = bench.engine.testDecodeCert("/pki/root.pem");
    expect(Object.keys(info)).toEqual([
      "subject",
      "issuer",
      "version",
      "serialNumber",
      "notBefore",
      "notAfter",
    ]);
    expect(info.subject.at(-1)).toEqual([["commonName", "Test Root CA"]]);
  });

  it("is refused with CPython's words where there is none", () => {
    expect(() => bench.engine.testDecodeCert("/nowhere.pem")).toThrow("Can't open file");
    bench.files.put("/garbage.pem", "no certificate\n");
    expect(() => bench.engine.testDecodeCert("/garbage.pem")).toThrow("Error decoding PEM-encoded file");
  });
});

describe("a certificate of a chain", () => {
  it("comes as PEM text and as DER bytes, the same in both", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    using both = connected(client, server);
    const chain = both.client.getVerifiedChain() ?? [];
    const leaf = chain[0] ?? expect.fail();
    const pem = readFileSync(bench.pki.leaf("good").certificate, "utf8");
    expect(leaf.publicBytes()).toBe(pem.slice(pem.indexOf("-----BEGIN")));
    expect(leaf.publicBytes(0x101)).toMatch(/^-----BEGIN TRUSTED CERTIFICATE-----/);
    expect(leaf.publicBytes(2)).toEqual(both.client.getPeerCertDer());
    expect(() => leaf.publicBytes(7)).toThrow("Unsupported format");
    expect(leaf.getInfo()).toEqual(both.client.getPeerCert());
    expect(leaf.subjectText()).toBe("CN=localhost,O=pyodide-ssl tests,C=ZZ");
    for (const each of chain) each[Symbol.dispose]();
  });
});
