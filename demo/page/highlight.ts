/** Colours for Python source: good enough to read by, and never wrong about where a character stands. */

/** One run of characters of the same kind; the texts of all tokens put together are the source. */
export interface Token {
  readonly kind: "plain" | "comment" | "string" | "number" | "keyword" | "builtin" | "definition";
  readonly text: string;
}

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break case class continue def del elif else except finally for from " +
    "global if import in is lambda match nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

const BUILTINS = new Set(
  (
    "abs all any bool bytearray bytes callable dict dir enumerate filter float format getattr hasattr hash hex id int " +
    "isinstance iter len list map max memoryview min next object open ord print range repr reversed round set " +
    "setattr sorted str sum super tuple type vars zip Exception OSError ValueError KeyboardInterrupt"
  ).split(" "),
);

const TOKEN =
  /(?<comment>#[^\n]*)|(?<string>\b[rbfutRBFUT]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$))|\b[rbfutRBFUT]{0,2}(?:"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(?<number>\b\d[\w.]*)|(?<name>[\p{L}_][\p{L}\p{N}_]*)/gu;

/** Cuts Python source into coloured runs. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  let previousName = "";
  const push = (kind: Token["kind"], text: string): void => {
    if (text) tokens.push({ kind, text });
  };
  for (const match of source.matchAll(TOKEN)) {
    const text = match[0];
    const between = source.slice(end, match.index);
    push("plain", between);
    end = match.index + text.length;
    const { comment, string, number } = match.groups ?? {};
    if (comment !== undefined) push("comment", text);
    else if (string !== undefined) push("string", text);
    else if (number !== undefined) push("number", text);
    else if (previousName === "def" || previousName === "class") push("definition", text);
    else if (KEYWORDS.has(text)) push("keyword", text);
    else if (BUILTINS.has(text) && !between.endsWith(".")) push("builtin", text);
    else push("plain", text);
    previousName = text;
  }
  push("plain", source.slice(end));
  return tokens;
}
