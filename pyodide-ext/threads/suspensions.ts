/**
 * Python stacks that wait: each has a ticket, and Python is told its outcome by a plain call. Promises that Python gets from
 * JavaScript become futures of its event loop, which takes four macro tasks to settle one.
 */

import type { MacroTasks } from "../../transports/macro-tasks.ts";
import { WAIT_INTERRUPTED, WAIT_READY, type WaitOutcome } from "../sockets/waits.ts";

/**
 * How long stacks may go on without a turn of the event loop. Promises go before timers and network events, so two
 * threads that pass a lock or bytes to and fro would otherwise keep everything else from happening.
 */
const LONGEST_CHAIN_MS = 10;
/** After a turn of the event loop nobody asks for so long whether there was another one. */
const MARKER_INTERVAL_MS = 2;

/** Python's function that ends the suspension with a ticket. */
export interface Settle {
  (ticket: number, outcome: WaitOutcome): unknown;
  copy(): Settle;
  destroy(): void;
}

export class Suspensions {
  readonly #macroTasks: MacroTasks;
  #settle: Settle | undefined;
  #lastTicket = 0;
  #count = 0;
  #isClosing = false;
  /** When the macro task was asked for that tells of a turn; undefined when none is on its way. */
  #markedAt: number | undefined;
  #turnedAt = 0;

  constructor(macroTasks: MacroTasks) {
    this.#macroTasks = macroTasks;
  }

  connect(settle: Settle): void {
    this.#settle = settle.copy();
  }

  /** @param wait is not rejected @returns the ticket under which Python is told how it ended */
  begin(wait: Promise<WaitOutcome | void>): number {
    const ticket = ++this.#lastTicket;
    this.#count++;
    void wait.then((outcome) => {
      const tell = (): void => this.#tell(ticket, outcome ?? WAIT_READY);
      if (this.#isTurnDue()) this.#macroTasks.run(tell);
      else tell();
    });
    return ticket;
  }

  /** The interpreter is going away: once nobody waits, Python's function is let go. */
  close(): void {
    this.#isClosing = true;
    this.#letGo();
  }

  #tell(ticket: number, outcome: WaitOutcome): void {
    this.#count--;
    try {
      this.#settle?.(ticket, outcome);
    } catch {
      // A signal's handler has raised there, where nobody waits for it: it is for who is suspended.
      this.#settle?.(ticket, WAIT_INTERRUPTED);
    }
    if (this.#isClosing) this.#letGo();
  }

  #letGo(): void {
    if (this.#count > 0) return;
    this.#settle?.destroy();
    this.#settle = undefined;
  }

  /** Whether the event loop must turn before another stack goes on. */
  #isTurnDue(): boolean {
    const now = performance.now();
    if (this.#markedAt !== undefined) return now - this.#markedAt > LONGEST_CHAIN_MS;
    if (now - this.#turnedAt > MARKER_INTERVAL_MS) {
      this.#markedAt = now;
      this.#macroTasks.run(() => {
        this.#markedAt = undefined;
        this.#turnedAt = performance.now();
      });
    }
    return false;
  }
}
