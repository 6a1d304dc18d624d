/** What the parts of the TLS bridge share: the engine, the staging area, the last failure, the way back to Python. */
import { InvariantError } from "../shim/openssl/index.ts";
import { type SslEngine, SslError, type SslFailure, type Want } from "../shim/ssl/index.ts";
import type { PythonAssets } from "./assets.ts";
import type { ConnectionEvent } from "./connection-events.ts";
import type { SocketTable } from "./sockets/index.ts";
import { Handles } from "./ssl-bridge-handles.ts";

/** Outcomes that are not values, as Python knows them (`_tls_bridge.py`). */
export const WANT_READ = -1;
export const WANT_WRITE = -2;
export const FAILED = -1000;

/** Python's dispatcher of callbacks. Answers a number, or nothing. */
export type Dispatcher = ((kind: string, ...parameters: unknown[]) => number | undefined) & {
  /** Of Pyodide's proxy of it: lets the Python function go. */
  destroy?(): void;
};

/** What {@link BridgeState} needs. */
export interface BridgeOptions {
  /** Makes the engine when it is first needed, and loaded. */
  readonly engine: () => SslEngine;
  /** Begins to load what the engine needs; undefined when it can be made now. */
  readonly load: () => Promise<unknown> | undefined;
  /** What can be told without the engine. */
  readonly known: Pick<PythonAssets, "constants" | "objects">;
  /** Variables that OpenSSL reads; Python sets them before the calls that do. */
  readonly environment: Map<string, string>;
  /** Shared with the socket bridge. */
  readonly table: SocketTable;
  /** Whether the transport's errors are the operating system's own. */
  readonly isSystemTransport: boolean;
  /** Told of every TLS connection over a socket. */
  readonly onConnection?: ((event: ConnectionEvent) => void) | undefined;
}

/** Bytes of the staging area; larger pieces get an area of their own (docs/decisions/0005-moving-bytes.md). */
const ROOM_SIZE = 256 * 1024;

/** One interpreter's. */
export class BridgeState {
  readonly options: BridgeOptions;
  readonly handles: Handles = new Handles();
  dispatcher: Dispatcher | undefined;
  #engine: SslEngine | undefined;
  #failure: SslFailure | undefined;
  readonly #room = new Uint8Array(ROOM_SIZE);
  #staged: Uint8Array = new Uint8Array(0);
  #depth = 0;
  #isClosed = false;

  constructor(options: BridgeOptions) {
    this.options = options;
  }

  get engine(): SslEngine {
    this.#engine ??= this.options.engine();
    return this.#engine;
  }

  /** The engine, if anything has needed it yet. */
  get startedEngine(): SslEngine | undefined {
    return this.#engine;
  }

  /** The array for Python to put `byteLength` bytes into, for the call that comes next. */
  room(byteLength: number): Uint8Array {
    // A callback inside an operation must not write over what the operation has staged.
    const isFree = this.#depth === 0 && byteLength <= ROOM_SIZE;
    this.#staged = isFree ? this.#room.subarray(0, byteLength) : new Uint8Array(byteLength);
    return this.#staged;
  }

  /** What Python staged, at most `byteLength` bytes. Taken once. */
  staged(byteLength: number): Uint8Array {
    const staged = this.#staged.subarray(0, byteLength);
    this.#staged = this.#room.subarray(0, 0);
    return staged;
  }

  /** Runs a call that throws {@link SslError}; answers FAILED then, and keeps the failure. */
  attempt<T>(call: () => T): T | typeof FAILED {
    this.#depth++;
    try {
      return call();
    } catch (error) {
      if (!(error instanceof SslError)) throw error;
      return this.fail(error.failure);
    } finally {
      this.#depth--;
    }
  }

  /** Runs an operation of a connection; its want or failure becomes a number. */
  perform<T extends number | Uint8Array | undefined>(operation: () => T | Want | SslFailure): T | number {
    this.#depth++;
    let result: T | Want | SslFailure;
    try {
      result = operation();
    } finally {
      this.#depth--;
    }
    if (result === "want-read") return WANT_READ;
    if (result === "want-write") return WANT_WRITE;
    if (isFailure(result)) return this.fail(result);
    return result;
  }

  fail(failure: SslFailure): typeof FAILED {
    this.#failure = failure;
    return FAILED;
  }

  /** The last failure as JSON. */
  takeFailure(): string {
    if (this.#failure === undefined) throw new InvariantError("no call has failed");
    return JSON.stringify(this.#failure);
  }

  /** Everything was freed: what Python still holds is of no use, and letting go of it is no bug. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.handles.freeAll();
    this.dispatcher?.destroy?.();
    this.dispatcher = undefined;
  }

  /** Calls Python. */
  call(kind: string, ...parameters: unknown[]): number | undefined {
    if (this.dispatcher === undefined) throw new InvariantError("Python's dispatcher is not set");
    return this.dispatcher(kind, ...parameters);
  }
}

function isFailure(result: unknown): result is SslFailure {
  return typeof result === "object" && result !== null && !(result instanceof Uint8Array);
}
