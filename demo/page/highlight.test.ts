import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Token, tokenize } from "./highlight.ts";

function kindsOf(source: string): Record<string, Token["kind"]> {
  return Object.fromEntries(tokenize(source).map(({ kind, text }) => [text, kind]));
}

describe("tokenize", () => {
  it("loses and adds no character, whatever the text", () => {
    const python = fc.constantFrom(
      '"',
      "'",
      '"""',
      "'''",
      "\\",
      "\n",
      "#",
      "f",
      "def ",
      "x",
      "1",
      "é",
      "🐍",
      "(",
    );
    const text = fc.array(fc.oneof(python, fc.string({ unit: "binary" }))).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (source) => {
        expect(
          tokenize(source)
            .map((token) => token.text)
            .join(""),
        ).toBe(source);
      }),
    );
  });

  it("tells keywords, names, strings, numbers and comments apart", () => {
    const kinds = kindsOf('def greet(): return len(f"a # b") + 42  # note');
    expect(kinds["def"]).toBe("keyword");
    expect(kinds["greet"]).toBe("definition");
    expect(kinds["len"]).toBe("builtin");
    expect(kinds['f"a # b"']).toBe("string");
    expect(kinds["42"]).toBe("number");
    expect(kinds["# note"]).toBe("comment");
  });

  it("takes a string in three quotes across lines as one", () => {
    expect(kindsOf('"""a\n"b"\n# c"""')).toEqual({ '"""a\n"b"\n# c"""': "string" });
  });
});
