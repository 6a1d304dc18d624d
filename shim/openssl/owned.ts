/** Who owns what OpenSSL allocated. Each thing has one owner, who frees it. */
import { InvariantError } from "./failures.ts";
import type { Ptr } from "./pointer.ts";

/** Owns one C value: frees it once, and does not let it be used after that. */
export class Owned<T extends string> implements Disposable {
  readonly #free: (ptr: Ptr<T>) => unknown;
  #ptr: Ptr<T> | 0;

  /**
   * @param ptr what to own; not NULL
   * @param free OpenSSL's function that frees it
   */
  constructor(ptr: Ptr<T>, free: (ptr: Ptr<T>) => unknown) {
    if (ptr === 0) throw new InvariantError("NULL can't be owned");
    this.#ptr = ptr;
    this.#free = free;
  }

  /** The address. Throws when the value was freed or given away. */
  get ptr(): Ptr<T> {
    if (this.#ptr === 0) throw new InvariantError("this C value was freed or given away");
    return this.#ptr;
  }

  /** Whether there is still something to use. */
  get isAlive(): boolean {
    return this.#ptr !== 0;
  }

  /** Gives the ownership away, to C or to another owner. */
  release(): Ptr<T> {
    const ptr = this.ptr;
    this.#ptr = 0;
    return ptr;
  }

  /** Frees the value; a second time does nothing. */
  [Symbol.dispose](): void {
    if (this.#ptr === 0) return;
    const ptr = this.#ptr;
    // Cleared first: whatever `free` leads to must not find the address here any more.
    this.#ptr = 0;
    this.#free(ptr);
  }
}

/** An address that someone else owns (OpenSSL's get0 functions). For the moment only: never stored. */
export type Borrowed<T extends string> = Ptr<T>;
