import { describe, expect, it } from "vitest";
import { DEFAULT_PORT, parseOptions, UsageError } from "./options.ts";

describe("parseOptions", () => {
  it("has a default for everything", () => {
    expect(parseOptions([])).toEqual({ port: DEFAULT_PORT, open: false, help: false });
  });

  it("takes a port, 0 included", () => {
    expect(parseOptions(["--port", "0", "--open"])).toEqual({ port: 0, open: true, help: false });
  });

  it.each([["--port", "65536"], ["--port", "x"], ["--port", ""], ["--port"], ["--unknown"], ["extra"]])(
    "refuses %s %s with a message",
    (...args) => {
      expect(() => parseOptions(args)).toThrow(UsageError);
    },
  );
});
