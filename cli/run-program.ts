/** Runs a Python program in a worker thread with this process's standard streams, files, environment and signals. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isatty } from "node:tty";
import { createPython, type Python, PythonStartError, WorkerLostError } from "../worker/index.node.ts";
import type { CliOptions, Program } from "./arguments.ts";
import { LineEditor } from "./line-editor.ts";

/** Exit status of a program that Ctrl-C ended: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130;
/** A second Ctrl-C within this time ends the program at once. */
const SECOND_INTERRUPT_MS = 2000;

/** The environment as Python gets it. */
function environment(options: CliOptions): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    // Python's home is inside Pyodide; the host's would be another Python's.
    if (value !== undefined && name !== "PYTHONHOME") env[name] = value;
  }
  const folders = options.packagesDirs.map((folder) => resolve(folder));
  if (env["PYTHONPATH"]) folders.unshift(env["PYTHONPATH"]);
  if (folders.length > 0) env["PYTHONPATH"] = folders.join(":");
  return env;
}

/** Ctrl-C: the first interrupts the program, a second soon after ends it. */
class Interrupts {
  #lastMs = Number.NEGATIVE_INFINITY;
  #python: Python | undefined;

  /** Interrupts reach this Python from now on. */
  attach(python: Python): void {
    this.#python = python;
  }

  /** A Ctrl-C that may be meant to end the program. */
  signal(): void {
    const nowMs = performance.now();
    if (this.#python === undefined || nowMs - this.#lastMs < SECOND_INTERRUPT_MS)
      process.exit(EXIT_INTERRUPTED);
    this.#lastMs = nowMs;
    this.#python.interrupt();
  }

  /** A Ctrl-C at a prompt: it gives up the line. */
  atPrompt(): void {
    this.#python?.interrupt();
  }

  /** The program took the last Ctrl-C and goes on: the next is a first again. */
  forget(): void {
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }
}

/**
 * Runs the program and answers the exit status that the process should have.
 * @throws {PythonStartError} Python could not start
 */
export async function runProgram(program: Program, options: CliOptions): Promise<number> {
  const interrupts = new Interrupts();
  using editor = new LineEditor(() => (editor.isReading ? interrupts.atPrompt() : interrupts.signal()));
  const hasLineEditor = isatty(0) && isatty(1);
  const readLine = (prompt: string | null) => {
    interrupts.forget();
    return editor.read(prompt);
  };
  process.on("SIGINT", () => interrupts.signal());
  await using python = await createPython({
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    ...(options.pyodideUrl === undefined ? {} : { pyodideUrl: options.pyodideUrl }),
    ...(options.ca.length === 0
      ? {}
      : { ca: options.ca.map((file) => readFileSync(file, "utf8")).join("\n") }),
    env: environment(options),
    mountHost: options.mount,
    stdin: hasLineEditor ? readLine : "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  interrupts.attach(python);
  try {
    return await python.runMain(
      JSON.stringify({
        ...program,
        unbuffered: options.unbuffered,
        has_line_editor: hasLineEditor,
        executable: process.argv[1],
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkerLostError || error instanceof PythonStartError)) throw error;
    process.stderr.write(`pyodide-ssl: ${error.message}\n`);
    return 1;
  }
}
