import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { LeafName } from "../../e2e/peers/certs.ts";
import { openssl } from "../../e2e/peers/openssl-ca.ts";
import { type Bench, openBench } from "./bench.fixture.ts";
import type { SslContext } from "./index.ts";
import { connected, pair, shakeHands } from "./tls-pair.fixture.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

/** The intermediate's revocation list with one leaf on it. */
async function revocationList(leaf: LeafName): Promise<string> {
  const { folder, intermediate } = bench.pki;
  const work = mkdtempSync(join(tmpdir(), "pyodide-ssl-crl-"));
  writeFileSync(join(work, "index.txt"), "");
  writeFileSync(
    join(work, "crl.cnf"),
    "[ca]\ndefault_ca = ca_default\n[ca_default]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 10\n",
  );
  const signer = ["-config", "crl.cnf", "-cert", intermediate, "-keyfile", join(folder, "intermediate.key")];
  await openssl(["ca", ...signer, "-revoke", bench.pki.leaf(leaf).certificate], work);
  const crl = await openssl(["ca", ...signer, "-gencrl"], work);
  rmSync(work, { recursive: true });
  return crl;
}

/** What a client says of a server with this leaf. */
function verdict(leaf: LeafName, serverHostname = "localhost") {
  using client = bench.clientContext();
  using server = bench.serverContext(leaf);
  using both = pair(client, server, { serverHostname });
  return shakeHands(both);
}

