/** Python's standard output as text events: decoded across chunk borders, and few events for many small writes. */

/** Text waiting for more, at most. */
const MAX_HELD = 8192;

/**
 * One output stream. What ends with a line end goes out at once; the rest when the worker's event loop gets a turn,
 * which it does as soon as Python waits for anything.
 */
export class PythonOutput {
  /** For Pyodide's `setStdout` and `setStderr`. */
  readonly isatty = false;
  readonly #send: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #held = "";
  #isTurnAwaited = false;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Takes bytes from Python. The buffer is Python's memory and is copied. */
  write(bytes: Uint8Array): number {
    // TextDecoder refuses shared memory in some engines; slice() is not shared.
    this.#held += this.#decoder.decode(bytes.slice(), { stream: true });
    if (this.#held.endsWith("\n") || this.#held.length >= MAX_HELD) this.flush();
    else if (!this.#isTurnAwaited) {
      this.#isTurnAwaited = true;
      setTimeout(() => {
        this.#isTurnAwaited = false;
        this.flush();
      }, 0);
    }
    return bytes.length;
  }

  /** Sends what is held. */
  flush(): void {
    if (this.#held === "") return;
    const text = this.#held;
    this.#held = "";
    this.#send(text);
  }
}
