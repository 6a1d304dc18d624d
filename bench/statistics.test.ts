import { describe, expect, it } from "vitest";
import { markdownTable, median, threeDigits } from "./statistics.ts";

describe("median", () => {
  it("is the middle value, and the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 4, 2])).toBe(3);
    expect(median([7])).toBe(7);
  });

  it("does not order numbers as texts", () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it("refuses to invent a value", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("threeDigits", () => {
  it.each([
    [0.1234, "0.12"],
    [9.996, "10.0"],
    [99.96, "100"],
    [12345.6, "12,346"],
  ])("writes %d as %s", (value, text) => {
    expect(threeDigits(value)).toBe(text);
  });
});

describe("markdownTable", () => {
  it("lines columns up", () => {
    expect(markdownTable(["", "a"], [["row", "1,234"]])).toBe(
      ["|     |     a |", "|-----|------:|", "| row | 1,234 |"].join("\n"),
    );
  });
});
