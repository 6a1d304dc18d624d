/** One running OpenSSL: its functions, its memory, and what it calls back. */
import { type CallbackSide, callbackImports, type Environment, type OpenSslCallbacks } from "./callbacks.ts";
import { InvariantError, type PoisonedError } from "./failures.ts";
import type { FileHost } from "./file-host.ts";
import type { OpenSslFunctions } from "./generated/bindings.ts";
import { CallGuard } from "./guard.ts";
import { Memory } from "./memory.ts";
import { OutcomeReader } from "./outcome.ts";
import { Owned } from "./owned.ts";
import type { Ptr } from "./pointer.ts";
import { Wasi, type WasiSide } from "./wasi.ts";

/** What OpenSSL finds around it. */
export interface OpenSslHost {
  readonly files: FileHost;
  /** Reads a variable of Python's environment at the moment of the call (SSL_CERT_FILE, SSL_CERT_DIR, …). */
  readonly env: Environment;
  /** Fills the array from a cryptographic random generator; without it, `crypto.getRandomValues`. */
  readonly random?: (target: Uint8Array) => void;
  /** Milliseconds since 1970; without it, `Date.now`. */
  readonly nowMs?: () => number;
  /** Text that C writes to its standard error; without it, the console. */
  readonly stderr?: (text: string) => void;
  /** What a build imports beside that because a tool has put calls into it; for tests of how the code runs. */
  readonly instrumentation?: WebAssembly.ModuleImports;
}

/** `crypto.getRandomValues` gives this much at a time. */
const RANDOM_CHUNK = 65_536;

function fillRandom(target: Uint8Array): void {
  for (let start = 0; start < target.length; start += RANDOM_CHUNK) {
    crypto.getRandomValues(target.subarray(start, start + RANDOM_CHUNK) as Uint8Array<ArrayBuffer>);
  }
}

/** An instance of `openssl.wasm`. After a trap in it everything throws `PoisonedError`. */
export class OpenSsl {
  /** What it was started with. */
  readonly host: OpenSslHost;
  /** Every exported C function, by its C name. */
  readonly fn: OpenSslFunctions;
  readonly memory: Memory;
  /** What the latest `glue_…` call that captures led to. */
  readonly outcome: OutcomeReader;
  /** Answers OpenSSL's callbacks; while there is none, callbacks fail. */
  callbacks: OpenSslCallbacks | undefined;
  readonly #guard = new CallGuard();
  readonly #wasi: Wasi;

  private constructor(module: WebAssembly.Module, host: OpenSslHost) {
    this.host = host;
    const side: CallbackSide & WasiSide = {
      keepThrown: (thrown) => this.#guard.keepThrown(thrown),
      memory: () => this.memory,
      callbacks: () => this.callbacks,
    };
    this.#wasi = new Wasi(side, {
      files: host.files,
      random: host.random ?? fillRandom,
      nowMs: host.nowMs ?? Date.now,
      stderr: host.stderr ?? ((text) => console.error(text)),
    });
    const { exports } = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: this.#wasi.imports,
      pyodide_ssl: callbackImports(side, host.env),
      ...(host.instrumentation && { env: host.instrumentation }),
    });
    const functions = Object.entries(exports).filter(([, value]) => typeof value === "function");
    const wrapped = functions.map(([name, value]) => [name, this.#guard.wrap(name, value as never)] as const);
    this.fn = Object.fromEntries(wrapped) as unknown as OpenSslFunctions;
    this.memory = new Memory(exports["memory"] as WebAssembly.Memory, this.fn);
    (exports["_initialize"] as () => void)();
    if (this.fn.glue_start() !== 1) throw new InvariantError("OpenSSL could not be started");
    this.outcome = new OutcomeReader(this.memory, this.fn.glue_get_outcome());
  }

  /**
   * Starts an OpenSSL. Takes a few milliseconds, and does not wait for anything.
   * @param module from `compileOpenSsl`
   */
  static instantiate(module: WebAssembly.Module, host: OpenSslHost): OpenSsl {
    return new OpenSsl(module, host);
  }

  /** What was allocated in C and is not freed yet. OpenSSL keeps some for good: compare two readings. */
  liveAllocations(): number {
    return this.fn.glue_live_allocations();
  }

  /** The bytes of those allocations. */
  liveBytes(): number {
    return this.fn.glue_live_bytes();
  }

  /** Files that OpenSSL has open. */
  get openFiles(): number {
    return this.#wasi.openCount;
  }

  /** Why nothing works any more; `undefined` while all is well. */
  get poison(): PoisonedError | undefined {
    return this.#guard.poison;
  }

  /** Makes the caller the owner of a C value: `using bio = openssl.own(fn.BIO_new(…), fn.BIO_free)`. Not for NULL. */
  own<T extends string>(ptr: Ptr<T>, free: (ptr: Ptr<T>) => unknown): Owned<T> {
    return new Owned(ptr, free);
  }
}
