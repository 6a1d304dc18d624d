/** What each test is expected to give, as kept in `expectations/<module>.json`, and how a run differs from it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placeOfPython } from "../vendor/python-version.ts";
import { HOST_NAMES, type HostName, type ModuleResult, type TestResult } from "./outcomes.ts";

/** Why a test does not pass. A new kind is added here, with what it means. */
export const CATEGORIES = {
  windows: "for Windows only",
  sslv3: "SSLv3, which OpenSSL is built without, as everywhere",
  "tls-1.0": "the test module itself leaves TLS 1.0 and 1.1 out with OpenSSL 3",
  "cipher-names": "the test goes by names of ciphers that CPython's own default does not have",
  network: "needs a server on the internet (a test resource that is off by default)",
  locale: "needs another locale than C",
  "time-zone": "needs a local time that is not UTC",
  "free-threading": "only for builds without the global interpreter lock",
  processes: "needs processes, signals between them, or fork",
  platform: "needs an operating system's own feature that a browser has not",
  version: "tests a change between Pyodide's Python and the tests' version",
  resource: "needs a test resource that is off by default",
  cpython: "looks into CPython's implementation in C",
  pyodide: "Pyodide itself differs from native Python here",
  difference: "pyodide-ssl differs from native Python here",
} as const;

export type Category = keyof typeof CATEGORIES;

/** What is not a pass: the test skips itself, or is known to fail. */
export interface Exception {
  readonly outcome: "skip" | "fail";
  readonly category: Category;
  readonly reason: string;
  /** False: the test is not even begun, as it would hang or break the interpreter. */
  readonly run?: false;
}

/** What is expected of a test: the same in every host, or by host. */
export type Expectation = "pass" | Exception | { readonly [host in HostName]: "pass" | Exception };

/** The content of an expectation file. */
export interface Expectations {
  readonly module: string;
  /** The version of the tests. */
  readonly version: string;
  /** What documents say of the module besides its counts. */
  readonly note?: string;
  /** Test resources that the module is given besides `walltime`, where it asks for them and stays inside the interpreter. */
  readonly resources?: readonly string[];
  /** How many tests there are: fewer are a failure, even when their entries went with them. */
  readonly total: number;
  /** Class → test → what is expected. */
  readonly tests: Readonly<Record<string, Readonly<Record<string, Expectation>>>>;
}

/** One way in which a run is not as expected. */
export interface Difference {
  readonly kind:
    | "failure"
    | "unexpected-pass"
    | "unexpected-skip"
    | "no-entry"
    | "not-run"
    | "fewer"
    | "module";
  readonly id: string;
  readonly message: string;
}

export const EXPECTATIONS_FOLDER: string = placeOfPython(join(import.meta.dirname, "expectations"));

/** The modules that have an expectation file. */
export function listExpectations(folder: string = EXPECTATIONS_FOLDER): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

/** @returns undefined where the module has no expectation file */
export function readExpectations(
  module: string,
  folder: string = EXPECTATIONS_FOLDER,
): Expectations | undefined {
  const file = join(folder, `${module}.json`);
  if (!existsSync(file)) return undefined;
  const expectations = JSON.parse(readFileSync(file, "utf8")) as Expectations;
  for (const { id, expected } of entriesOf(expectations)) {
    for (const host of HOST_NAMES) checkEntry(id, forHost(expected, host));
  }
  return expectations;
}

function checkEntry(id: string, expected: "pass" | Exception): void {
  if (expected === "pass") return;
  if (!Object.hasOwn(CATEGORIES, expected.category)) {
    const known = Object.keys(CATEGORIES).join(", ");
    throw new Error(`${id}: no category ${JSON.stringify(expected.category)}; there are ${known}`);
  }
  if (!["skip", "fail"].includes(expected.outcome)) throw new Error(`${id}: the outcome is skip or fail`);
  if (expected.reason.trim() === "") throw new Error(`${id}: a reason is missing`);
}

