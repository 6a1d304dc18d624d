/**
 * docs/deviations.md: how pyodide-ssl differs from native CPython, from the three lists that tests hold it to: the oracle's
 * differences, those of `_ssl`'s surface, and CPython's tests that are known to fail or skip.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../vendor/cache.ts";
import {
  CATEGORIES,
  type Category,
  type Exception,
  type Expectations,
  entriesOf,
  forHost,
} from "./expectations.ts";
import { markdownTable } from "./markdown-table.ts";
import { knownDifferences } from "./oracle/differences.ts";
import { HOST_NAMES } from "./outcomes.ts";

/** What `pyodide-ext/ssl-surface.test.ts` allows. */
interface SurfaceDifferences {
  readonly values: Readonly<Record<string, string>>;
  readonly kinds: Readonly<Record<string, readonly [here: string, reason: string]>>;
  readonly signatures: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, string>>;
}

/** Values by what they have in common, in the order of first appearance. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [key: string, items: T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** Longer lists end with how many more there are; differences.json has all. */
const SHOWN = 4;

function list(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(code).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

function oraclePart(): string {
  const all = Object.entries(knownDifferences()).flatMap(([scenario, labels]) =>
    Object.entries(labels).map(([label, reason]) => ({ scenario, label, reason })),
  );
  const rows = grouped(all, ({ reason }) => reason).map(([reason, items]) => [
    cell(reason),
    list([...new Set(items.map(({ scenario }) => scenario))]),
    list(items.map(({ label }) => label)),
  ]);
  return (
    `### What a program can see\n\n` +
    `Found by running the same scripts natively and here ` +
    `([differences.json](../conformance/oracle/differences.json) has every one):\n\n` +
    markdownTable([["what differs", "script", "observation"], ...rows])
  );
}

function surfacePart(): string {
  const file = join(ROOT, "pyodide-ext", "ssl-surface-differences.json");
  const { values, kinds, signatures, names } = JSON.parse(readFileSync(file, "utf8")) as SurfaceDifferences;
  const rows = [
    ...grouped(Object.entries(values), ([, reason]) => reason).map(([reason, items]) => [
      "value",
      list(items.map(([name]) => `_ssl.${name}`)),
      cell(reason),
    ]),
    ...Object.entries(kinds).map(([kind, [here, reason]]) => [
      "kind of member",
      `${code(kind)} is ${code(here)}`,
      cell(reason),
    ]),
    ...Object.entries(signatures).map(([name, reason]) => ["signature", code(`_ssl.${name}`), cell(reason)]),
    ...Object.entries(names).map(([name, reason]) => ["name", code(`ssl.${name}`), cell(reason)]),
  ];
  return (
    "### Names, values and signatures of `_ssl` and `ssl`\n\n" +
    "Everything else that `dir()`, `inspect` and `help` show is as in CPython 3.14.8:\n\n" +
    markdownTable([["what", "where", "how it differs"], ...rows])
  );
}

interface Known {
  readonly module: string;
  readonly id: string;
  readonly entry: Exception;
}

function testsPart(all: readonly Expectations[]): string {
  const known: Known[] = all.flatMap((expectations) =>
    entriesOf(expectations).flatMap(({ id, expected }) => {
      const entry = HOST_NAMES.map((host) => forHost(expected, host)).find((found) => found !== "pass");
      return entry === undefined ? [] : [{ module: expectations.module, id, entry }];
    }),
  );
  const order = Object.keys(CATEGORIES) as Category[];
  const byCategory = (outcome: Exception["outcome"]) =>
    order
      .map((category) => ({
        category,
        tests: known.filter(({ entry }) => entry.outcome === outcome && entry.category === category),
      }))
      .filter(({ tests }) => tests.length > 0);
  const fails = byCategory("fail").flatMap(({ tests }) =>
    grouped(tests, ({ module, entry }) => `${module}\n${entry.reason}`).map(([, items]) => [
      code(items[0]?.module ?? ""),
      String(items.length),
      cell(items[0]?.entry.reason ?? ""),
    ]),
  );
  const skips = byCategory("skip").map(({ category, tests }) => [
    CATEGORIES[category],
    String(tests.length),
    [...new Set(tests.map(({ module }) => code(module)))].join(", "),
  ]);
  return (
    "### CPython's tests that fail here\n\n" +
    `Each is known, and fails for the reason beside it ([what-works.md](what-works.md) names the tests):\n\n` +
    `${markdownTable([["module", "tests", "why"], ...fails])}\n\n` +
    "### CPython's tests that skip themselves\n\n" +
    markdownTable([["why", "tests", "modules"], ...skips])
  );
}

/** The generated part of docs/deviations.md. */
export function deviations(all: readonly Expectations[]): string {
  return [oraclePart(), surfacePart(), testsPart(all)].join("\n\n");
}
