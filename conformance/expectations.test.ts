import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  compare,
  type Expectations,
  leftOut,
  listExpectations,
  readExpectations,
  updated,
  writeExpectations,
} from "./expectations.ts";
import type { ModuleResult, Outcome, TestResult } from "./outcomes.ts";

const SKIP = { outcome: "skip", category: "windows", reason: "Windows specific" } as const;
const FAIL = { outcome: "fail", category: "difference", reason: "known" } as const;

function expectations(tests: Expectations["tests"], total?: number): Expectations {
  const count = Object.values(tests).flatMap((group) => Object.keys(group)).length;
  return { module: "test_x", version: "3.14.8", total: total ?? count, tests };
}

function test(name: string, outcome: Outcome, details = ""): TestResult {
  return { id: `test_x.Case.${name}`, outcome, details, output: "", seconds: 0 };
}

function run(tests: readonly TestResult[], more: Partial<ModuleResult> = {}): ModuleResult {
  const known = tests.map(({ id }) => id);
  return { module: "test_x", tests, known, skipped: undefined, failures: [], seconds: 0, ...more };
}

const BOTH = expectations({ Case: { test_a: "pass", test_b: SKIP } });

/** The kinds of differences of a whole run. */
function kinds(result: ModuleResult, expected: Expectations | undefined = BOTH, isWhole = true): string[] {
  return compare(result, expected, "node", isWhole).map(({ kind, id }) => `${kind} ${id}`);
}

describe("comparing a run with its expectations", () => {
  it("finds nothing when every test gave what is expected", () => {
    expect(kinds(run([test("test_a", "pass"), test("test_b", "skip", "Windows specific")]))).toEqual([]);
  });

  it.each(["fail", "error"] as const)("finds an unexpected %s", (outcome) => {
    const found = kinds(run([test("test_a", outcome), test("test_b", "skip")]));
    expect(found).toEqual(["failure test_x.Case.test_a"]);
  });

  it("finds a skip that fails", () => {
    const found = kinds(run([test("test_a", "pass"), test("test_b", "fail")]));
    expect(found).toEqual(["failure test_x.Case.test_b"]);
  });

  it("finds a skip that passes", () => {
    const found = kinds(run([test("test_a", "pass"), test("test_b", "pass")]));
    expect(found).toEqual(["unexpected-pass test_x.Case.test_b"]);
  });

  it("finds a pass that is skipped", () => {
    const found = kinds(run([test("test_a", "skip"), test("test_b", "skip")]));
    expect(found).toEqual(["unexpected-skip test_x.Case.test_a"]);
  });

  it("finds a known failure that passes", () => {
    const expected = expectations({ Case: { test_a: FAIL } });
    expect(kinds(run([test("test_a", "error")]), expected)).toEqual([]);
    expect(kinds(run([test("test_a", "pass")]), expected)).toEqual(["unexpected-pass test_x.Case.test_a"]);
  });

  it("finds a test without an entry, whatever it gave", () => {
    const found = kinds(run([test("test_a", "pass"), test("test_b", "skip"), test("test_new", "pass")]));
    expect(found).toEqual(["no-entry test_x.Case.test_new"]);
  });

  it("finds a test without an entry that was not run", () => {
    const tests = [test("test_a", "pass"), test("test_b", "skip")];
    const known = [...tests.map(({ id }) => id), "test_x.Case.test_new"];
    expect(kinds(run(tests, { known }))).toEqual(["no-entry test_x.Case.test_new"]);
  });

  it("finds an entry that is no test any more", () => {
    expect(kinds(run([test("test_a", "pass")]))).toEqual(["not-run test_x.Case.test_b", "fewer test_x"]);
  });

  it("finds a test that was not run, in a run of the whole module", () => {
    const known = ["test_x.Case.test_a", "test_x.Case.test_b"];
    expect(kinds(run([test("test_a", "pass")], { known }))).toEqual(["not-run test_x.Case.test_b"]);
    expect(kinds(run([test("test_a", "pass")], { known }), BOTH, false)).toEqual([]);
  });

  it("finds fewer tests than there were, even when their entries are gone with them", () => {
    const expected = expectations({ Case: { test_a: "pass" } }, 2);
    expect(kinds(run([test("test_a", "pass")]), expected)).toEqual(["fewer test_x"]);
  });

  it("finds a module without an expectation file, one that skips itself, and one that breaks down", () => {
    expect(compare(run([]), undefined, "node", true).map(({ kind }) => kind)).toEqual(["no-entry"]);
    expect(kinds(run([], { known: undefined, skipped: "no sockets" }))).toEqual(["module test_x"]);
    expect(kinds(run([test("test_a", "pass"), test("test_b", "skip")], { failures: ["lost"] }))).toEqual([
      "module test_x",
    ]);
  });

  it("expects by host where hosts differ, and leaves out what must not be run", () => {
    const expected = expectations({ Case: { test_a: { node: "pass", chromium: { ...FAIL, run: false } } } });
    const passed = run([test("test_a", "pass")]);
    expect(compare(passed, expected, "node", true)).toEqual([]);
    expect(compare(passed, expected, "chromium", true).map(({ kind }) => kind)).toEqual(["unexpected-pass"]);
    expect(leftOut(expected, "node")).toEqual([]);
    expect(leftOut(expected, "chromium")).toEqual(["test_x.Case.test_a"]);
    const known = ["test_x.Case.test_a"];
    expect(compare(run([], { known }), expected, "chromium", true)).toEqual([]);
  });
});

