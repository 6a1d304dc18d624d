/** The byte by which the owner interrupts a Python that is busy, shared between their threads. */

/** SIGINT, as Pyodide's interrupt buffer holds it. */
const SIGINT = 2;

/**
 * Both sides' view of the shared byte. To Pyodide it is the interrupt buffer, element 0. Pyodide (as of 314.0.7) reads the
 * byte and then clears it, whatever it read: a signal that arrives in between would be lost. Here the byte is cleared only
 * of what was read.
 */
export class InterruptFlag {
  readonly #byte: Uint8Array;
  readonly #onRead: (() => void) | undefined;
  #lastRead = 0;
  #masks = 0;

  /** @param onRead is called when Pyodide reads a signal */
  constructor(buffer: SharedArrayBuffer, onRead?: () => void) {
    this.#byte = new Uint8Array(buffer);
    this.#onRead = onRead;
  }

  /** Owner: interrupts. */
  raise(): void {
    Atomics.store(this.#byte, 0, SIGINT);
  }

  /** Worker: takes the signal if Python has not seen it yet; answers whether there was one. */
  take(): boolean {
    return Atomics.compareExchange(this.#byte, 0, SIGINT, 0) === SIGINT;
  }

  /** Worker: hides the signal from Python until JavaScript gets its turn, that is, until Python is suspended. */
  maskUntilTurn(): void {
    this.#masks++;
    queueMicrotask(() => {
      this.#masks--;
    });
  }

  /** Pyodide's. */
  get 0(): number {
    this.#lastRead = this.#masks > 0 ? 0 : Atomics.load(this.#byte, 0);
    if (this.#lastRead !== 0) this.#onRead?.();
    return this.#lastRead;
  }

  /** Pyodide's; it only ever clears. */
  set 0(_value: number) {
    if (this.#lastRead !== 0) Atomics.compareExchange(this.#byte, 0, this.#lastRead, 0);
  }
}
