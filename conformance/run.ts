/** `npm run conformance`: CPython's own test modules, unmodified, in Node or Chromium, against the expectation files. */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { missingChromium } from "../e2e/browser.ts";
import { distOf, ROOT } from "../vendor/cache.ts";
import { PYODIDE_VERSIONS, pyodideFolder, pythonOfPyodide } from "../vendor/pyodide-versions.ts";
import { PYTHON_MINOR } from "../vendor/python-version.ts";
import { UnreachableError } from "../vendor/routes.ts";
import { testSuiteVersion } from "../vendor/test-suite.ts";
import { vendor } from "../vendor/vendor.ts";
import { PYODIDE_VERSION } from "../worker/versions.ts";
import { listModules, packTests } from "./archive.ts";
import { writeDocuments } from "./documents.ts";
import {
  compare,
  type Difference,
  entriesOf,
  leftOut,
  listExpectations,
  readExpectations,
  updated,
  writeExpectations,
} from "./expectations.ts";
import { type Build, type Host, TIME_ZONE } from "./host.ts";
import { runModule } from "./module-run.ts";
import { HOST_NAMES, type HostName, type ModuleResult, type RunResult } from "./outcomes.ts";
import { Progress } from "./progress.ts";
import { json, junit, table } from "./report.ts";

const DEFAULT_DEADLINE_S = 60;

const HELP = `Usage: npm run conformance -- [options] [module or pattern…]

Runs CPython's own tests, unmodified, and compares each outcome with conformance/expectations/<module>.json.
A pattern is a module (test_ssl), or a module and what follows in a test's id, with * and ? as in file names:
test_ssl.ContextTests, test_ssl.*.test_options. Without one: every module that has an expectation file.

  --host HOST             node (default) or chromium
  --pyodide VERSION       another release of Pyodide: ${PYODIDE_VERSIONS.join(", ")}.
                          The tests are those of its Python, and so are the expectations
  --list                  print the tests that would be run, with what is expected, and run nothing
  --junit FILE            write JUnit XML
  --json FILE             write everything that is known of the run
  --deadline SECONDS      how long one test may take (default ${DEFAULT_DEADLINE_S})
  --resource NAME         give the tests a resource (test.support.requires), for trying; expectation files have what they need
  --verbose               tests say more (test.support.verbose), and every failure is shown with its output
  --update-expectations   write the outcomes into the expectation files; reasons that are there stay
  --write-docs            write the generated parts of README.md and docs/ from the lists of expectations; runs nothing
  --help                  this text

Exit code: 0 as expected; 1 not as expected; 2 wrong usage; 3 can't be run on this machine; 130 interrupted.
`;

/** What was asked for: a module, and which of its tests. */
interface Request {
  readonly module: string;
  readonly patterns: string[];
}

function requestsFrom(words: readonly string[]): Request[] {
  const requests = new Map<string, Request>();
  for (const word of words.length > 0 ? words : listExpectations()) {
    const [module = "", ...rest] = word.replace(/^test\./, "").split(".");
    const request = requests.get(module) ?? { module, patterns: [] };
    requests.set(module, request);
    const pattern = `test.${[module, ...rest].join(".")}`;
    if (rest.length > 0) request.patterns.push(pattern, `${pattern}.*`);
  }
  return [...requests.values()];
}

async function startHost(name: HostName, archive: Uint8Array, build: Build): Promise<Host> {
  if (name === "node") return (await import("./host-node.ts")).startNodeHost(archive, build);
  return (await import("./host-chromium.ts")).startChromiumHost(archive, build);
}

