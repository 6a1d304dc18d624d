import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeIdentity } from "./certificates.ts";

const DAY_MS = 86_400_000;

describe("makeIdentity", () => {
  const root = makeIdentity({ commonName: "Root", purpose: "authority", validDays: [-1, 20_000] });
  const leaf = makeIdentity({
    commonName: "leaf",
    purpose: "server",
    issuer: root,
    names: ["localhost", "127.0.0.1"],
    validDays: [-60, -7],
  });

  it("makes a root that signed itself and may sign others", () => {
    const certificate = new X509Certificate(root.certificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe("O=pyodide-ssl demo\nCN=Root");
  });

  it("makes a leaf that verifies under its issuer and under nobody else", () => {
    const certificate = new X509Certificate(leaf.certificatePem);
    const issuer = new X509Certificate(root.certificatePem);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(false);
  });

  it("writes names and addresses that host checks find", () => {
    const certificate = new X509Certificate(leaf.certificatePem);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkHost("elsewhere")).toBeUndefined();
  });

  it("keeps the dates asked for, before and after 2050", () => {
    const now = Date.now();
    const daysFromNow = (date: Date): number => Math.round((date.getTime() - now) / DAY_MS);
    const past = new X509Certificate(leaf.certificatePem);
    const far = new X509Certificate(root.certificatePem);
    expect([daysFromNow(past.validFromDate), daysFromNow(past.validToDate)]).toEqual([-60, -7]);
    expect(daysFromNow(far.validToDate)).toBe(20_000);
  });

  it("gives the key that belongs to the certificate", () => {
    const certificate = new X509Certificate(leaf.certificatePem);
    expect(certificate.checkPrivateKey(leaf.privateKey)).toBe(true);
    expect(certificate.checkPrivateKey(root.privateKey)).toBe(false);
  });
});
