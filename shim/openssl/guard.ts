/** What stands around every call into C: nothing runs after a trap, and no exception of JavaScript unwinds through C. */
import { PoisonedError } from "./failures.ts";
import { UNSIGNED_32, UNSIGNED_64 } from "./generated/bindings.ts";

type Value = number | bigint;
type CFunction = (...parameters: Value[]) => Value | undefined;

/** Guards the calls of one instance. */
export class CallGuard {
  #poison: PoisonedError | undefined;
  #thrown: { readonly value: unknown } | undefined;

  /** Why nothing works any more; `undefined` while all is well. */
  get poison(): PoisonedError | undefined {
    return this.#poison;
  }

  /** Keeps what a callback threw, the first if there are several: the call that led to it throws it when C has returned. */
  keepThrown(value: unknown): void {
    this.#thrown ??= { value };
  }

  #enter(): void {
    if (this.#poison !== undefined) throw this.#poison;
  }

  #leave(result: Value | undefined): Value | undefined {
    if (this.#thrown !== undefined) {
      const { value } = this.#thrown;
      this.#thrown = undefined;
      throw value;
    }
    return result;
  }

  /** C did not return (a trap, `exit()`, the end of the stack): whatever it was doing, its memory is half changed. */
  #trapped(cause: unknown): PoisonedError {
    this.#poison ??= new PoisonedError(cause);
    return this.#poison;
  }

  /**
   * Wraps an exported function, whose name tells whether its result is unsigned. One closure for each number of
   * parameters: engines make those as fast as the call itself, which they don't for a rest parameter.
   */
  wrap(name: string, raw: CFunction): CFunction {
    const call = withoutSign(name, raw);
    const guarded =
      (run: (a: Value, b: Value, c: Value, d: Value) => Value | undefined): CFunction =>
      (a, b, c, d) => {
        this.#enter();
        let result: Value | undefined;
        try {
          result = run(a, b, c, d);
        } catch (cause) {
          throw this.#trapped(cause);
        }
        return this.#leave(result);
      };
    switch (raw.length) {
      case 0:
        return guarded(() => call());
      case 1:
        return guarded((a) => call(a));
      case 2:
        return guarded((a, b) => call(a, b));
      case 3:
        return guarded((a, b, c) => call(a, b, c));
      case 4:
        return guarded((a, b, c, d) => call(a, b, c, d));
      default:
        return (...parameters) => {
          this.#enter();
          let result: Value | undefined;
          try {
            result = call(...parameters);
          } catch (cause) {
            throw this.#trapped(cause);
          }
          return this.#leave(result);
        };
    }
  }
}

/** WebAssembly's integers have no sign of their own and arrive in JavaScript as signed. */
function withoutSign(name: string, raw: CFunction): CFunction {
  if (UNSIGNED_32.has(name)) return (...parameters) => (raw(...parameters) as number) >>> 0;
  if (UNSIGNED_64.has(name)) return (...parameters) => BigInt.asUintN(64, raw(...parameters) as bigint);
  return raw;
}
