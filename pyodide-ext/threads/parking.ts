/** Parking: a Python stack waits until another one wakes it, as `parking_lot.c` does for CPython's locks. */
import { WAIT_READY, type WaitOutcome, type Waits } from "../sockets/waits.ts";
import type { MacroTasks } from "./macro-tasks.ts";

/**
 * How long stacks may wake each other without a turn of the event loop. Promises go before timers and network events, so two
 * threads that pass a lock to and fro would otherwise keep everything else from happening.
 */
const LONGEST_CHAIN_MS = 10;

export class Parking {
  readonly #waits: Waits;
  readonly #macroTasks: MacroTasks;
  readonly #parked = new Map<number, (outcome: WaitOutcome) => void>();
  /** When the present chain of wake-ups began; undefined when the event loop has turned since the last one. */
  #chainBegan: number | undefined;

  constructor(waits: Waits, macroTasks: MacroTasks) {
    this.#waits = waits;
    this.#macroTasks = macroTasks;
  }

  /** @param timeoutMs undefined waits for ever */
  park(ticket: number, timeoutMs: number | undefined, isInterruptible: boolean): Promise<WaitOutcome> {
    return this.#waits.begin(timeoutMs, isInterruptible, (settle) => {
      this.#parked.set(ticket, settle);
      return () => this.#parked.delete(ticket);
    });
  }

  /** Wakes who is parked with `ticket`, if anybody is. */
  unpark(ticket: number): void {
    const settle = this.#parked.get(ticket);
    if (settle === undefined) return;
    const now = performance.now();
    if (this.#chainBegan === undefined) {
      this.#chainBegan = now;
      this.#macroTasks.run(() => {
        this.#chainBegan = undefined;
      });
    }
    if (now - this.#chainBegan < LONGEST_CHAIN_MS) settle(WAIT_READY);
    else this.#macroTasks.run(() => settle(WAIT_READY));
  }
}
