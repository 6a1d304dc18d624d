/**
 * Runs one test module. A test that hangs is interrupted at its deadline, and one that breaks the interpreter is noticed:
 * both are failures of that test alone, and the tests after it run in a fresh interpreter.
 */
import { EventReader, type HarnessEvent } from "./events.ts";
import type { Host, Interpreter } from "./host.ts";
import { type ModuleResult, shortId, type TestResult } from "./outcomes.ts";

/** How long an interrupted test has to end before its interpreter is ended. */
const INTERRUPT_GRACE_MS = 10_000;

/** How long importing a test module may take, and what is between two tests. */
const IDLE_DEADLINE_MS = 120_000;

/** What the output of one test is cut at: a test that prints without end must not fill the memory. */
const OUTPUT_LIMIT = 50_000;

/** Options of a module's run. */
export interface ModuleOptions {
  /** Which tests to run: patterns of unittest's ids, as fnmatch has them. None is all. */
  readonly patterns: readonly string[];
  /** Short ids of tests that are not to be run: they would hang, or break the interpreter. */
  readonly leaveOut: readonly string[];
  /** Test resources besides `walltime`. */
  readonly resources: readonly string[];
  readonly deadlineMs: number;
  readonly isVerbose: boolean;
  readonly onStart: (id: string) => void;
  readonly onResult: (result: TestResult) => void;
  readonly onNote: (line: string) => void;
  readonly onVersions: (python: string, openssl: string) => void;
  readonly signal: AbortSignal;
}

/** One test that has begun and not ended. */
interface Running {
  readonly id: string;
  readonly startedAt: number;
}

/** One interpreter's share of the module. */
class Attempt {
  known: readonly string[] | undefined;
  chosen: readonly string[] = [];
  skipped: string | undefined;
  isOver = false;
  running: Running | undefined;
  readonly results: TestResult[] = [];
  readonly #options: ModuleOptions;
  #interpreter: Interpreter | undefined;
  #output = "";
  #deadline: NodeJS.Timeout | undefined;
  #lateBy: "no" | "interrupted" | "terminated" = "no";

  constructor(options: ModuleOptions) {
    this.#options = options;
  }

  /** @returns what went wrong outside of the tests */
  async run(host: Host, module: string, done: readonly string[]): Promise<string[]> {
    const reader = new EventReader(
      (event) => this.#onEvent(event),
      (text) => this.#keep(text),
    );
    const interpreter = await host.start((stream, text) =>
      stream === "stdout" ? reader.push(text) : this.#keep(text),
    );
    this.#interpreter = interpreter;
    this.#options.onVersions(interpreter.python, interpreter.openssl);
    const stop = (): void => void interpreter.terminate();
    this.#options.signal.addEventListener("abort", stop);
    this.#watch(IDLE_DEADLINE_MS);
    const { patterns, resources, isVerbose: verbose } = this.#options;
    const call = { patterns, done, resources, verbose };
    try {
      await interpreter.run(
        `import json, conformance_harness
conformance_harness.run(${pythonText(module)}, **json.loads(${pythonText(JSON.stringify(call))}))`,
      );
      // What the test was doing when the harness ended is not known to have ended.
      return this.#breakOff("the run ended in the middle of the test");
    } catch (error) {
      return this.#breakOff(describe(error));
    } finally {
      clearTimeout(this.#deadline);
      this.#options.signal.removeEventListener("abort", stop);
      await interpreter.terminate();
    }
  }

  #breakOff(cause: string): string[] {
    // Stopped from outside: the test that was running has no outcome.
    if (this.#options.signal.aborted) return [];
    const running = this.running;
    if (running === undefined) return this.isOver ? [] : [cause];
    const late = `the test did not end within ${this.#options.deadlineMs / 1000} s`;
    const details = { no: cause, interrupted: late, terminated: `${late}, nor when it was interrupted` };
    this.#finish({ id: running.id, outcome: "error", details: details[this.#lateBy] });
    return [];
  }

  #keep(text: string): void {
    if (this.#output.length < OUTPUT_LIMIT) this.#output += text;
  }

  #watch(milliseconds: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => void this.#interrupt(), milliseconds);
  }

  async #interrupt(): Promise<void> {
    this.#lateBy = "interrupted";
    this.#deadline = setTimeout(() => {
      this.#lateBy = "terminated";
      void this.#interpreter?.terminate();
    }, INTERRUPT_GRACE_MS);
    await this.#interpreter?.interrupt().catch(() => undefined);
  }

  #finish(end: Pick<TestResult, "id" | "outcome" | "details"> & { seconds?: number }): void {
    const elapsed = this.running === undefined ? 0 : (performance.now() - this.running.startedAt) / 1000;
    const result = { seconds: elapsed, ...end, output: this.#output };
    this.running = undefined;
    this.#output = "";
    this.results.push(result);
    this.#options.onResult(result);
  }

  #onEvent(event: HarnessEvent): void {
    switch (event.event) {
      case "tests":
        this.known = event.known.map(shortId);
        this.chosen = event.chosen.map(shortId);
        break;
      case "module-skip":
        this.skipped = event.reason;
        this.isOver = true;
        break;
      case "start":
        this.running = { id: shortId(event.id), startedAt: performance.now() };
        this.#output = "";
        this.#watch(this.#options.deadlineMs);
        this.#options.onStart(this.running.id);
        break;
      case "stop": {
        const late = this.#lateBy === "no" ? "" : `not ended within ${this.#options.deadlineMs / 1000} s\n`;
        this.#finish({
          id: shortId(event.id),
          outcome: late === "" ? event.outcome : "error",
          details: late + event.details,
          seconds: event.seconds,
        });
        if (this.#lateBy === "no") this.#watch(IDLE_DEADLINE_MS);
        break;
      }
      case "interrupted":
        break;
      case "end":
        this.isOver = true;
        break;
    }
  }
}

/** A Python literal; JSON's escapes are Python's too. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}

function describe(error: unknown): string {
  const { traceback } = error as { traceback?: unknown };
  if (typeof traceback === "string") return traceback;
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 2000)}` : String(error);
}

/** Runs a module to its end, in as many interpreters as that takes. */
export async function runModule(host: Host, module: string, options: ModuleOptions): Promise<ModuleResult> {
  const startedAt = performance.now();
  const results = new Map<string, TestResult>();
  const done = new Set(options.leaveOut);
  let attempt: Attempt;
  let failures: string[];
  do {
    attempt = new Attempt(options);
    failures = await attempt.run(
      host,
      module,
      [...done].map((id) => `test.${id}`),
    );
    for (const result of attempt.results) {
      results.set(result.id, result);
      done.add(result.id);
    }
    const left = attempt.chosen.filter((id) => !done.has(id)).length;
    if (attempt.isOver || left === 0 || options.signal.aborted) break;
    options.onNote(`${module}: ${left} tests left, in a fresh interpreter`);
    // One that got nowhere would get nowhere again.
  } while (attempt.results.length > 0);
  return {
    module,
    tests: [...results.values()],
    known: attempt.known,
    skipped: attempt.skipped,
    failures,
    seconds: (performance.now() - startedAt) / 1000,
  };
}