const OPTIONS = {
  options: {
    host: { type: "string", default: "node" },
    pyodide: { type: "string", default: PYODIDE_VERSION },
    list: { type: "boolean", default: false },
    junit: { type: "string" },
    json: { type: "string" },
    resource: { type: "string", multiple: true, default: [] as string[] },
    deadline: { type: "string", default: String(DEFAULT_DEADLINE_S) },
    verbose: { type: "boolean", default: false },
    "update-expectations": { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
  allowPositionals: true,
} as const;

/** Whether a test's id matches one of the patterns, as `fnmatch` in `conformance_harness.py` has it; all do without any. */
function isMeant(id: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string): boolean => {
    const source = pattern
      .replace(/[.+^${}()|\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${source}$`).test(`test.${id}`);
  };
  return patterns.length === 0 || patterns.some(matches);
}

function printList(requests: readonly Request[]): void {
  for (const { module, patterns } of requests) {
    const expectations = readExpectations(module);
    if (expectations === undefined) process.stdout.write(`${module}: no expectation file\n`);
    else {
      for (const { id, expected } of entriesOf(expectations)) {
        const says = expected === "pass" ? expected : JSON.stringify(expected);
        if (isMeant(id, patterns)) process.stdout.write(`${id}  ${says}\n`);
      }
    }
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs(OPTIONS);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values["write-docs"]) {
    const written = writeDocuments();
    process.stdout.write(
      written.length > 0 ? `wrote ${written.join(", ")}\n` : "the documents are up to date\n",
    );
    return 0;
  }
  const hostName = HOST_NAMES.find((name) => name === values.host);
  const deadlineMs = Number(values.deadline) * 1000;
  if (hostName === undefined || !(deadlineMs > 0)) {
    process.stderr.write(
      `conformance: the host is ${HOST_NAMES.join(" or ")}, the deadline a number of seconds\n`,
    );
    return 2;
  }
  const version = values.pyodide;
  if (!PYODIDE_VERSIONS.includes(version)) {
    process.stderr.write(`conformance: no Pyodide ${version}; there are ${PYODIDE_VERSIONS.join(", ")}\n`);
    return 2;
  }
  const minor = pythonOfPyodide(version);
  // Which Python all is for is settled when a process begins.
  if (minor !== PYTHON_MINOR) return runFor(minor);
  await vendor(["testsuite"], (line) => process.stderr.write(`vendor: ${line}\n`));
  const requests = requestsFrom(positionals);
  const modules = new Set(listModules());
  const unknown = requests.filter(({ module }) => !modules.has(module));
  if (unknown.length > 0 || requests.length === 0) {
    const names = unknown.map(({ module }) => module).join(", ");
    process.stderr.write(
      `conformance: ${names === "" ? "nothing to run" : `CPython has no test module ${names}`}\n`,
    );
    return 2;
  }
  if (values.list) {
    printList(requests);
    return 0;
  }
  const dist = distOf(minor);
  if (!existsSync(join(dist, "index.node.js"))) {
    process.stderr.write(`conformance: ${dist} is not built; run \`npm run build\`\n`);
    return 2;
  }
  const missing = hostName === "chromium" ? missingChromium() : undefined;
  if (missing !== undefined) {
    process.stderr.write(`conformance: ${missing}\n`);
    return 3;
  }
  // Before anything asks for the local time: workers and browsers that are started take it over.
  process.env["TZ"] = TIME_ZONE;
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on("SIGINT", stop).on("SIGTERM", stop);

  const progress = new Progress(process.stdout, values.verbose);
  const results: ModuleResult[] = [];
  const differences = new Map<string, readonly Difference[]>();
  let python = "";
  let openssl = "";
  const pyodide = await pyodideFolder(version, (line) => process.stderr.write(`vendor: ${line}\n`));
  const archive = packTests(requests.map(({ module }) => module));
  await using host = await startHost(hostName, archive, { dist, pyodide });
  for (const { module, patterns } of requests) {
    if (controller.signal.aborted) break;
    const expectations = readExpectations(module);
    progress.module(module, hostName);
    const result = await runModule(host, module, {
      patterns,
      leaveOut: leftOut(expectations, hostName),
      resources: [...(expectations?.resources ?? []), ...values.resource],
      deadlineMs,
      isVerbose: values.verbose,
      signal: controller.signal,
      onStart: (id) => progress.start(id),
      onResult: (test) => progress.result(test, test.outcome === "fail" || test.outcome === "error"),
      onNote: (line) => progress.line(line),
      onVersions: (...versions) => ([python, openssl] = versions),
    });
    results.push(result);
    // What was not run because somebody stopped it is no finding.
    if (controller.signal.aborted) break;
    const found = compare(result, expectations, hostName, patterns.length === 0);
    differences.set(module, found);
    if (values["update-expectations"] && patterns.length === 0 && result.known !== undefined) {
      writeExpectations(updated(result, expectations, hostName, testSuiteVersion()));
    }
  }
  showDifferences(results, differences, progress, values.verbose);
  progress.line(`\n${table(results, differences)}\n\nPython ${python}, ${openssl}, ${hostName}`);
  const isPartial = requests.some(({ patterns }) => patterns.length > 0);
  const run: RunResult = { host: hostName, python, openssl, modules: results, isPartial };
  if (values.junit !== undefined) writeFileSync(values.junit, junit(run, differences));
  if (values.json !== undefined) writeFileSync(values.json, json(run, differences));
  if (controller.signal.aborted) return 130;
  return [...differences.values()].some((found) => found.length > 0) ? 1 : 0;
}

/** The same command in a process for another Python, after a build for it. */
function runFor(python: string): number {
  const options = { env: { ...process.env, PYODIDE_SSL_PYTHON: python }, stdio: "inherit" } as const;
  const build = [join(ROOT, "scripts", "build.ts"), "--no-types", "--no-sizes"];
  for (const parameters of [build, process.argv.slice(1)]) {
    const { status } = spawnSync(process.execPath, parameters, options);
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

/** The failures at length, then all that is not as expected, a line each. */
function showDifferences(
  results: readonly ModuleResult[],
  differences: ReadonlyMap<string, readonly Difference[]>,
  progress: Progress,
  isVerbose: boolean,
): void {
  for (const { module, tests } of results) {
    const found = differences.get(module) ?? [];
    const ids = new Set(found.map(({ id }) => id));
    for (const { id, outcome, details, output } of tests) {
      if (outcome !== "fail" && outcome !== "error") continue;
      // Without an expectation file every failure is news.
      if (!ids.has(id) && !ids.has(module) && !isVerbose) continue;
      progress.line(
        `\n--- ${id}\n${details.trim()}${output === "" ? "" : `\n  --- output\n${output.trim()}`}`,
      );
    }
    if (found.length > 0) progress.line(`\nNot as expected in ${module}:`);
    for (const { id, message } of found) progress.line(`  ${id} ${message}`);
  }
}

// Who reads the list or the lines may have had enough of them (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UnreachableError) {
    process.stderr.write(`conformance: ${error.message}\n`);
    process.exitCode = 3;
  } else if (
    error instanceof TypeError &&
    "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS")
  ) {
    process.stderr.write(`conformance: ${error.message}\n`);
    process.exitCode = 2;
  } else throw error;
}
