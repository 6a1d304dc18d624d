/**
 * The `ssl` object of `_pyodide_ssl_js`: what `_ssl.py` calls. Arguments and results are numbers, booleans, strings and
 * byte arrays; structured results are JSON; `undefined` is None. A call that fails answers FAILED, and
 * {@link SslBridge.failure} tells how. Bytes cross as docs/decisions/0005-moving-bytes.md says.
 */
import { ConnectionCalls } from "./ssl-bridge-connection.ts";
import { ContextCalls } from "./ssl-bridge-context.ts";
import { ObjectCalls } from "./ssl-bridge-objects.ts";
import { type BridgeOptions, BridgeState, type Dispatcher } from "./ssl-bridge-state.ts";

/** Every call of the bridge. */
export type SslBridgeCalls = CoreCalls & ObjectCalls & ContextCalls & ConnectionCalls;

class CoreCalls {
  readonly #state: BridgeState;

  constructor(state: BridgeState) {
    this.#state = state;
  }

  /** Gives Python's one function for callbacks; the only Python object that is kept. */
  setDispatcher(dispatcher: Dispatcher): void {
    this.#state.dispatcher = dispatcher;
  }

  /** The last failure: a record of `shim/ssl/failure.ts` as JSON. */
  failure(): string {
    return this.#state.takeFailure();
  }

  /** The array that Python fills with the bytes for the next call. */
  room(byteLength: number): Uint8Array {
    return this.#state.room(byteLength);
  }

  /** Python has let go of a handle. */
  free(handle: number): void {
    if (!this.#state.isClosed) this.#state.handles.free(handle);
  }
}

/** The bridge of one interpreter. */
export class SslBridge implements Disposable {
  /** What Python sees. */
  readonly calls: SslBridgeCalls;
  readonly state: BridgeState;

  constructor(options: BridgeOptions) {
    this.state = new BridgeState(options);
    const parts = [CoreCalls, ObjectCalls, ContextCalls, ConnectionCalls].map((Part) => new Part(this.state));
    this.calls = Object.assign({}, ...parts.map(boundMethods)) as SslBridgeCalls;
  }

  [Symbol.dispose](): void {
    this.state.close();
  }
}

/** An object's methods as functions of their own: Python keeps them by themselves. */
function boundMethods(part: object): Record<string, unknown> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(part)).filter(
    (name) => name !== "constructor",
  );
  return Object.fromEntries(
    names.map((name) => [name, ((part as Record<string, unknown>)[name] as () => unknown).bind(part)]),
  );
}
