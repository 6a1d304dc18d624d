/** One step of the test run: a command whose exit is a test, or a vitest project with its JSON report. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "../vendor/cache.ts";

/** What a step counted, with the titles of what failed and what was skipped. */
export interface Tally {
  passed: number;
  readonly failed: string[];
  readonly skipped: string[];
  /** What failed and may: it is shown, and does not count. */
  readonly allowed: string[];
}

/** Longer than the slowest step takes on two cores: a hang ends here, not with the machine's time. */
const STEP_DEADLINE_MS = 25 * 60_000;

/** The exit code by which a command says that it can't be run on this machine. */
const SKIP_EXIT_CODE = 3;

const children = new Set<ChildProcess>();

/** Ends every command that is running; answers when they are gone. */
export async function stopCommands(): Promise<void> {
  await Promise.all(
    [...children].map(async (child) => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(killer);
    }),
  );
}

/** Runs one of npm's commands, or `node`, with its output shown as it comes. Answers the exit code. */
async function command(program: string, parameters: readonly string[]): Promise<number> {
  const binaries = join(ROOT, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${binaries}:${process.env["PATH"] ?? ""}` };
  const child = spawn(program, parameters, { cwd: ROOT, env, stdio: ["ignore", "inherit", "inherit"] });
  children.add(child);
  const deadline = setTimeout(() => child.kill("SIGKILL"), STEP_DEADLINE_MS);
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  } finally {
    clearTimeout(deadline);
    children.delete(child);
  }
}

/** A command that is one test: exit 0 passes, 3 skips, anything else fails. */
export async function commandStep(
  title: string,
  program: string,
  parameters: readonly string[],
): Promise<Tally> {
  const code = await command(program, parameters).catch((error: unknown) => {
    console.error(String(error));
    return 1;
  });
  return {
    passed: code === 0 ? 1 : 0,
    failed: code === 0 || code === SKIP_EXIT_CODE ? [] : [`${title} (exit ${code})`],
    skipped: code === SKIP_EXIT_CODE ? [title] : [],
    allowed: [],
  };
}

/** The part of vitest's JSON report that is counted. */
interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

function tallyReport(project: string, report: VitestReport): Tally {
  const tally: Tally = { passed: 0, failed: [], skipped: [], allowed: [] };
  for (const file of report.testResults) {
    const path = relative(ROOT, file.name);
    for (const { fullName, status } of file.assertionResults) {
      const title = `${path} › ${fullName}`;
      if (status === "passed") tally.passed++;
      else if (status === "failed") tally.failed.push(title);
      else tally.skipped.push(title);
    }
    const hasFailedTest = file.assertionResults.some(({ status }) => status === "failed");
    if (file.status === "failed" && !hasFailedTest) {
      tally.failed.push(`${path}: ${file.message.split("\n")[0] ?? "the file failed"}`);
    }
  }
  // Unhandled rejections fail the run without failing a test.
  if (!report.success && tally.failed.length === 0) tally.failed.push(`${project}: errors outside of tests`);
  return tally;
}

/** Runs one vitest project. */
export async function vitestStep(project: string, filters: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-report-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
    const selection = ["--project", project, "--passWithNoTests", ...filters];
    await command(process.execPath, [vitest, "run", ...reporters, ...selection]);
    if (!existsSync(file))
      return { passed: 0, failed: [`${project}: vitest wrote no report`], skipped: [], allowed: [] };
    return tallyReport(project, JSON.parse(readFileSync(file, "utf8")) as VitestReport);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The part of the conformance runner's JSON that is counted. */
interface ConformanceReport {
  readonly modules: readonly {
    readonly module: string;
    readonly counts: { readonly pass: number };
    readonly unexpected: readonly { readonly id: string; readonly message: string }[];
  }[];
}

/**
 * CPython's own tests in one host. Each that passes counts; each difference from the expectation files is a failure. What is expected
 * to skip or known to fail does not count either way: `docs/what-works.md` has it.
 */
export function conformanceStep(host: string, filters: readonly string[], pyodide?: string): Promise<Tally> {
  const title = `CPython's own tests in ${host}${pyodide === undefined ? "" : ` on Pyodide ${pyodide}`}`;
  const options = ["--host", host, ...(pyodide === undefined ? [] : ["--pyodide", pyodide])];
  return reportStep(title, ["conformance/run.ts", ...options, ...filters], (report) => {
    const { modules } = report as ConformanceReport;
    return {
      passed: modules.reduce((sum, { counts }) => sum + counts.pass, 0),
      failed: modules.flatMap(({ unexpected }) =>
        unexpected.map(({ id, message }) => `${title} › ${id} ${message.split("\n")[0] ?? ""}`),
      ),
    };
  });
}

/** The part of the matrix's JSON that is counted. */
type MatrixReport = readonly {
  readonly pyodide: string;
  readonly host: string;
  readonly mayFail: boolean;
  readonly outcomes: readonly (readonly [sentence: string, failure: string | null])[];
}[];

/** Other releases of Pyodide. */
export async function versionsStep(): Promise<Tally> {
  const mayFail: string[] = [];
  const tally = await reportStep("other releases of Pyodide", ["e2e/versions/matrix.ts"], (report) => {
    const failed: string[] = [];
    let passed = 0;
    for (const run of report as MatrixReport) {
      for (const [sentence, failure] of run.outcomes) {
        const title = `Pyodide ${run.pyodide} on ${run.host} › ${sentence}: ${failure}`;
        if (failure !== null) (run.mayFail ? mayFail : failed).push(title);
        else if (!run.mayFail) passed++;
      }
    }
    return { passed, failed };
  });
  return { ...tally, allowed: mayFail };
}

/** A command that writes what it found with `--json`. */
async function reportStep(
  title: string,
  parameters: readonly string[],
  count: (report: unknown) => Pick<Tally, "passed" | "failed">,
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-report-"));
  const file = join(folder, "report.json");
  try {
    const tally = await commandStep(title, process.execPath, [...parameters, "--json", file]);
    if (!existsSync(file)) return tally;
    const { passed, failed } = count(JSON.parse(readFileSync(file, "utf8")));
    return { ...tally, passed, failed: failed.length > 0 ? failed : tally.failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
