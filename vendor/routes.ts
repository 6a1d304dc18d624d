/** Trying one source after another, and saying plainly what was tried when none works. */

/** One way to get something. */
export interface Route {
  /** As it stands in messages: `"Debian's libpython3.14-stdlib"`. */
  readonly name: string;
  /** Gets it, and answers what it was (for the log), or undefined when the route does not apply on this machine. */
  readonly take: () => Promise<string | undefined>;
}

/** No route led to the thing; the message lists each with its failure and what to do. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

function causeOf(error: unknown): string {
  const failure = error as Error & { cause?: Error };
  const text = failure.cause === undefined ? failure.message : `${failure.message}: ${failure.cause.message}`;
  return text.split("\n")[0] ?? text;
}

/**
 * Takes the first route that works.
 * @param what the thing, for the message
 * @param remedy what a person can do when no route works
 */
export async function takeFirst(what: string, routes: readonly Route[], remedy: string): Promise<string> {
  const failures: string[] = [];
  for (const route of routes) {
    try {
      const taken = await route.take();
      if (taken !== undefined) return `${route.name}: ${taken}`;
      failures.push(`${route.name}: not on this machine`);
    } catch (error) {
      failures.push(`${route.name}: ${causeOf(error)}`);
    }
  }
  throw new UnreachableError(
    `${what} could not be had.\n${failures.map((line) => `  - ${line}`).join("\n")}\n${remedy}`,
  );
}
