/** Calls to a worker that settle in every case: Comlink's own stay pending for ever when the worker is gone. */
import type { WorkerLostError } from "./errors.ts";

/** The calls in flight to one worker. */
export class PendingCalls {
  readonly #rejecters = new Set<(error: WorkerLostError) => void>();
  #lost: WorkerLostError | undefined;

  /** Why the worker is gone, when it is. */
  get lost(): WorkerLostError | undefined {
    return this.#lost;
  }

  /**
   * Makes a call, unless the worker is lost already.
   * @returns what the call gives, or a rejection with the {@link WorkerLostError} as soon as the worker is lost
   */
  make<T>(call: () => PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      this.#rejecters.add(reject);
      const settle = <V>(how: (value: V) => void) => {
        return (value: V) => {
          this.#rejecters.delete(reject);
          how(value);
        };
      };
      call().then(settle(resolve), settle(reject));
    });
  }

  /** Rejects every pending call, and every later one at once. The first reason stays. */
  lose(error: WorkerLostError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const reject of this.#rejecters) reject(error);
    this.#rejecters.clear();
  }
}