/** Splits `test_ssl.ContextTests.test_options` where expectation files do. */
function splitId(id: string): { group: string; name: string } {
  const dot = id.lastIndexOf(".");
  const [, ...group] = id.slice(0, dot).split(".");
  return { group: group.join("."), name: id.slice(dot + 1) };
}

/** Every entry with its short id. */
export function entriesOf(expectations: Expectations): { id: string; expected: Expectation }[] {
  return Object.entries(expectations.tests).flatMap(([group, tests]) =>
    Object.entries(tests).map(([name, expected]) => ({
      id: [expectations.module, ...(group === "" ? [] : [group]), name].join("."),
      expected,
    })),
  );
}

/** What is expected in one host. */
export function forHost(expected: Expectation, host: HostName): "pass" | Exception {
  return typeof expected === "object" && host in expected
    ? (expected as { readonly [name in HostName]: "pass" | Exception })[host]
    : (expected as "pass" | Exception);
}

function compareTest(result: TestResult, expected: "pass" | Exception | undefined): Difference | undefined {
  const { id, outcome } = result;
  if (expected === undefined) {
    return { kind: "no-entry", id, message: `has no entry in the expectation file (outcome: ${outcome})` };
  }
  const wanted = expected === "pass" ? "pass" : expected.outcome;
  const given = outcome === "error" ? "fail" : outcome;
  if (given === wanted) return undefined;
  switch (given) {
    case "fail":
      return { kind: "failure", id, message: `failed, expected was ${wanted}` };
    case "pass":
      return { kind: "unexpected-pass", id, message: `passed, expected was ${wanted}: update its entry` };
    case "skip":
      return { kind: "unexpected-skip", id, message: `skipped (${result.details}), expected was ${wanted}` };
  }
}

/**
 * Compares a module's run with its expectations.
 * @param isWhole whether all tests of the module were to be run
 */
export function compare(
  result: ModuleResult,
  expectations: Expectations | undefined,
  host: HostName,
  isWhole: boolean,
): Difference[] {
  const differences: Difference[] = result.failures.map(
    (message): Difference => ({ kind: "module", id: result.module, message }),
  );
  if (expectations === undefined) {
    return [...differences, { kind: "no-entry", id: result.module, message: "has no expectation file" }];
  }
  if (result.skipped !== undefined) {
    const message = `the whole module skipped itself: ${result.skipped}`;
    return [...differences, { kind: "module", id: result.module, message }];
  }
  const entries = new Map(entriesOf(expectations).map(({ id, expected }) => [id, forHost(expected, host)]));
  const found = result.tests.map((test) => compareTest(test, entries.get(test.id)));
  differences.push(...found.filter((difference) => difference !== undefined));
  const known = new Set(result.known);
  const ran = new Set(result.tests.map(({ id }) => id));
  for (const [id, expected] of entries) {
    const isLeftOut = expected !== "pass" && expected.run === false;
    if (!known.has(id)) {
      differences.push({
        kind: "not-run",
        id,
        message: "has an entry in the expectation file, and is no test",
      });
    } else if (isWhole && !isLeftOut && !ran.has(id)) {
      differences.push({ kind: "not-run", id, message: "was not run" });
    }
  }
  for (const id of known) {
    if (!entries.has(id) && !ran.has(id)) {
      differences.push({ kind: "no-entry", id, message: "has no entry in the expectation file" });
    }
  }
  if (entries.size < expectations.total || known.size < expectations.total) {
    const message = `${Math.min(entries.size, known.size)} tests, there were ${expectations.total}`;
    differences.push({ kind: "fewer", id: result.module, message });
  }
  return differences;
}

/** Ids that are not to be run in a host. */
export function leftOut(expectations: Expectations | undefined, host: HostName): string[] {
  if (expectations === undefined) return [];
  return entriesOf(expectations)
    .filter(({ expected }) => {
      const entry = forHost(expected, host);
      return entry !== "pass" && entry.run === false;
    })
    .map(({ id }) => id);
}

