/** The terminal's line editor: history, editing keys, and lines typed before they were wanted. */
import { createInterface, type Interface } from "node:readline";

/** Reads lines for Python from the terminal. Takes the terminal with the first line that is asked for. */
export class LineEditor implements Disposable {
  readonly #onInterrupt: () => void;
  readonly #typedAhead: string[] = [];
  #terminal: Interface | undefined;
  #isAtEnd = false;
  #waiting: ((line: string | null) => void) | undefined;

  /** @param onInterrupt called for Ctrl-C while the editor has the terminal, which then sends no signal */
  constructor(onInterrupt: () => void) {
    this.#onInterrupt = onInterrupt;
  }

  /** Whether a line is being waited for: then Ctrl-C is for the prompt, and not a wish to end the program. */
  get isReading(): boolean {
    return this.#waiting !== undefined;
  }

  /** Shows the prompt and gives the next line with its line end; null at the end of input (Ctrl-D). */
  read(prompt: string | null): Promise<string | null> {
    const terminal = this.#open();
    const line = this.#typedAhead.shift();
    if (line !== undefined) {
      process.stdout.write(prompt ?? "");
      return Promise.resolve(line);
    }
    if (this.#isAtEnd) return Promise.resolve(null);
    if (prompt !== null) {
      terminal.setPrompt(prompt);
      terminal.prompt();
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  [Symbol.dispose](): void {
    this.#terminal?.close();
  }

  #open(): Interface {
    if (this.#terminal !== undefined) return this.#terminal;
    const terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      prompt: "",
    });
    terminal.on("line", (text) => this.#give(`${text}\n`));
    terminal.on("close", () => {
      this.#isAtEnd = true;
      this.#settle(null);
    });
    terminal.on("SIGINT", () => {
      if (this.isReading) {
        // What was typed so far is given up, as in CPython's console.
        terminal.write(null, { ctrl: true, name: "e" });
        terminal.write(null, { ctrl: true, name: "u" });
        process.stdout.write("\n");
      }
      this.#onInterrupt();
      this.#waiting = undefined;
    });
    this.#terminal = terminal;
    return terminal;
  }

  #give(line: string): void {
    if (this.#waiting === undefined) this.#typedAhead.push(line);
    else this.#settle(line);
  }

  #settle(line: string | null): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.(line);
  }
}