describe("an expectation file", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "expectations-"));
    folders.push(made);
    return made;
  }

  it("comes back from a run as it was written, and holds the run to it", () => {
    const result = run([test("test_a", "pass"), test("test_b", "skip", "Windows specific")]);
    const place = folder();
    writeExpectations(updated(result, undefined, "node", "3.14.8"), place);
    expect(readExpectations("test_x", place)).toEqual(BOTH);
    expect(listExpectations(place)).toEqual(["test_x"]);
  });

  it("keeps the reasons that somebody wrote when it is written anew", () => {
    const mine = { outcome: "skip", category: "platform", reason: "written by hand" } as const;
    const before = expectations({ Case: { test_a: mine, test_b: "pass" } });
    const result = run([test("test_a", "skip", "something"), test("test_b", "pass")]);
    expect(updated(result, before, "node", "3.14.8").tests).toEqual(before.tests);
  });

  it("tells hosts apart once their outcomes differ, and no longer when they agree", () => {
    const before = expectations({ Case: { test_a: "pass" } });
    const apart = updated(run([test("test_a", "skip", "Windows specific")]), before, "chromium", "3.14.8");
    expect(apart.tests).toEqual({ Case: { test_a: { node: "pass", chromium: SKIP } } });
    const together = updated(run([test("test_a", "pass")]), apart, "chromium", "3.14.8");
    expect(together.tests).toEqual({ Case: { test_a: "pass" } });
  });

  it("is refused when an entry has no reason or a category that nobody knows", () => {
    const place = folder();
    for (const entry of [
      { ...SKIP, reason: " " },
      { ...SKIP, category: "because" },
      { ...SKIP, outcome: "maybe" },
    ]) {
      const broken = { ...expectations({}), tests: { Case: { test_a: entry } } };
      writeFileSync(join(place, "test_x.json"), JSON.stringify(broken));
      expect(() => readExpectations("test_x", place)).toThrow(/test_x\.Case\.test_a/);
    }
  });

  it("of every module here is in order and counts its own tests", () => {
    for (const module of listExpectations()) {
      const file = readExpectations(module);
      const count = Object.values(file?.tests ?? {}).flatMap((group) => Object.keys(group)).length;
      expect({ module: file?.module, count }).toEqual({ module, count: file?.total });
    }
  });
});
