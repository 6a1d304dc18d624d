/** The command line of `npm start`. */
import { parseArgs } from "node:util";

/** What `start.ts` was asked for. */
export interface StartOptions {
  readonly port: number;
  readonly open: boolean;
  readonly help: boolean;
}

export const DEFAULT_PORT = 8000;

export const HELP = `Usage: npm start [-- OPTIONS]

Starts everything that the demo page needs, on this machine only: the page, a Wisp gateway, and a local HTTPS site with
a test certificate authority made for this run. Prints the page's address; Ctrl-C stops everything.

  --port N   port of the page (default ${DEFAULT_PORT}; 0: any free one)
  --open     open the page in the default browser
  --help     show this text
`;

/** A command line that can't be understood; `message` says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: String(DEFAULT_PORT) },
        open: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65535)) throw new UsageError(`--port takes a number from 0 to 65535, not “${values.port}”`);
    return { port, open: values.open, help: values.help };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