/** Categories that a skip's own words name; the others have to be written by hand. */
const TELLING: readonly (readonly [RegExp, Category])[] = [
  [/windows/i, "windows"],
  [/SSLv3/, "sslv3"],
  [/TLSv1(_1)? is not available/, "tls-1.0"],
  [/^Resource '[\w-]+\.[\w.-]+' is not available/, "network"],
  [/resource 'network'|'urlfetch'/i, "network"],
  [/resource/i, "resource"],
  [/locale/i, "locale"],
  [/UTC/, "time-zone"],
  [/GIL/, "free-threading"],
  [/subprocess|fork|multiprocessing|signal|kill/i, "processes"],
];

function entryFor(result: TestResult): "pass" | Exception {
  if (result.outcome === "pass") return "pass";
  const reason = result.details.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
  const category = TELLING.find(([pattern]) => pattern.test(reason))?.[1] ?? "difference";
  return result.outcome === "skip"
    ? { outcome: "skip", category, reason }
    : { outcome: "fail", category: "difference", reason };
}

function isSame(one: "pass" | Exception, other: "pass" | Exception): boolean {
  const outcome = (entry: "pass" | Exception) => (entry === "pass" ? entry : entry.outcome);
  return outcome(one) === outcome(other);
}

/** What stays of an entry that is already there, after a run in one host that gave `now`. */
function merge(before: Expectation | undefined, now: "pass" | Exception, host: HostName): Expectation {
  if (before === undefined) return now;
  const mine = forHost(before, host);
  // A reason that somebody wrote is better than what the test says of itself.
  const next = isSame(mine, now) ? mine : now;
  const both = Object.fromEntries(
    HOST_NAMES.map((name) => [name, name === host ? next : forHost(before, name)]),
  ) as { readonly [name in HostName]: "pass" | Exception };
  const [first, ...others] = Object.values(both);
  return first !== undefined && others.every((entry) => isSame(first, entry)) ? first : both;
}

/** The expectations after a run of the whole module; reasons that are there stay. */
export function updated(
  result: ModuleResult,
  before: Expectations | undefined,
  host: HostName,
  version: string,
): Expectations {
  const old = new Map(
    before === undefined ? [] : entriesOf(before).map(({ id, expected }) => [id, expected] as const),
  );
  const outcomes = new Map(result.tests.map((test) => [test.id, test]));
  const tests: Record<string, Record<string, Expectation>> = {};
  for (const id of [...(result.known ?? [])].sort()) {
    const test = outcomes.get(id);
    const entry = test === undefined ? old.get(id) : merge(old.get(id), entryFor(test), host);
    if (entry === undefined) continue;
    const { group, name } = splitId(id);
    tests[group] ??= {};
    tests[group][name] = entry;
  }
  const written = {
    ...(before?.note === undefined ? {} : { note: before.note }),
    ...(before?.resources === undefined ? {} : { resources: before.resources }),
  };
  return { module: result.module, version, ...written, total: result.known?.length ?? 0, tests };
}

/** Writes an expectation file, one test a line. */
export function writeExpectations(expectations: Expectations, folder: string = EXPECTATIONS_FOLDER): void {
  const groups = Object.entries(expectations.tests).map(([group, tests]) => {
    const lines = Object.entries(tests).map(
      ([name, expected]) => `      ${JSON.stringify(name)}: ${JSON.stringify(expected)}`,
    );
    return `    ${JSON.stringify(group)}: {\n${lines.join(",\n")}\n    }`;
  });
  const { tests: _tests, ...rest } = expectations;
  const head = Object.entries(rest).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  const text = `{\n${head.join(",\n")},\n  "tests": {\n${groups.join(",\n")}\n  }\n}\n`;
  writeFileSync(join(folder, `${expectations.module}.json`), text);
}
