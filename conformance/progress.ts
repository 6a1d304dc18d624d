/** What is shown while tests run: a line per test, or one line that is written over on a terminal. */
import type { TestResult } from "./outcomes.ts";

const MARKS = { pass: "ok", fail: "FAIL", error: "ERROR", skip: "skip" } as const;

/** Shows a run as it goes on. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #isLong: boolean;
  #count = 0;
  #bad = 0;
  #isLineOpen = false;

  /** @param isLong a line per test on terminals too */
  constructor(out: NodeJS.WriteStream, isLong: boolean) {
    this.#out = out;
    this.#isLong = isLong || !out.isTTY;
  }

  module(name: string, host: string): void {
    this.line(`\n${name} (${host})`);
    this.#count = 0;
    this.#bad = 0;
  }

  start(id: string): void {
    if (this.#isLong) return;
    const state = `[${this.#count} done${this.#bad > 0 ? `, ${this.#bad} bad` : ""}] ${id}`;
    this.#out.write(`\r\x1b[2K${state.slice(0, (this.#out.columns ?? 80) - 1)}`);
    this.#isLineOpen = true;
  }

  /** @param isBad whether this is not what was expected */
  result({ id, outcome, seconds, details }: TestResult, isBad: boolean): void {
    this.#count++;
    if (isBad) this.#bad++;
    if (!this.#isLong && !isBad) return;
    const reason = outcome === "skip" ? `  (${details.split("\n")[0]})` : "";
    this.line(`  ${MARKS[outcome].padEnd(5)} ${seconds.toFixed(2).padStart(6)} s  ${id}${reason}`);
  }

  line(text: string): void {
    this.#out.write(`${this.#isLineOpen ? "\r\x1b[2K" : ""}${text}\n`);
    this.#isLineOpen = false;
  }
}
