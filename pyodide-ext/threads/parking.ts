/** Parking: a Python stack waits until another one wakes it, as `parking_lot.c` does for CPython's locks. */
import { WAIT_READY, type WaitOutcome, type Waits } from "../sockets/waits.ts";

export class Parking {
  readonly #waits: Waits;
  readonly #parked = new Map<number, (outcome: WaitOutcome) => void>();

  constructor(waits: Waits) {
    this.#waits = waits;
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
    this.#parked.get(ticket)?.(WAIT_READY);
  }
}
