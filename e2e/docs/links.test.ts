import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../vendor/cache.ts";
import { anchorsOf, documents, localLinksOf } from "./markdown.ts";

/** What is wrong with a link; undefined when it leads somewhere. */
function problemOf(file: string, target: string): string | undefined {
  const [path = "", anchor] = target.split("#");
  const found = path === "" ? file : normalize(join(dirname(file), decodeURIComponent(path)));
  if (found.startsWith("..")) return "leads out of the repository";
  if (!existsSync(join(ROOT, found))) return "there is no such file";
  if (anchor !== undefined && !anchorsOf(found).has(anchor)) return `${found} has no heading #${anchor}`;
  return undefined;
}

describe("every link between the documents leads somewhere", () => {
  it.each(documents())("%s", (file) => {
    const dead = localLinksOf(file)
      .map(({ line, target }) => ({ line, target, problem: problemOf(file, target) }))
      .filter(({ problem }) => problem !== undefined);
    expect(dead).toEqual([]);
  });
});

it("the map of the documents names every document for users", () => {
  const named = new Set(localLinksOf("docs/README.md").map(({ target }) => target.replace(/#.*/, "")));
  const pages = documents().filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== "docs/README.md");
  expect(pages.filter((file) => !named.has(file.slice("docs/".length)))).toEqual([]);
});
