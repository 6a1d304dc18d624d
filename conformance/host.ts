/** Where Python runs: what the runner needs of Node and of a browser alike. */

/** One interpreter with the test package in it. */
export interface Interpreter {
  readonly python: string;
  readonly openssl: string;
  /** Runs code; what it writes goes to the `onOutput` of the start. Rejects with what the code raised, or because the worker is lost. */
  run(code: string): Promise<void>;
  /** Raises KeyboardInterrupt in what runs. */
  interrupt(): Promise<void>;
  /** Ends it at once, whatever it does. */
  terminate(): Promise<void>;
}

/** What the interpreter wrote. */
export type OutputListener = (stream: "stdout" | "stderr", text: string) => void;

/** What is tried: folders. */
export interface Build {
  /** Of the built package. */
  readonly dist: string;
  /** Of a release of Pyodide. */
  readonly pyodide: string;
}

/** Starts interpreters. Dispose of it when no more are wanted. */
export interface Host extends AsyncDisposable {
  start(onOutput: OutputListener): Promise<Interpreter>;
}

/** The variables that tests run with. The time zone is none that equals UTC, for the tests that need to tell them apart. */
export const TEST_ENVIRONMENT = { HOME: "/home/pyodide", LANG: "C.UTF-8" } as const;
export const TIME_ZONE = "America/New_York";
