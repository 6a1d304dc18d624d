import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SyntheticAddresses } from "./synthetic-addresses.ts";

describe("SyntheticAddresses", () => {
  it("gives each name one address of 198.18.0.0/15, which turns back into the name", () => {
    const addresses = new SyntheticAddresses();
    fc.assert(
      fc.property(fc.domain(), (name) => {
        const address = addresses.addressFor(name);
        expect(address).toMatch(/^198\.1[89]\.\d{1,3}\.\d{1,3}$/);
        expect(addresses.addressFor(name)).toBe(address);
        expect(addresses.nameFor(address ?? "")).toBe(name.toLowerCase());
      }),
    );
  });

  it("takes names without regard to case and final dot", () => {
    const addresses = new SyntheticAddresses();
    expect(addresses.addressFor("Example.COM.")).toBe(addresses.addressFor("example.com"));
  });

  it("knows nothing of addresses that it did not give", () => {
    expect(new SyntheticAddresses().nameFor("198.18.0.1")).toBeUndefined();
  });

  it("gives 131070 different addresses and then no more", () => {
    const addresses = new SyntheticAddresses();
    const given = new Set<string | undefined>();
    for (let index = 0; index < 131_070; index++) given.add(addresses.addressFor(`host${index}`));
    expect(given.size).toBe(131_070);
    expect(given).not.toContain("198.18.0.0");
    expect(given).toContain("198.19.255.254");
    expect(addresses.addressFor("one.more")).toBeUndefined();
    expect(addresses.addressFor("host7")).toBe("198.18.0.8");
  });
});
