/**
 * The generated parts of documents: what of CPython's tests passes, what is compared with native CPython, and what differs, from the
 * lists to which every run is held. Each stands between two markers in its document.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../vendor/cache.ts";
import { deviations } from "./deviations.ts";
import {
  CATEGORIES,
  type Category,
  type Exception,
  type Expectations,
  entriesOf,
  forHost,
  listExpectations,
  readExpectations,
} from "./expectations.ts";
import { markdownTable } from "./markdown-table.ts";
import { oracleTable } from "./oracle/summary.ts";
import { HOST_NAMES, type HostName } from "./outcomes.ts";
import upstream from "./upstream-pyodide.json" with { type: "json" };

/** Documents with a generated part, and how that is made. */
const DOCUMENTS: readonly {
  readonly file: string;
  readonly make: (all: readonly Expectations[]) => string;
}[] = [
  { file: "README.md", make: (all) => inOneSentence(all) },
  {
    file: "docs/what-works.md",
    make: (all) =>
      [modulesTable(all), oracleTable(), ...all.map(exceptionsOf), upstreamTable(all)].join("\n\n"),
  },
  { file: "docs/deviations.md", make: (all) => deviations(all) },
];

const BEGIN = "<!-- conformance: made by `npm run conformance -- --write-docs` -->";
const END = "<!-- conformance: end -->";

const HOST_TITLES: Readonly<Record<HostName, string>> = { node: "Node", chromium: "Chromium" };

interface Counts {
  readonly pass: number;
  readonly skip: number;
  readonly fail: number;
}

function countsOf(expectations: Expectations, host: HostName, isMeant = (_: string) => true): Counts {
  const outcomes = entriesOf(expectations)
    .filter(({ id }) => isMeant(id))
    .map(({ expected }) => forHost(expected, host))
    .map((entry) => (entry === "pass" ? entry : entry.outcome));
  const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
  return { pass: count("pass"), skip: count("skip"), fail: count("fail") };
}

/** The sums over all modules, which the README says. */
function inOneSentence(all: readonly Expectations[]): string {
  const sums = all.map((expectations) => countsOf(expectations, "node"));
  const sum = (kind: keyof Counts) => sums.reduce((total, counts) => total + counts[kind], 0);
  const tests = all.reduce((total, { total: count }) => total + count, 0);
  return (
    `Of the ${tests.toLocaleString("en")} tests in ${all.length} of CPython's own test modules (\`test_ssl\`, \`test_socket\`, ` +
    `\`test_threading\`, \`test_httplib\` …), unmodified, ${sum("pass").toLocaleString("en")} pass, ${sum("skip")} skip ` +
    `themselves (other operating systems, processes, Unix sockets …), and ${sum("fail")} are known to fail.`
  );
}

function modulesTable(all: readonly Expectations[]): string {
  const rows = all.map((expectations) => [
    `\`${expectations.module}\``,
    String(expectations.total),
    ...HOST_NAMES.map((host) => {
      const { pass, skip, fail } = countsOf(expectations, host);
      const others = [skip > 0 ? `${skip} skipped` : "", fail > 0 ? `${fail} known to fail` : ""];
      return [`${pass} pass`, ...others.filter((text) => text !== "")].join(", ");
    }),
  ]);
  const versions = [...new Set(all.map(({ version }) => version))].join(", ");
  const head = ["module", "tests", ...HOST_NAMES.map((host) => HOST_TITLES[host])];
  const notes = all.flatMap(({ module, note }) => (note === undefined ? [] : [`\`${module}\`: ${note}`]));
  return [`CPython ${versions}'s own tests, unmodified:`, markdownTable([head, ...rows]), ...notes].join(
    "\n\n",
  );
}

/** Every exception with its reason; the same reason once, with all its tests. */
function exceptionsOf(expectations: Expectations): string {
  const groups = new Map<string, { entry: Exception; where: string; names: string[] }>();
  for (const { id, expected } of entriesOf(expectations)) {
    const byHost = HOST_NAMES.map((host) => ({ host, entry: forHost(expected, host) }));
    const isEverywhere = byHost.every(
      ({ entry }) => JSON.stringify(entry) === JSON.stringify(byHost[0]?.entry),
    );
    for (const { host, entry } of isEverywhere ? byHost.slice(0, 1) : byHost) {
      if (entry === "pass") continue;
      const where = isEverywhere ? "" : HOST_TITLES[host];
      const key = JSON.stringify([where, entry.outcome, entry.category, entry.reason]);
      const group = groups.get(key) ?? { entry, where, names: [] };
      groups.set(key, group);
      group.names.push(`\`${id.slice(expectations.module.length + 1)}\``);
    }
  }
  const order = Object.keys(CATEGORIES) as Category[];
  const lines = [...groups.values()]
    .sort((one, other) => order.indexOf(one.entry.category) - order.indexOf(other.entry.category))
    .map(({ entry, where, names }) => {
      const kind = `${entry.outcome === "skip" ? "skips" : "fails"}${where === "" ? "" : ` in ${where}`}`;
      return `- **${entry.category}**, ${kind}: ${names.join(", ")} — ${entry.reason}`;
    });
  const title = `### \`${expectations.module}\``;
  return lines.length === 0
    ? `${title}\n\nAll pass.`
    : `${title}\n\nWhat does not pass, and why:\n\n${lines.join("\n")}`;
}

function upstreamTable(all: readonly Expectations[]): string {
  const expectations = all.find(({ module }) => module === "test_ssl");
  if (expectations === undefined) return "";
  const rows = upstream.skipped.map((name) => {
    const isMeant = (id: string): boolean => id.split(".").includes(name);
    const cells = HOST_NAMES.map((host) => {
      const { pass, skip, fail } = countsOf(expectations, host, isMeant);
      return `${pass} of ${pass + skip + fail} pass`;
    });
    return [`\`${name}\``, ...cells];
  });
  const head = ["left out by Pyodide's own run", ...HOST_NAMES.map((host) => HOST_TITLES[host])];
  const source = `https://github.com/pyodide/pyodide/blob/${upstream.commit}/src/tests/python_tests.yaml`;
  return (
    `### What Pyodide's own run of \`test_ssl\` leaves out\n\n` +
    `Pyodide's \`ssl\` is a stub; its run of \`test_ssl\` leaves out [${upstream.skipped.length} classes and tests](${source}). With ` +
    `pyodide-ssl they run; what does not pass is in the list above.\n\n${markdownTable([head, ...rows])}`
  );
}

function withPart(text: string, part: string, file: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`${file} has no place for the generated part: ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${part}\n\n${text.slice(end)}`;
}

/** Documents whose generated part is not what the expectation files give, with what they should be. */
export function staleDocuments(root: string = ROOT): { file: string; text: string }[] {
  const all = listExpectations()
    .map((module) => readExpectations(module))
    .filter((expectations) => expectations !== undefined);
  return DOCUMENTS.map(({ file, make }) => {
    const before = readFileSync(join(root, file), "utf8");
    return { file, before, text: withPart(before, make(all), file) };
  }).filter(({ before, text }) => before !== text);
}

/** Writes the generated parts; answers the documents that changed. */
export function writeDocuments(root: string = ROOT): string[] {
  const stale = staleDocuments(root);
  for (const { file, text } of stale) writeFileSync(join(root, file), text);
  return stale.map(({ file }) => file);
}
