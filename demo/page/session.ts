/** One Python in a worker: starting, running, interrupting and replacing it. */
import { createPython, type Python, PythonError, WorkerLostError } from "pyodide-ssl";
import { type ConnectionView, viewOf } from "./connection.ts";
import { CLIENT_FILES } from "./examples.ts";
import type { Loading } from "./loading.ts";
import type { Output } from "./output.ts";
import type { PageSettings } from "./page.ts";

/** How long an interrupt may take before the page says what it waits for. */
const INTERRUPT_PATIENCE_MS = 1500;

export type SessionState = "loading" | "ready" | "running" | "failed";

/** What a session needs of the page. */
export interface SessionOptions {
  readonly settings: PageSettings;
  readonly output: Output;
  readonly loading: Loading;
  readonly onConnection: (view: ConnectionView) => void;
  readonly onState: (state: SessionState, text: string) => void;
}

/** Holds the page's Python; `start()` again replaces it by a fresh one. */
export class PythonSession {
  /** Used at the next start. */
  settings: PageSettings;
  readonly #options: SessionOptions;
  #python: Python | undefined;
  #state: SessionState = "loading";
  /** Counts starts: what an earlier Python still reports is not shown. */
  #generation = 0;
  #readyText = "Ready";

  constructor(options: SessionOptions) {
    this.#options = options;
    this.settings = options.settings;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Starts Python, ending the one that runs. Failures are shown in the output, never thrown. */
  async start(): Promise<void> {
    const { output, loading } = this.#options;
    this.#generation += 1;
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    void this.#python?.terminate();
    this.#python = undefined;
    this.#enter("loading", "Loading");
    loading.start();
    const startedAt = performance.now();
    try {
      const python = await createPython({
        gateway: this.settings.gateway,
        ca: this.settings.ca,
        pyodideUrl: new URL("/pyodide/pyodide.mjs", location.href),
        packages: this.settings.packages === null ? [] : [new URL(this.settings.packages, location.href)],
        stdout: (text) => isCurrent() && output.write("stdout", text),
        stderr: (text) => isCurrent() && output.write("stderr", text),
        onProgress: (progress) => isCurrent() && loading.report(progress),
        onConnection: (connection) =>
          isCurrent() && this.#options.onConnection(viewOf(connection, generation)),
      });
      if (!isCurrent()) {
        await python.terminate();
        return;
      }
      this.#python = python;
      await python.files.writeFile(CLIENT_FILES.certificate, this.settings.client.certificate);
      await python.files.writeFile(CLIENT_FILES.key, this.settings.client.key);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const { versions } = python;
      // "OpenSSL 3.5.7 9 Jun 2026": the date says nothing more.
      const openssl = versions.openssl.split(" ").slice(0, 2).join(" ");
      this.#readyText = `Python ${versions.python} · ${openssl}`;
      this.#enter("ready", this.#readyText);
      output.note(`Ready after ${seconds} s. Choose an example, or write your own, and run it.`);
      if (this.settings.packages === null) {
        output.note(
          "The requests package could not be fetched when the demo started: examples with urllib and sockets work.",
        );
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.#enter("failed", "Python did not start");
      output.error(describe(error));
    } finally {
      if (isCurrent()) loading.end();
    }
  }

  /** Runs code as a program: each run has fresh names. */
  async run(code: string): Promise<void> {
    const python = this.#python;
    if (!python || this.#state !== "ready") return;
    const { output } = this.#options;
    const generation = this.#generation;
    const startedAt = performance.now();
    this.#enter("running", "Running");
    let isLost = false;
    try {
      await python.run(code, { filename: "example.py", globals: { __name__: "__main__" } });
    } catch (error) {
      if (generation !== this.#generation) return;
      isLost = error instanceof WorkerLostError;
      output.error(describe(error));
    }
    if (generation !== this.#generation) return;
    if (isLost) {
      this.#enter("failed", "Python ended; Restart brings it back");
      return;
    }
    output.note(`Finished in ${formatDuration(performance.now() - startedAt)}`);
    this.#enter("ready", this.#readyText);
  }

  /** Raises KeyboardInterrupt in the running program. */
  interrupt(): void {
    if (this.#state !== "running") return;
    const generation = this.#generation;
    this.#python?.interrupt();
    setTimeout(() => {
      if (generation === this.#generation && this.#state === "running") {
        // Without shared memory, which needs cross-origin isolation, Python sees an interrupt only where it waits.
        this.#options.output.note(
          "Python is computing and will notice at its next wait. Restart ends it at once.",
        );
      }
    }, INTERRUPT_PATIENCE_MS);
  }

  #enter(state: SessionState, text: string): void {
    this.#state = state;
    this.#options.onState(state, text);
  }
}

function describe(error: unknown): string {
  if (error instanceof PythonError) return error.traceback || error.message;
  return error instanceof Error ? error.message : String(error);
}

function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
