/** What the oracle compares, as a table for docs/what-works.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { markdownTable } from "../markdown-table.ts";
import { knownDifferences } from "./differences.ts";

const SCENARIOS = join(import.meta.dirname, "scenarios");

/** The first line of a scenario's docstring. */
function subjectOf(file: string): string {
  const [, subject] = /^"""(.+?)"""/s.exec(readFileSync(join(SCENARIOS, file), "utf8")) ?? [];
  if (subject === undefined) throw new Error(`${file} does not begin with a docstring`);
  return (subject.split("\n\n")[0] ?? "").replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}

export function oracleTable(): string {
  const known = knownDifferences();
  const files = readdirSync(SCENARIOS)
    .filter((file) => file.endsWith(".py"))
    .sort();
  const rows = files.map((file) => {
    const name = file.slice(0, -".py".length);
    const count = Object.keys(known[name] ?? {}).length;
    return [`\`${name}\``, subjectOf(file), count === 0 ? "no" : `in ${count}`];
  });
  const differing = rows.filter(([, , differs]) => differs !== "no").length;
  return (
    `### The same programs on native CPython and here\n\n` +
    `${files.length} scripts run on native CPython 3.14 and on pyodide-ssl against the same servers, and everything that a program can ` +
    `see is compared: values, exceptions with all their attributes, texts, warnings. ${files.length - differing} see no difference; ` +
    `[deviations.md](deviations.md) has the others' differences with their reasons. A difference that is not listed fails ` +
    `\`npm test\`, and so does a listed one that is none any more.\n\n` +
    markdownTable([["script", "what is compared", "observations that differ"], ...rows])
  );
}
