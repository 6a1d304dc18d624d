/** The table of docs/versions.md, made from a run over all versions. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../vendor/cache.ts";
import type { VersionHost, VersionRun } from "./version-run.ts";

const FILE = join(ROOT, "docs", "versions.md");
const MARKS = /(<!-- matrix: [^\n]*-->\n)[\s\S]*(<!-- matrix: end -->)/;

function cell(run: VersionRun | undefined): string {
  if (run === undefined) return "–";
  const failed = run.outcomes.filter(([, failure]) => failure !== null);
  return `${run.outcomes.length - failed.length} of ${run.outcomes.length}`;
}

function tableOf(runs: readonly VersionRun[]): string {
  const versions = [...new Set(runs.map(({ pyodide }) => pyodide))];
  const find = (version: string, host: VersionHost) =>
    runs.find((run) => run.pyodide === version && run.host === host);
  const rows = versions.map((version) => {
    const node = find(version, "node");
    const chromium = find(version, "chromium");
    const python = node?.python || chromium?.python || "–";
    return `| ${version} | ${python} | ${cell(node)} | ${cell(chromium)} |`;
  });
  const failures = runs.flatMap((run) =>
    run.outcomes
      .filter(([, failure]) => failure !== null)
      .map(([sentence, failure]) => `- ${run.pyodide}, ${run.host}: ${sentence}: \`${failure}\``),
  );
  return [
    "",
    "| Pyodide | Python | Node | Chromium |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    ...(failures.length > 0 ? ["What did not hold:", "", ...failures, ""] : []),
    "",
  ].join("\n");
}

/** Writes it between the file's markers. */
export function writeTable(runs: readonly VersionRun[]): void {
  const text = readFileSync(FILE, "utf8");
  writeFileSync(
    FILE,
    text.replace(MARKS, (_, begin: string, end: string) => begin + tableOf(runs) + end),
  );
}
