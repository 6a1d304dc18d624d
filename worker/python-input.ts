/** Standard input that the worker's owner gives line by line. */

/** How a wait for a line ends, as `pyodide_ssl/_worker.py` takes it: `=` and the line, nothing at the end, `!` interrupted. */
type Answer = `=${string}` | "" | "!";

/** The one wait for a line that there can be at a time. */
export class AskedInput {
  readonly #ask: (prompt: string | null) => void;
  #resolve: ((answer: Answer) => void) | undefined;

  /** @param ask asks the owner for a line, which comes by {@link AskedInput.give} */
  constructor(ask: (prompt: string | null) => void) {
    this.#ask = ask;
  }

  /** For Python: suspends until there is a line. */
  readLine(prompt: string | null | undefined): Promise<Answer> {
    return new Promise((resolve) => {
      this.#resolve?.("!");
      this.#resolve = resolve;
      this.#ask(prompt ?? null);
    });
  }

  /** The owner's answer. Nobody waits any more when the wait was interrupted; then the line is lost, as in a terminal. */
  give(line: string | null): void {
    this.#settle(line === null ? "" : `=${line}`);
  }

  /** Ends the wait with KeyboardInterrupt; answers whether there was one. */
  interrupt(): boolean {
    return this.#settle("!");
  }

  #settle(answer: Answer): boolean {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(answer);
    return resolve !== undefined;
  }
}