describe("a client that verifies", () => {
  // Codes and texts are X509_V_ERR_* of x509_vfy.h and their texts; those of name mismatches are CPython's own.
  it.each<[LeafName, string, number, string]>([
    ["expired", "localhost", 10, "certificate has expired"],
    ["not-yet-valid", "localhost", 9, "certificate is not yet valid"],
    ["self-signed", "localhost", 18, "self-signed certificate"],
    ["unknown-ca", "localhost", 20, "unable to get local issuer certificate"],
    ["wrong-host", "localhost", 62, "Hostname mismatch, certificate is not valid for 'localhost'."],
    ["common-name-only", "localhost", 62, "Hostname mismatch, certificate is not valid for 'localhost'."],
    ["wrong-ip", "127.0.0.1", 64, "IP address mismatch, certificate is not valid for '127.0.0.1'."],
  ])("refuses the certificate %s for %s", (leaf, hostname, verifyCode, verifyMessage) => {
    expect(verdict(leaf, hostname).client).toEqual({
      kind: "SSLCertVerificationError",
      code: 1,
      message: `[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ${verifyMessage} (_ssl.c:1127)`,
      library: "SSL",
      reason: "CERTIFICATE_VERIFY_FAILED",
      verifyCode,
      verifyMessage,
    });
  });

  it("tells the server why by an alert", () => {
    expect(verdict("unknown-ca").server).toMatchObject({
      kind: "SSLError",
      code: 1,
      library: "SSL",
      reason: "TLSV1_ALERT_UNKNOWN_CA",
    });
  });

  it("refuses a chain whose intermediate is missing", () => {
    using client = bench.clientContext();
    using server = bench.engine.newContext(17);
    server.loadCertChain("/pki/good.pem", "/pki/good.key");
    using both = pair(client, server);
    expect(shakeHands(both).client).toMatchObject({ verifyCode: 20 });
  });

  it.each(["localhost", "a.example.test", "127.0.0.1", "::1"])(
    "accepts the good certificate for %s",
    (hostname) => {
      expect(verdict("good", hostname)).toEqual({ client: "done", server: "done" });
    },
  );

  it("does not let a wildcard stand for two labels", () => {
    expect(verdict("good", "a.b.example.test").client).toMatchObject({ verifyCode: 62 });
  });

  it.each<LeafName>(["good-ec", "good-ed25519"])("accepts the certificate %s", (leaf) => {
    expect(verdict(leaf).client).toBe("done");
  });

  it("takes the name from the context's setting: none is checked without check_hostname", () => {
    using client = bench.clientContext();
    client.checkHostname = false;
    using server = bench.serverContext("wrong-host");
    using both = connected(client, server);
    expect(both.client.getPeerCert()).toMatchObject({ subjectAltName: [["DNS", "wrong.example.org"]] });
  });

  it("verifies nothing with CERT_NONE, and then tells an empty certificate", () => {
    using client = bench.engine.newContext(16);
    client.checkHostname = false;
    client.verifyMode = 0;
    using server = bench.serverContext("self-signed");
    using both = connected(client, server);
    expect(both.client.getPeerCert()).toEqual({});
    expect(both.client.getPeerCertDer()?.[0]).toBe(0x30);
  });

  it("finds the root in a directory of hashed names", () => {
    using client = bench.engine.newContext(16);
    client.loadVerifyLocations(null, "/pki/capath", null);
    expect(client.certStoreStats()).toEqual({ x509: 0, crl: 0, x509_ca: 0 });
    using server = bench.serverContext();
    using _both = connected(client, server);
    expect(client.certStoreStats()).toEqual({ x509: 1, crl: 0, x509_ca: 1 });
  });

  it("finds the root by SSL_CERT_FILE", () => {
    bench.env.set("SSL_CERT_FILE", "/pki/root.pem");
    using client = bench.engine.newContext(16);
    client.setDefaultVerifyPaths();
    bench.env.delete("SSL_CERT_FILE");
    using server = bench.serverContext();
    using _both = connected(client, server);
  });

  it("takes a CA file anew when it changed, and again from the cache when it did not", () => {
    const [root, other] = ["root", "other-root"].map((name) => bench.files.files.get(`/pki/${name}.pem`));
    using server = bench.serverContext();
    for (const content of [root, root, other, root]) {
      bench.files.put("/changing.pem", content ?? expect.fail());
      using client = bench.engine.newContext(16);
      client.loadVerifyLocations("/changing.pem", null, null);
      expect(client.certStoreStats()).toEqual({ x509: 1, crl: 0, x509_ca: 1 });
      using both = pair(client, server);
      expect(shakeHands(both).client).toEqual(
        content === root ? "done" : expect.objectContaining({ verifyCode: 20 }),
      );
    }
  });

  it("shares what a file holds with others, and nothing of what a context is given besides", () => {
    bench.env.set("SSL_CERT_FILE", "/pki/root.pem");
    const [one, other] = [0, 1].map(() => {
      const context = bench.engine.newContext(16);
      context.setDefaultVerifyPaths();
      return context;
    }) as [SslContext, SslContext];
    using _one = one;
    using _other = other;
    one.loadVerifyLocations("/pki/other-root.pem", null, null);
    const third = bench.engine.newContext(16);
    using _third = third;
    third.setDefaultVerifyPaths();
    third.loadVerifyLocations(null, "/pki/capath", null);
    bench.env.delete("SSL_CERT_FILE");
    expect([one, other, third].map((context) => context.certStoreStats().x509)).toEqual([2, 1, 1]);
    using stranger = bench.serverContext("unknown-ca");
    const outcome = (client: SslContext): unknown => {
      using both = pair(client, stranger);
      return shakeHands(both).client;
    };
    expect(outcome(one)).toBe("done");
    expect(outcome(other)).toMatchObject({ verifyCode: 20 });
    expect(outcome(third)).toMatchObject({ verifyCode: 20 });
  });

  it("begins each context without what others have found in the default directory", () => {
    bench.env.set("SSL_CERT_FILE", "/pki/other-root.pem");
    bench.env.set("SSL_CERT_DIR", "/pki/capath");
    using server = bench.serverContext();
    for (let contexts = 0; contexts < 2; contexts++) {
      using client = bench.engine.newContext(16);
      client.setDefaultVerifyPaths();
      expect(client.certStoreStats().x509).toBe(1);
      using _both = connected(client, server);
      expect(client.certStoreStats().x509).toBe(2);
    }
    bench.env.delete("SSL_CERT_FILE");
    bench.env.delete("SSL_CERT_DIR");
    using client = bench.engine.newContext(16);
    client.loadVerifyLocations("/pki/other-root.pem", null, null);
    using both = pair(client, server);
    expect(shakeHands(both).client).toMatchObject({ verifyCode: 20 });
  });

  it("trusts nothing where the default files are missing", () => {
    using client = bench.engine.newContext(16);
    client.setDefaultVerifyPaths();
    expect(client.certStoreStats()).toEqual({ x509: 0, crl: 0, x509_ca: 0 });
  });

  it("finds the root by SSL_CERT_DIR", () => {
    bench.env.set("SSL_CERT_DIR", "/pki/capath");
    using client = bench.engine.newContext(16);
    client.setDefaultVerifyPaths();
    bench.env.delete("SSL_CERT_DIR");
    using server = bench.serverContext();
    using _both = connected(client, server);
  });

  it("accepts an intermediate as anchor with VERIFY_X509_PARTIAL_CHAIN only", () => {
    using client = bench.engine.newContext(16);
    client.loadVerifyLocations("/pki/intermediate.pem", null, null);
    using server = bench.serverContext();
    using strict = pair(client, server);
    expect(shakeHands(strict).client).toMatchObject({ verifyCode: 2 });
    client.verifyFlags |= 0x80000;
    using _lenient = connected(client, server);
  });

  it("asks for a revocation list with VERIFY_CRL_CHECK_LEAF, and obeys it", async () => {
    using client = bench.clientContext();
    client.verifyFlags |= 4;
    using server = bench.serverContext();
    using unknown = pair(client, server);
    expect(shakeHands(unknown).client).toMatchObject({
      verifyCode: 3,
      verifyMessage: "unable to get certificate CRL",
    });

    bench.files.put("/revoked.crl", await revocationList("good"));
    client.loadVerifyLocations("/revoked.crl", null, null);
    client.loadVerifyLocations("/revoked.crl", null, null);
    expect(client.certStoreStats()).toEqual({ x509: 1, crl: 1, x509_ca: 1 });
    using revoked = pair(client, server);
    expect(shakeHands(revoked).client).toMatchObject({
      verifyCode: 23,
      verifyMessage: "certificate revoked",
    });
    expect(shakeHands(revoked).server).toMatchObject({ kind: "SSLZeroReturnError" });
  });

  it("tells the chain that it verified, and the one that was sent", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    using both = connected(client, server);
    const verified = both.client.getVerifiedChain() ?? [];
    const sent = both.client.getUnverifiedChain() ?? [];
    expect(verified.map((each) => each.subjectText())).toEqual([
      expect.stringContaining("CN=localhost"),
      expect.stringContaining("CN=Test Intermediate CA"),
      expect.stringContaining("CN=Test Root CA"),
    ]);
    expect(sent.length).toBe(2);
    expect(verified[0]?.equals(sent[0] as (typeof verified)[0])).toBe(true);
    expect(verified[0]?.hash()).toBe(sent[0]?.hash());
    for (const each of [...verified, ...sent]) each?.[Symbol.dispose]();
  });
});

