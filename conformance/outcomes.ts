/** What a run of tests gives: one outcome per test, and how long it took. */

export type Outcome = "pass" | "fail" | "error" | "skip";

/** One test of one module, as it ended. */
export interface TestResult {
  /** unittest's id without the leading `test.`: `test_ssl.ContextTests.test_options`. */
  readonly id: string;
  readonly outcome: Outcome;
  /** The reason of a skip, the traceback of a failure. */
  readonly details: string;
  /** What the test wrote to its standard streams. */
  readonly output: string;
  readonly seconds: number;
}

/** A module's run. */
export interface ModuleResult {
  readonly module: string;
  readonly tests: readonly TestResult[];
  /** Ids of every test that the module has, whether or not it was asked for. Undefined when that never became known. */
  readonly known: readonly string[] | undefined;
  /** Why the whole module skipped itself when it was imported. */
  readonly skipped: string | undefined;
  /** What went wrong outside of any test. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Where a run takes place. */
export const HOST_NAMES = ["node", "chromium"] as const;
export type HostName = (typeof HOST_NAMES)[number];

/** A whole run. */
export interface RunResult {
  readonly host: HostName;
  /** Versions of what ran. */
  readonly python: string;
  readonly openssl: string;
  readonly modules: readonly ModuleResult[];
  /** Whether only some tests of the modules were asked for. */
  readonly isPartial: boolean;
}

/** Ids are shown and kept without the package that all share. */
export function shortId(id: string): string {
  return id.replace(/^test\./, "").replace(/\(test\./, "(");
}
