import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Policy } from "./policy.ts";
import { completeSettings, type GatewaySettings, SettingError } from "./settings.ts";

function policy(settings: Partial<GatewaySettings> = {}): Policy {
  return new Policy(completeSettings(settings));
}

describe("target addresses", () => {
  it.each([
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2606:4700::1111%eth0",
    "not an address",
    "",
  ])("may not be %s", (address) => {
    expect(policy().allowsAddress(address)).toBe(false);
  });

  it.each([
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "2606:4700:4700::1111",
  ])("may be %s", (address) => {
    expect(policy().allowsAddress(address)).toBe(true);
  });

  it("are judged alike in every spelling of IPv6", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
        const mapped = `::ffff:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
        expect(policy().allowsAddress(mapped)).toBe(false);
        expect(policy().allowsAddress(`::ffff:${address}`)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it("may be private ones that were allowed by address or range, and only those", () => {
    const some = policy({ dangerAllowAddresses: ["10.1.0.0/16", "::1", "192.168.0.7"] });
    for (const address of ["10.1.2.3", "::1", "192.168.0.7"]) expect(some.allowsAddress(address)).toBe(true);
    for (const address of ["10.2.0.1", "127.0.0.1", "192.168.0.8"])
      expect(some.allowsAddress(address)).toBe(false);
  });

  it("may be anything when that was allowed, but what was denied", () => {
    const all = policy({ dangerAllowPrivate: true, denyAddresses: ["169.254.0.0/16"] });
    expect(all.allowsAddress("127.0.0.1")).toBe(true);
    expect(all.allowsAddress("::ffff:127.0.0.1")).toBe(true);
    expect(all.allowsAddress("169.254.169.254")).toBe(false);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/x", "host.example", "::/129", "1.2.3.4/8/8", ""])(
    "can't be configured as %j",
    (range) => {
      expect(() => policy({ denyAddresses: [range] })).toThrowError(SettingError);
    },
  );
});

describe("target ports", () => {
  it("are 443 only, unless listed", () => {
    expect(policy().refuseTarget("a.example", 443)).toBeUndefined();
    expect(policy().refuseTarget("a.example", 80)).toContain(
      "port 80 is not among the gateway's target ports (443)",
    );
    const listed = policy({ targetPorts: ["80", "8000-8100"] });
    for (const port of [80, 8000, 8050, 8100]) expect(listed.refuseTarget("a.example", port)).toBeUndefined();
    for (const port of [443, 7999, 8101]) expect(listed.refuseTarget("a.example", port)).toBeDefined();
    expect(policy({ dangerAnyPort: true }).refuseTarget("a.example", 22)).toBeUndefined();
  });

  it.each(["0", "65536", "https", "9-8", "1-", ""])("can't be configured as %j", (ports) => {
    expect(() => policy({ targetPorts: [ports] })).toThrowError(/targetPorts/);
  });
});

describe("target names", () => {
  it("may be limited to some, and some may be denied, whatever their case or final dot", () => {
    const some = policy({ allowHosts: ["api.example", "*.cdn.example"], denyHosts: ["evil.cdn.example"] });
    for (const host of ["api.example", "API.Example.", "a.cdn.example", "a.b.cdn.example"]) {
      expect(some.refuseTarget(host, 443)).toBeUndefined();
    }
    for (const host of [
      "other.example",
      "cdn.example",
      "xcdn.example",
      "EVIL.cdn.example.",
      "xapi.example",
    ]) {
      expect(some.refuseTarget(host, 443)).toBeDefined();
    }
  });
});

describe("origins", () => {
  const own = ["http://192.0.2.1:6001"];

  it.each([
    "http://localhost",
    "http://localhost:8000",
    "https://localhost:8443",
    "http://app.localhost:3000",
    "http://127.0.0.1:5173",
    "http://[::1]:5173",
    "http://192.0.2.1:6001",
    undefined,
  ])("may be %s by default", (origin) => {
    expect(policy().refuseOrigin(origin, own)).toBeUndefined();
  });

  it.each([
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example#localhost",
    "file://",
    "chrome-extension://localhost",
    "http://192.0.2.1",
    "",
  ])("may not be %s by default", (origin) => {
    expect(policy().refuseOrigin(origin, own)).toBeDefined();
  });

  it("may be listed, with a wildcard for subdomains", () => {
    const some = policy({ origins: ["https://app.example", "https://*.pages.example", "null"] });
    for (const origin of ["https://app.example", "https://me.pages.example", "null"]) {
      expect(some.refuseOrigin(origin, own)).toBeUndefined();
    }
    for (const origin of [
      "http://app.example",
      "https://app.example:444",
      "https://pages.example",
      "https://xpages.example",
    ]) {
      expect(some.refuseOrigin(origin, own)).toContain("is not allowed");
    }
  });

  it("may be demanded, and may be anything when that was allowed", () => {
    expect(policy({ requireOrigin: true }).refuseOrigin(undefined, own)).toBeDefined();
    expect(policy({ dangerAnyOrigin: true }).refuseOrigin("https://evil.example", own)).toBeUndefined();
  });

  it.each(["app.example", "https://app.example/", "https://*", "*", "ftp://app.example"])(
    "can't be configured as %j",
    (origin) => {
      expect(() => policy({ origins: [origin] })).toThrowError(/origins/);
    },
  );
});
