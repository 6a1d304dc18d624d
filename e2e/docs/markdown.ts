/** The documents as tests read them: which there are, their headings, links and fenced snippets. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../vendor/cache.ts";

/** Every Markdown file of the repository, relative to its root. */
export function documents(): string[] {
  return execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file !== "");
}

export function readDocument(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** A fenced block. */
export interface Snippet {
  readonly file: string;
  readonly line: number;
  /** `"js"`, `"python"`, `"sh"`. */
  readonly language: string;
  /** What follows the language in the info string, which readers do not see. */
  readonly words: readonly string[];
  readonly code: string;
}

/** The fenced blocks of a document, in their order. */
export function snippetsOf(file: string): Snippet[] {
  const snippets: Snippet[] = [];
  let open: { fence: string; line: number; info: string; lines: string[] } | undefined;
  for (const [index, line] of readDocument(file).split("\n").entries()) {
    const fence = /^\s*(`{3,})(.*)$/.exec(line);
    if (open === undefined) {
      if (fence !== null) open = { fence: fence[1] ?? "", line: index + 1, info: fence[2] ?? "", lines: [] };
    } else if (fence !== null && fence[1] === open.fence && fence[2]?.trim() === "") {
      const [language = "", ...words] = open.info.trim().split(/\s+/);
      snippets.push({ file, line: open.line, language, words, code: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else open.lines.push(line);
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: the block is not closed`);
  return snippets;
}

/** What is not code: fenced blocks and code spans are blanked, lines stay where they are. */
function prose(text: string): string {
  return text
    .replaceAll(/^(\s*`{3,})[^\n]*\n[\s\S]*?^\s*`{3,}\s*$/gm, (block) => block.replaceAll(/[^\n]/g, " "))
    .replaceAll(/`[^`\n]*`/g, (span) => span.replaceAll(/[[\]()]/g, " "));
}

/** Anchors of a document's headings, as GitHub makes them, and those of `<a id="…">`. */
export function anchorsOf(file: string): Set<string> {
  const text = readDocument(file);
  const anchors = new Set<string>();
  const withoutBlocks = text.replaceAll(/^(\s*`{3,})[^\n]*\n[\s\S]*?^\s*`{3,}\s*$/gm, "");
  for (const [, title = ""] of withoutBlocks.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*\\]/g, "");
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id = ""] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

/** The links of a document that stay in the repository. */
export function localLinksOf(file: string): Link[] {
  return prose(readDocument(file))
    .split("\n")
    .flatMap((line, index) =>
      [...line.matchAll(/\]\(<?([^()\s>]+)>?\)|^\[[^\]]+\]: *(\S+)/g)].map((match) => ({
        line: index + 1,
        target: match[1] ?? match[2] ?? "",
      })),
    )
    .filter(({ target }) => !/^[a-z]+:/i.test(target));
}
