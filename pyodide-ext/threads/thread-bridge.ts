/** The `threads` object of `_pyodide_ssl_js`: cooperative threads on JSPI stacks, as `pyodide_ssl/_threads.py` needs them. */

import { MacroTasks } from "../../transports/macro-tasks.ts";
import type { Interest, Waits } from "../sockets/waits.ts";
import { Parking } from "./parking.ts";
import { type Settle, Suspensions } from "./suspensions.ts";

/** A Python function: it can be called on a stack of its own, which can be suspended. */
interface PythonFunction<Args extends unknown[]> {
  (...args: Args): unknown;
  callPromising(...args: Args): Promise<unknown>;
  copy(): PythonFunction<Args>;
  destroy(): void;
}

/** How often garbage is looked at while a stack is suspended and Python's own collector may not run. */
const COLLECT_INTERVAL_MS = 50;

/**
 * One per interpreter. JavaScript holds three Python functions and no other object of Python's. Waits answer a ticket, under which
 * Python is told how they ended. Their time limits are in seconds; negative ones wait for ever.
 */
export class ThreadBridge {
  readonly #macroTasks = new MacroTasks();
  readonly #waits: Waits;
  readonly #parking: Parking;
  readonly #suspensions = new Suspensions(this.#macroTasks);
  #run: PythonFunction<[number]> | undefined;
  #collect: PythonFunction<[]> | undefined;
  #collecting: ReturnType<typeof setInterval> | undefined;

  constructor(waits: Waits) {
    this.#waits = waits;
    this.#parking = new Parking(waits);
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

  /** Takes the function that is told of outcomes. */
  tellOutcomes(settle: Settle): void {
    this.#suspensions.connect(settle);
  }

  /** Waits until one of the `poll(2)` events of a socket holds. @param isInterruptible whether the main thread waits */
  wait(fd: number, events: number, timeoutSeconds: number, isInterruptible: boolean): number {
    const ended = this.#waits.wait([{ fd, events }], milliseconds(timeoutSeconds), isInterruptible);
    return this.#suspensions.begin(ended);
  }

  /** The same for several sockets: `interests` is `fd:events` separated by commas, and may be empty to let time pass. */
  waitMany(interests: string, timeoutSeconds: number, isInterruptible: boolean): number {
    const ended = this.#waits.wait(parseInterests(interests), milliseconds(timeoutSeconds), isInterruptible);
    return this.#suspensions.begin(ended);
  }

  /** Waits until `parkedAs` is unparked. */
  park(parkedAs: number, timeoutSeconds: number, isInterruptible: boolean): number {
    const ended = this.#parking.park(parkedAs, milliseconds(timeoutSeconds), isInterruptible);
    return this.#suspensions.begin(ended);
  }

  /** Wakes who is parked as that. */
  unpark(parkedAs: number): void {
    this.#parking.unpark(parkedAs);
  }

  /** Waits for everything that JavaScript has to do now. */
  turn(): number {
    return this.#suspensions.begin(this.#macroTasks.turn());
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
    this.#suspensions.close();
    this.#macroTasks.dispose();
    this.#run?.destroy();
    this.#collect?.destroy();
    this.#run = this.#collect = undefined;
  }
}

function milliseconds(seconds: number): number | undefined {
  return seconds < 0 ? undefined : seconds * 1000;
}

function parseInterests(text: string): Interest[] {
  if (text === "") return [];
  return text.split(",").map((interest) => {
    const [fd, events] = interest.split(":").map(Number);
    return { fd: fd ?? -1, events: events ?? 0 };
  });
}
