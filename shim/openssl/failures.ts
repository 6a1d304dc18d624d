/** What is thrown when the engine itself is broken or wrongly used. Failures of OpenSSL's functions are never thrown. */

/** Something that can only be a mistake in this package. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * OpenSSL stopped in the middle of something (a trap, an abort, exhausted memory): its memory can't be trusted any more.
 * Every later call on the same instance throws this with the first cause.
 */
export class PoisonedError extends Error {
  override readonly name = "PoisonedError";

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`OpenSSL stopped and can't be used any more; start a new interpreter. The first cause: ${reason}`, {
      cause,
    });
  }
}
