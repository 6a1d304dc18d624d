/** What is measured, how often, and how it is shown. */
import { parseArgs } from "node:util";
import type { Measurement } from "./contestant.ts";

/** The servers, by what they insist on. */
export type OriginName = "aes128" | "chacha20";

/** One row of the table. */
export interface Row {
  readonly label: string;
  readonly what: Exclude<Measurement, "first_response">;
  readonly origin: OriginName;
  /** What the count counts, so that figure = count / unit / seconds. */
  readonly unit: number;
  readonly count: number;
  /** Done first, untimed, so that the engine has optimised what it will. */
  readonly warmUp: number;
}

/** Sizes of one kind of run. */
export interface Plan {
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly patienceMs: number;
}

const MB = 1e6;

/** @param isQuick small counts: to try a change, not to quote */
export function makePlan(isQuick: boolean, rounds: number | undefined): Plan {
  const size = (full: number, quick: number): number => (isQuick ? quick : full);
  const download = (label: string, origin: OriginName): Row => ({
    label: `download, ${label}: MB/s`,
    what: "download",
    origin,
    unit: MB,
    count: size(64, 8) * MB,
    warmUp: size(16, 4) * MB,
  });
  return {
    rounds: rounds ?? size(7, 2),
    patienceMs: size(30_000, 0),
    rows: [
      {
        label: "new connections: handshakes/s",
        what: "connections",
        origin: "aes128",
        unit: 1,
        count: size(60, 15),
        warmUp: size(40, 10),
      },
      {
        label: "one connection: requests/s",
        what: "requests",
        origin: "aes128",
        unit: 1,
        count: size(400, 60),
        warmUp: size(100, 20),
      },
      download("AES-128-GCM", "aes128"),
      download("ChaCha20-Poly1305", "chacha20"),
    ],
  };
}

export const HELP = `Usage: npm run bench [-- OPTIONS]

Measures this package beside native CPython and beside its own transport without TLS, in one run: rounds are interleaved,
figures are medians over the rounds. Servers, gateway, browser and clients share this machine.

  --quick        small counts, two rounds: to try a change, not to quote
  --rounds N     rounds (default 7, with --quick 2)
  --only NAMES   comma-separated parts of contestants' names; default: all
  --against peers  instead, other ways to TLS in a page, and Node; --only then takes libcurl, epoxy, epoxy2, ours, node
  --write        with --against peers: put the tables into docs/performance.md
  --json FILE    write every round's figures there
  --help         show this text
`;

/** The command line. */
export interface BenchOptions {
  readonly isQuick: boolean;
  readonly rounds: number | undefined;
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly isAgainstPeers: boolean;
  /** Into the document. */
  readonly isWritten: boolean;
  readonly help: boolean;
}

/** A command line that can't be understood; `message` says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseOptions(args: readonly string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        rounds: { type: "string" },
        only: { type: "string", default: "" },
        json: { type: "string" },
        against: { type: "string" },
        write: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
      throw new UsageError(`--rounds takes a whole number above 0, not “${values.rounds}”`);
    }
    if (values.against !== undefined && values.against !== "peers") {
      throw new UsageError(`--against takes “peers”, not “${values.against}”`);
    }
    const isAgainstPeers = values.against !== undefined;
    if (values.write && !isAgainstPeers) throw new UsageError("--write goes with --against peers");
    const only = values.only.split(",").filter((part) => part !== "");
    const { json, help, quick: isQuick, write: isWritten } = values;
    return { isQuick, rounds, only, json, isAgainstPeers, isWritten, help };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