describe("a server that verifies", () => {
  it.each<[LeafName, LeafName]>([
    ["client", "good"],
    ["client-ec", "good-ec"],
  ])("accepts the client certificate %s", (leaf, serverLeaf) => {
    using client = bench.clientContext();
    client.loadCertChain(`/pki/${leaf}.chain.pem`, `/pki/${leaf}.key`);
    using server = bench.serverContext(serverLeaf);
    server.verifyMode = 2;
    server.loadVerifyLocations("/pki/root.pem", null, null);
    using both = connected(client, server);
    expect(both.server.getPeerCert()).toMatchObject({ subject: expect.arrayContaining([]) as unknown });
    const chain = both.server.getUnverifiedChain() ?? [];
    expect(chain[0]?.subjectText()).toContain("Client");
    for (const each of chain) each?.[Symbol.dispose]();
  });

  it("refuses a client without a certificate", () => {
    using client = bench.clientContext();
    client.maximumVersion = 0x303;
    using server = bench.serverContext();
    server.verifyMode = 2;
    using both = pair(client, server);
    const results = shakeHands(both);
    expect(results.server).toMatchObject({ reason: "PEER_DID_NOT_RETURN_A_CERTIFICATE" });
    expect(results.client).toMatchObject({ reason: "SSLV3_ALERT_HANDSHAKE_FAILURE" });
  });

  it("tells a TLS 1.3 client of its refusal when that reads", () => {
    using client = bench.clientContext();
    client.loadCertChain("/pki/client-unknown.chain.pem", "/pki/client-unknown.key");
    using server = bench.serverContext();
    server.verifyMode = 2;
    server.loadVerifyLocations("/pki/root.pem", null, null);
    using both = pair(client, server);
    const results = shakeHands(both);
    expect(results.client).toBe("done");
    expect(results.server).toMatchObject({ kind: "SSLCertVerificationError", verifyCode: 20 });
    expect(both.client.read(1)).toMatchObject({
      kind: "SSLError",
      reason: "TLSV1_ALERT_UNKNOWN_CA",
      message: "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2768)",
    });
  });

  it("lets a client without a certificate in with CERT_OPTIONAL", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    server.verifyMode = 1;
    using both = connected(client, server);
    expect(both.server.getPeerCert()).toBeNull();
    expect(both.server.getPeerCertDer()).toBeNull();
    expect(both.server.getVerifiedChain()).toBeNull();
  });
});
