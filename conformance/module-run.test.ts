import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { distOf } from "../vendor/cache.ts";
import { pyodideFolder } from "../vendor/pyodide-versions.ts";
import { PYTHON_MINOR } from "../vendor/python-version.ts";
import { vendor } from "../vendor/vendor.ts";
import { PYODIDE_VERSION } from "../worker/versions.ts";
import { packTests } from "./archive.ts";
import { compare, type Expectations } from "./expectations.ts";
import { startNodeHost } from "./host-node.ts";
import { runModule } from "./module-run.ts";
import type { ModuleResult, TestResult } from "./outcomes.ts";
import { junit, table } from "./report.ts";

const FIXTURE = join(import.meta.dirname, "broken_tests.fixture.py");
const DEADLINE_MS = 2000;

/** Runs the fixture's tests that match, in Node. */
async function runFixture(
  patterns: readonly string[],
  leaveOut: readonly string[] = [],
): Promise<ModuleResult> {
  const build = { dist: distOf(PYTHON_MINOR), pyodide: await pyodideFolder(PYODIDE_VERSION, console.log) };
  const fixture = { path: "test/test_broken.py", bytes: readFileSync(FIXTURE) };
  await using host = await startNodeHost(packTests([], [fixture]), build);
  return await runModule(host, "test_broken", {
    patterns: patterns.map((pattern) => `test.test_broken.${pattern}`),
    leaveOut,
    resources: [],
    deadlineMs: DEADLINE_MS,
    isVerbose: false,
    signal: new AbortController().signal,
    onStart: () => undefined,
    onResult: () => undefined,
    onNote: () => undefined,
    onVersions: () => undefined,
  });
}

function outcomes(result: ModuleResult): Record<string, string> {
  return Object.fromEntries(
    result.tests.map(({ id, outcome }) => [id.replace(/^test_broken\./, ""), outcome]),
  );
}

function named(result: ModuleResult, name: string): TestResult {
  const found = result.tests.find(({ id }) => id.endsWith(name));
  if (found === undefined) throw new Error(`no test ${name}`);
  return found;
}

beforeAll(() => vendor(["testsuite"], () => undefined));

describe("a module's run", () => {
  it("tells how each test ended, why, and what it printed", async () => {
    const result = await runFixture(["Plain.*"]);
    expect(outcomes(result)).toEqual({
      "Plain.test_a_pass": "pass",
      "Plain.test_b_failure": "fail",
      "Plain.test_c_error": "error",
      "Plain.test_d_skip": "skip",
      "Plain.test_e_one_subtest_fails": "fail",
      "Plain.test_f_expected_failure": "pass",
      "Plain.test_g_unexpected_success": "fail",
    });
    expect(result.failures).toEqual([]);
    expect(result.known).toHaveLength(15);
    expect(named(result, "test_a_pass").output).toBe("a line of output, without an end");
    expect(named(result, "test_b_failure").output).toBe("said before failing\n");
    expect(named(result, "test_b_failure").details).toContain("AssertionError: 1 != 2");
    expect(named(result, "test_d_skip").details).toBe("not today");
    expect(named(result, "test_e_one_subtest_fails").details).toContain("(number=1)");
  });

  it("ends a test that hangs at its deadline, shows where, and goes on", async () => {
    const result = await runFixture(["Hanging.*"]);
    expect(outcomes(result)).toEqual({
      "Hanging.test_a_waits_for_ever": "error",
      "Hanging.test_b_computes_for_ever": "error",
      "Hanging.test_c_after_them": "pass",
    });
    for (const name of ["test_a_waits_for_ever", "test_b_computes_for_ever"]) {
      const { details } = named(result, name);
      expect(details).toContain("not ended within 2 s");
      expect(details).toMatch(new RegExp(`broken.py", line \\d+, in ${name}\n`));
    }
  });

  it("makes a broken interpreter the failure of the test that broke it, and goes on in a fresh one", async () => {
    const result = await runFixture(["Breaking.*"]);
    expect(outcomes(result)).toEqual({
      "Breaking.test_a_breaks_the_interpreter": "error",
      "Breaking.test_b_after_it": "pass",
    });
    expect(named(result, "test_a_breaks_the_interpreter").details).toMatch(/memory access out of bounds/);
  });

  it("gives the tests of a class what its setUpClass gave, and a failed tearDownClass is a failure", async () => {
    const result = await runFixture(["BadSetUp.*", "SkippedSetUp.*", "BadTearDown.*"]);
    expect(outcomes(result)).toEqual({
      "BadSetUp.test_a": "error",
      "SkippedSetUp.test_a": "skip",
      "BadTearDown.test_a": "pass",
      "setUpClass (test_broken.BadSetUp)": "error",
      "tearDownClass (test_broken.BadTearDown)": "error",
    });
  });

  it("leaves out what it is told to leave out", async () => {
    const result = await runFixture(
      ["Hanging.*"],
      ["test_broken.Hanging.test_a_waits_for_ever", "test_broken.Hanging.test_b_computes_for_ever"],
    );
    expect(outcomes(result)).toEqual({ "Hanging.test_c_after_them": "pass" });
  });

  it("differs from expectations in each way there is, and reports say so", async () => {
    const result = await runFixture(["Plain.test_[abd]_*"]);
    const expectations: Expectations = {
      module: "test_broken",
      version: "3.14",
      total: 16,
      tests: {
        Plain: {
          test_a_pass: { outcome: "skip", category: "windows", reason: "expected to skip" },
          test_b_failure: "pass",
          test_d_skip: "pass",
          test_gone: "pass",
        },
      },
    };
    const differences = compare(result, expectations, "node", true);
    const kinds = new Map(differences.map(({ kind, id }) => [id, kind]));
    expect(kinds.get("test_broken.Plain.test_a_pass")).toBe("unexpected-pass");
    expect(kinds.get("test_broken.Plain.test_b_failure")).toBe("failure");
    expect(kinds.get("test_broken.Plain.test_d_skip")).toBe("unexpected-skip");
    expect(kinds.get("test_broken.Plain.test_gone")).toBe("not-run");
    expect(kinds.get("test_broken.Plain.test_c_error")).toBe("no-entry");
    expect(kinds.get("test_broken")).toBe("fewer");
    const byModule = new Map([["test_broken", differences]]);
    expect(table([result], byModule).split("\n").at(-1)).toMatch(/^test_broken +3 +1 +1 +0 +1 +\d+ /);
    const run = { host: "node", python: "3.14", openssl: "3.5", modules: [result], isPartial: true } as const;
    const xml = junit(run, byModule);
    expect(xml).toContain('<testsuite name="test_broken (node)"');
    expect(xml).toContain('name="test_b_failure"');
    expect(xml).toContain('<failure type="unexpected-pass"');
  });
});
