/** What every contestant looks like to the harness. */

/** What is timed. All but `first_response` take a count. */
export type Measurement = "first_response" | "connections" | "requests" | "download";

/** Where a contestant connects to. */
export interface Origin {
  readonly port: number;
  /** The trusted root, PEM: as a file and as text. */
  readonly caFile: string;
}

/** A started contestant: one browser page or one process, used for one round and then ended. */
export interface Session extends AsyncDisposable {
  /** From the start of the page or process to its first response, in milliseconds. */
  readonly startupMs: number;
  /** @returns seconds */
  measure(what: Measurement, origin: Origin, count: number): Promise<number>;
}

/** One column of the table. */
export interface Contestant {
  readonly name: string;
  /** Said below the table. */
  readonly about: string;
  /** Whether it speaks TLS; the one that does not gives the transport's own limit. */
  readonly isPlain: boolean;
  /** Starts it and makes its first request to `origin`. */
  open(origin: Origin): Promise<Session>;
}
