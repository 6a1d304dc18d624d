/** The `threads` object of `_pyodide_ssl_js`: cooperative threads on JSPI stacks, as `pyodide_ssl/_threads.py` needs them. */

import type { WaitOutcome, Waits } from "../sockets/waits.ts";
import { MacroTasks } from "./macro-tasks.ts";
import { Parking } from "./parking.ts";

/** A Python function: it can be called on a stack of its own, which can be suspended. */
interface PythonFunction<Args extends unknown[]> {
  (...args: Args): unknown;
  callPromising(...args: Args): Promise<unknown>;
  copy(): PythonFunction<Args>;
  destroy(): void;
}

/** How often garbage is looked at while a stack is suspended and Python's own collector may not run. */
const COLLECT_INTERVAL_MS = 50;

/** One per interpreter. JavaScript holds two Python functions and no other object of Python's. */
export class ThreadBridge {
  readonly #macroTasks = new MacroTasks();
  readonly #waits: Waits;
  readonly #parking: Parking;
  #run: PythonFunction<[number]> | undefined;
  #collect: PythonFunction<[]> | undefined;
  #collecting: ReturnType<typeof setInterval> | undefined;

  constructor(waits: Waits) {
    this.#waits = waits;
    this.#parking = new Parking(waits, this.#macroTasks);
  }

  /** Takes the function that runs a thread by its number, and the one that collects garbage when it is due. */
  connect(run: PythonFunction<[number]>, collect: PythonFunction<[]>): void {
    this.#run = run.copy();
    this.#collect = collect.copy();
  }

  /** Runs thread `number` on a stack of its own, soon. */
  start(number: number): void {
    // A rejection is Python's end, and everybody's to see: `run` itself lets nothing out.
    void this.#run?.callPromising(number);
  }

  /** Settles when `ticket` is unparked, when the time is over, or when interrupted. @param timeoutSeconds negative: for ever */
  park(ticket: number, timeoutSeconds: number, isInterruptible: boolean): Promise<WaitOutcome> {
    return this.#parking.park(
      ticket,
      timeoutSeconds < 0 ? undefined : timeoutSeconds * 1000,
      isInterruptible,
    );
  }

  /** Wakes who waits with `ticket`. */
  unpark(ticket: number): void {
    this.#parking.unpark(ticket);
  }

  /** Settles after everything that JavaScript has to do now. */
  turn(): Promise<void> {
    return this.#macroTasks.turn();
  }

  /** To be called by who has kept all threads from running for a while: the time of some is over. */
  expire(): void {
    this.#waits.expire();
  }

  /** Has garbage collected now and then, or no longer. */
  collectRegularly(isWanted: boolean): void {
    if (!isWanted) {
      clearInterval(this.#collecting);
      this.#collecting = undefined;
    } else if (this.#collecting === undefined) {
      this.#collecting = setInterval(() => this.#collect?.(), COLLECT_INTERVAL_MS);
      // Nothing that a Node process should stay alive for.
      (this.#collecting as { unref?: () => void }).unref?.();
    }
  }

  /** The interpreter is going away. */
  dispose(): void {
    this.collectRegularly(false);
    this.#macroTasks.dispose();
    this.#run?.destroy();
    this.#collect?.destroy();
    this.#run = this.#collect = undefined;
  }
}
