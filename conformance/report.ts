/** What a run leaves: a table for people, JUnit XML and JSON for machines. */
import type { Difference } from "./expectations.ts";
import type { ModuleResult, Outcome, RunResult, TestResult } from "./outcomes.ts";

/** How many of each outcome. */
export function count(tests: readonly TestResult[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { pass: 0, fail: 0, error: 0, skip: 0 };
  for (const { outcome } of tests) counts[outcome]++;
  return counts;
}

/** The table at the end of a run. */
export function table(
  modules: readonly ModuleResult[],
  differences: ReadonlyMap<string, readonly Difference[]>,
): string {
  const rows = modules.map((module) => {
    const { pass, fail, error, skip } = count(module.tests);
    const unexpected = differences.get(module.module)?.length ?? 0;
    const counts = [module.tests.length, pass, fail, error, skip, unexpected].map(String);
    return [module.module, ...counts, `${module.seconds.toFixed(1)} s`];
  });
  const head = ["module", "run", "pass", "fail", "error", "skip", "unexpected", "time"];
  const widths = head.map((name, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), name.length),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}

/** Characters that XML 1.0 can't carry become U+FFFD. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function testCase({ id, outcome, details, output, seconds }: TestResult): string {
  const dot = id.lastIndexOf(".");
  const open = `    <testcase classname="${xml(id.slice(0, dot))}" name="${xml(id.slice(dot + 1))}" time="${seconds.toFixed(3)}"`;
  if (outcome === "pass") return `${open}/>`;
  if (outcome === "skip") return `${open}><skipped message="${xml(details)}"/></testcase>`;
  const name = outcome === "fail" ? "failure" : "error";
  const last = details.trim().split("\n").at(-1) ?? "";
  const written = output === "" ? "" : `<system-out>${xml(output)}</system-out>`;
  return `${open}><${name} message="${xml(last)}">${xml(details)}</${name}>${written}</testcase>`;
}

/** A run as JUnit XML: a `testsuite` per module. What is not as expected without being a test's failure is an error of its own. */
export function junit(run: RunResult, differences: ReadonlyMap<string, readonly Difference[]>): string {
  const suites = run.modules.map((module) => {
    const { fail, error, skip } = count(module.tests);
    const others = (differences.get(module.module) ?? []).filter(({ kind }) => kind !== "failure");
    const extra = others.map(
      ({ id, kind, message }) =>
        `    <testcase classname="expectations" name="${xml(id)}" time="0"><failure type="${kind}" message="${xml(message)}"/></testcase>`,
    );
    const totals = `tests="${module.tests.length + extra.length}" failures="${fail + extra.length}" errors="${error}" skipped="${skip}"`;
    const cases = [...module.tests.map(testCase), ...extra].join("\n");
    return `  <testsuite name="${xml(`${module.module} (${run.host})`)}" ${totals} time="${module.seconds.toFixed(3)}">\n${cases}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

/** A run as JSON: everything that is known of it. */
export function json(run: RunResult, differences: ReadonlyMap<string, readonly Difference[]>): string {
  const modules = run.modules.map((module) => ({
    ...module,
    counts: count(module.tests),
    unexpected: differences.get(module.module) ?? [],
  }));
  return `${JSON.stringify({ ...run, modules }, undefined, 1)}\n`;
}
