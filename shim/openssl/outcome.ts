/** Reads what `glue/outcome.c` captured. */
import type { Memory } from "./memory.ts";
import type { Ptr } from "./pointer.ts";

/** What a call led to; the fields are those of `struct glue_outcome`. */
export interface Outcome {
  /** The function's own result. */
  readonly ret: number;
  /** `SSL_ERROR_*`; `SSL_ERROR_NONE` on success. */
  readonly sslError: number;
  /** errno straight after the call (see `errnoName`), 0 for none. */
  readonly sysErrno: number;
  /** `ERR_peek_last_error()`, 0 when the queue was empty. */
  readonly error: number;
  /** `ERR_peek_error()`: the first cause, when there are several. */
  readonly firstError: number;
  readonly verifyResult: number;
  readonly byteCount: number;
  readonly shutdownState: number;
}

/** Where the C glue keeps the outcome of its latest call: `glue_get_outcome`. */
export class OutcomeReader {
  readonly #memory: Memory;
  readonly #place: Ptr<"glue_outcome">;

  constructor(memory: Memory, place: Ptr<"glue_outcome">) {
    this.#memory = memory;
    this.#place = place;
  }

  #word(index: number): number {
    return this.#memory.readI32((this.#place + 4 * index) as Ptr<"int">);
  }

  /** Bytes moved by the latest read or write: all that its success has to say. */
  get byteCount(): number {
    return this.#word(6) >>> 0;
  }

  /** All of it, as it is now. */
  read(): Outcome {
    return {
      ret: this.#word(0),
      sslError: this.#word(1),
      sysErrno: this.#word(2),
      error: this.#word(3) >>> 0,
      firstError: this.#word(4) >>> 0,
      verifyResult: this.#word(5),
      byteCount: this.byteCount,
      shutdownState: this.#word(7),
    };
  }
}
