/** Waiting for sockets: the promise under every blocked Python call. */
import { POLLNVAL, pollEvents } from "./readiness.ts";
import type { SocketTable } from "./socket-table.ts";

/** How a wait ended. The numbers are what Python sees. */
export const WAIT_TIMED_OUT = 0;
export const WAIT_READY = 1;
export const WAIT_INTERRUPTED = 2;
export type WaitOutcome = typeof WAIT_TIMED_OUT | typeof WAIT_READY | typeof WAIT_INTERRUPTED;

/** A socket number and the `poll(2)` events to wait for. */
export interface Interest {
  readonly fd: number;
  readonly events: number;
}

/** A wait that can be given up: it then settles as interrupted. */
export interface Watch {
  readonly settled: Promise<WaitOutcome>;
  readonly cancel: () => void;
}

/** Timers of hosts hold 32 bits: longer deadlines are waited for in pieces. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** The waits of one interpreter that are under way. */
export class Waits {
  readonly #table: SocketTable;
  /** Settles each wait that is under way; tells whether an interrupt ends it, or only the interpreter's end. */
  readonly #active = new Map<(outcome: WaitOutcome) => void, boolean>();
  /** When each wait that has a time limit is over, as `performance.now()` tells it. */
  readonly #deadlines = new Map<(outcome: WaitOutcome) => void, number>();

  constructor(table: SocketTable) {
    this.#table = table;
  }

  /** How many waits are under way. */
  get size(): number {
    return this.#active.size;
  }

  /** Whether one of the interests is ready now: an event asked for holds, or the number is not open. */
  isReady(interests: readonly Interest[]): boolean {
    return interests.some(({ fd, events }) => (pollEvents(this.#table.get(fd)) & (events | POLLNVAL)) !== 0);
  }

  /**
   * Settles when one of the interests is ready, when the time is over, or when interrupted.
   * @param timeoutMs undefined waits for ever
   * @param isInterruptible whether it is the main thread that waits: interrupts are for that one
   */
  wait(
    interests: readonly Interest[],
    timeoutMs: number | undefined,
    isInterruptible = true,
  ): Promise<WaitOutcome> {
    return this.begin(timeoutMs, isInterruptible, (settle) => this.#whenReady(interests, settle));
  }

  /** The same for an event loop, without a time limit: who asked may lose interest, and interrupts are not for it. */
  watch(interests: readonly Interest[]): Watch {
    let cancel = (): void => {};
    const settled = this.begin(undefined, false, (settle) => {
      cancel = () => settle(WAIT_INTERRUPTED);
      return this.#whenReady(interests, settle);
    });
    return { settled, cancel };
  }

  /** The outcome of `promise`, unless an interrupt comes first; its result is then dropped. */
  orInterrupt<T>(promise: Promise<T>): Promise<T | typeof WAIT_INTERRUPTED> {
    const interrupted = Promise.withResolvers<typeof WAIT_INTERRUPTED>();
    const settle = (outcome: WaitOutcome): void => {
      if (outcome === WAIT_INTERRUPTED) interrupted.resolve(outcome);
    };
    this.#active.set(settle, true);
    return Promise.race([promise, interrupted.promise]).finally(() => this.#active.delete(settle));
  }

  /** Ends every wait that an interrupt ends as interrupted; answers how many there were. */
  interrupt(): number {
    const settles = [...this.#active].filter(([, isInterruptible]) => isInterruptible);
    for (const [settle] of settles) settle(WAIT_INTERRUPTED);
    return settles.length;
  }

  /**
   * Ends the waits whose time is over by now. For who has kept this JavaScript thread busy: natively these would have ended
   * meanwhile, before whatever comes next makes them ready.
   */
  expire(): void {
    const now = performance.now();
    for (const [settle, deadline] of [...this.#deadlines]) {
      if (deadline <= now) settle(WAIT_TIMED_OUT);
    }
  }

  /** Ends all waits: the interpreter is going away. */
  endAll(): void {
    for (const settle of [...this.#active.keys()]) settle(WAIT_INTERRUPTED);
  }

  /** Settles when one of the interests is ready; answers what ends that. */
  #whenReady(interests: readonly Interest[], settle: (outcome: WaitOutcome) => void): () => void {
    let unsubscribers: (() => void)[] = [];
    const unsubscribe = (): void => {
      for (const each of unsubscribers) each();
      unsubscribers = [];
    };
    const check = (): void => {
      if (this.isReady(interests)) settle(WAIT_READY);
    };
    // A socket gets a stream while others wait on it, when it was not yet connected: subscribe anew at each such change.
    const resubscribe = (): void => {
      unsubscribe();
      for (const { fd } of interests) {
        const entry = this.#table.get(fd);
        if (!entry) continue;
        unsubscribers.push(entry.subscribe(resubscribe));
        if (entry.stream) unsubscribers.push(entry.stream.subscribe(check));
        if (entry.listener) unsubscribers.push(entry.listener.subscribe(check));
      }
      // Checked after subscribing: what happens in between is seen by one or the other.
      check();
    };
    resubscribe();
    return unsubscribe;
  }

  /**
   * A wait that is over when `settle` is called, when the time is over, or when interrupted.
   * @param subscribe begins it, and answers what undoes that
   */
  begin(
    timeoutMs: number | undefined,
    isInterruptible: boolean,
    subscribe: (settle: (outcome: WaitOutcome) => void) => () => void,
  ): Promise<WaitOutcome> {
    const { promise, resolve } = Promise.withResolvers<WaitOutcome>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribers: (() => void)[] = [];
    let isSettled = false;
    const settle = (outcome: WaitOutcome): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      this.#active.delete(settle);
      this.#deadlines.delete(settle);
      for (const unsubscribe of unsubscribers) unsubscribe();
      resolve(outcome);
    };
    this.#active.set(settle, isInterruptible);
    const unsubscribe = subscribe(settle);
    unsubscribers.push(unsubscribe);
    // Ready at once: `settle` came before there was anything to unsubscribe.
    if (isSettled) unsubscribe();
    else if (timeoutMs !== undefined) {
      const deadline = performance.now() + timeoutMs;
      this.#deadlines.set(settle, deadline);
      const arm = (): void => {
        const left = deadline - performance.now();
        if (left <= 0) settle(WAIT_TIMED_OUT);
        else timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST_TIMER_MS));
      };
      arm();
    }
    return promise;
  }
}
