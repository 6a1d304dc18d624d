import { describe, expect, it } from "vitest";
import { type CertificateView, formatBytes, shortName, validityOf } from "./connection.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 24);

function certificate(from: number, to: number): CertificateView {
  return {
    subject: "s",
    issuer: "i",
    notBefore: NOW + from * DAY_MS,
    notAfter: NOW + to * DAY_MS,
    names: [],
  };
}

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [9_996, "10.0 kB"],
    [99_960, "100 kB"],
    [999_600, "1.00 MB"],
    [50_123_111, "50.1 MB"],
    [3e15, "3000 TB"],
  ])("writes %d with three digits and a unit", (count, text) => {
    expect(formatBytes(count)).toBe(text);
  });
});

describe("validityOf", () => {
  it.each([
    [1, 90, false, "not valid yet"],
    [-60, -7, false, "expired 7 days ago"],
    [-60, -7.5, false, "expired 7 days ago"],
    [-60, -1.5, false, "expired yesterday"],
    [-60, -0.5, false, "expired today"],
    [-1, 0.5, true, "expires today"],
    [-1, 90, true, "90 days left"],
    [-1, 1, true, "1 day left"],
    [-1, 3650, true, "10 years left"],
  ])("from %d to %d days: %s, %s", (from, to, isValid, text) => {
    expect(validityOf(certificate(from, to), NOW)).toEqual({ isValid, text });
  });
});

describe("shortName", () => {
  it("takes the common name, wherever it stands, and the whole name where there is none", () => {
    expect(shortName("CN=example.org, O=Example")).toBe("example.org");
    expect(shortName("O=Example, CN=Root CA")).toBe("Root CA");
    expect(shortName("O=Example, C=ZZ")).toBe("O=Example, C=ZZ");
  });
});
