import { describe, expect, it } from "vitest";
import { makePlan, parseOptions, UsageError } from "./plan.ts";

describe("parseOptions", () => {
  it("has a default for everything", () => {
    expect(parseOptions([])).toEqual({
      isQuick: false,
      rounds: undefined,
      only: [],
      json: undefined,
      isAgainstPeers: false,
      isWritten: false,
      help: false,
    });
  });

  it.each([["--rounds", "0"], ["--rounds", "x"], ["--json"], ["more"], ["--against", "all"], ["--write"]])(
    "refuses %s %s",
    (...args) => {
      expect(() => parseOptions(args)).toThrow(UsageError);
    },
  );
});

describe("makePlan", () => {
  it("measures the same rows in a quick run, with less of each", () => {
    const [full, quick] = [makePlan(false, undefined), makePlan(true, undefined)];
    expect(quick.rows.map(({ label }) => label)).toEqual(full.rows.map(({ label }) => label));
    for (const [index, row] of quick.rows.entries())
      expect(row.count).toBeLessThan(full.rows[index]?.count ?? 0);
    expect(quick.rounds).toBeLessThan(full.rounds);
  });

  it("takes the number of rounds asked for", () => {
    expect(makePlan(false, 3).rounds).toBe(3);
  });
});
