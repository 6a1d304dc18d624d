/** Python in a worker, as its owner uses it: what `createPython()` answers. */
import { type Remote, releaseProxy, wrap } from "comlink";
import { Channel } from "./channel.ts";
import { decodeError } from "./error-codec.ts";
import { WorkerLostError } from "./errors.ts";
import { InterruptFlag } from "./interrupt-flag.ts";
import type { PythonOptions } from "./options.ts";
import { OutputTap } from "./output-tap.ts";
import { PendingCalls } from "./pending-calls.ts";
import type {
  FileEntry,
  OwnerEvent,
  PythonVersions,
  Reply,
  RunOptions,
  StartSettings,
  WorkerCalls,
  WorkerEvent,
} from "./protocol.ts";
import type { OwnerPlatform, WorkerHandle } from "./worker-handle.ts";

/** Python's files. Paths are Python's; failures are {@link PythonFileError}s. */
export interface PythonFiles {
  /** Makes or replaces a file. Text is stored as UTF-8. */
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  /** The file as bytes. */
  readFile(path: string): Promise<Uint8Array>;
  /** The file as text. */
  readFile(path: string, encoding: "utf-8"): Promise<string>;
  /** Makes a folder; with `recursive` also the ones above it, and it may exist already. */
  mkdir(path: string, options?: { recursive?: boolean }): Promise<void>;
  /** What is in a folder, in no particular order. */
  list(path: string): Promise<FileEntry[]>;
  /** Removes a file or an empty folder; with `recursive` a folder and all in it. */
  remove(path: string, options?: { recursive?: boolean }): Promise<void>;
}

/**
 * A Python interpreter in a worker of its own. Every call settles: when the worker ends, for whatever reason, calls in
 * flight and later ones reject with {@link WorkerLostError}.
 */
export class Python implements AsyncDisposable {
  /** Versions of Pyodide, Python and OpenSSL. */
  readonly versions: PythonVersions;
  /** Python's file system. */
  readonly files: PythonFiles;
  readonly #connection: WorkerConnection;

  /** Use `createPython()`. */
  constructor(connection: WorkerConnection, versions: PythonVersions) {
    this.#connection = connection;
    this.versions = versions;
    this.files = connection.files;
  }

  /**
   * Runs Python code; top-level `await` is allowed, and blocking calls wait as they do natively. Programs run one after
   * another in the order of the calls.
   * @returns the value of the last expression, as `pyodide.ffi.to_js` converts it (dict → object, list → array, bytes →
   *   Uint8Array); what has no counterpart in JavaScript as its `repr()`
   * @throws {PythonError} the exception that the code did not catch, `SystemExit` and `KeyboardInterrupt` included
   * @throws {WorkerLostError} the worker ended
   */
  run(code: string, options: RunOptions = {}): Promise<unknown> {
    return this.#connection.call((worker) => worker.run(code, options));
  }

  /** @internal For `cli/`: runs `pyodide_ssl._cli` with these options and answers the exit status. */
  runMain(options: string): Promise<number> {
    return this.#connection.call((worker) => worker.runMain(options));
  }

  /**
   * What Python writes to `sys.stdout` from the first use of this property on, in pieces as it is written. The text is kept
   * until it is read. The stream ends with the worker.
   */
  get stdout(): ReadableStream<string> {
    return this.#connection.stdout.stream;
  }

  /** As {@link Python.stdout}, for `sys.stderr`. */
  get stderr(): ReadableStream<string> {
    return this.#connection.stderr.stream;
  }

  /**
   * Raises KeyboardInterrupt in the running program; nothing happens when none runs. Blocked socket calls, `time.sleep`,
   * `input` and awaiting programs are woken everywhere. A program that only computes notices where memory can be shared:
   * on Node, and in pages that are cross-origin isolated; elsewhere `terminate()` is what stops it.
   */
  interrupt(): void {
    this.#connection.interrupt();
  }

  /** Ends the worker at once, whatever it does. Calls in flight reject with {@link WorkerLostError}. */
  terminate(): Promise<void> {
    return this.#connection.end(new WorkerLostError("terminated", "Python was terminated"));
  }

  /** Fulfilled with the reason when the worker is gone. Never rejects. */
  get closed(): Promise<WorkerLostError> {
    return this.#connection.closed;
  }

  /** As {@link Python.terminate}: `await using python = await createPython()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }
}

/** The line to one worker: calls, events, and what becomes of both when it ends. */
export class WorkerConnection {
  readonly stdout: OutputTap;
  readonly stderr: OutputTap;
  readonly closed: Promise<WorkerLostError>;
  /** Fulfilled with the worker's protocol number once its script runs. */
  readonly hello: Promise<number>;
  readonly files: PythonFiles;
  readonly #handle: WorkerHandle;
  readonly #channel: Channel<OwnerEvent, WorkerEvent>;
  readonly #remote: Remote<WorkerCalls>;
  readonly #calls = new PendingCalls();
  readonly #options: PythonOptions;
  readonly #interruptFlag: InterruptFlag | undefined;
  readonly #resolveClosed: (reason: WorkerLostError) => void;
  readonly #resolveHello: (protocol: number) => void;

  constructor(
    handle: WorkerHandle,
    platform: OwnerPlatform,
    options: PythonOptions,
    flag: SharedArrayBuffer | undefined,
  ) {
    this.#handle = handle;
    this.#options = options;
    this.#interruptFlag = flag === undefined ? undefined : new InterruptFlag(flag);
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<WorkerLostError>());
    const hello = Promise.withResolvers<number>();
    this.#resolveHello = hello.resolve;
    this.hello = this.#calls.make(() => hello.promise);
    this.stdout = tapFor("stdout", options.stdout, platform);
    this.stderr = tapFor("stderr", options.stderr, platform);
    this.files = filesOver(this);
    this.#channel = new Channel<OwnerEvent, WorkerEvent>(handle, (event) => this.#onEvent(event));
    this.#remote = wrap<WorkerCalls>(this.#channel.endpoint);
    handle.onEnd(({ reason, message, cause }) => {
      void this.end(new WorkerLostError(reason, message, cause === undefined ? {} : { cause }));
    });
  }

  start(settings: StartSettings): Promise<PythonVersions> {
    return this.call((worker) => worker.start(settings));
  }

  /** Makes a call and gives its outcome back as a value or the worker's own error. */
  async call<T>(make: (worker: Remote<WorkerCalls>) => PromiseLike<Reply<T>>): Promise<T> {
    const outcome = await this.#calls.make(() => make(this.#remote));
    if ("error" in outcome) throw decodeError(outcome.error);
    return outcome.value;
  }

  interrupt(): void {
    if (this.#calls.lost !== undefined) return;
    this.#interruptFlag?.raise();
    this.#channel.send({ type: "interrupt" });
  }

  /** Gives the worker up: everything that waits for it learns `reason`. The first call counts. */
  async end(reason: WorkerLostError): Promise<void> {
    if (this.#calls.lost === undefined) {
      this.#calls.lose(reason);
      this.#remote[releaseProxy]();
      this.stdout.end();
      this.stderr.end();
      this.#resolveClosed(reason);
    }
    await this.#handle.terminate();
  }

  #onEvent(event: WorkerEvent): void {
    if (this.#calls.lost !== undefined) return;
    switch (event.type) {
      case "hello":
        this.#resolveHello(event.protocol);
        break;
      case "stdout":
        this.stdout.write(event.text);
        break;
      case "stderr":
        this.stderr.write(event.text);
        break;
      case "progress":
        this.#options.onProgress?.(event.progress);
        break;
      case "connection":
        this.#options.onConnection?.(event.connection);
        break;
      case "read-line":
        void this.#giveLine(event.prompt);
        break;
      case "fatal": {
        const cause = decodeError(event.error);
        void this.end(new WorkerLostError("crashed", `Python broke down: ${cause.message}`, { cause }));
        break;
      }
    }
  }

  async #giveLine(prompt: string | null): Promise<void> {
    const { stdin } = this.#options;
    let line: string | null = null;
    try {
      if (typeof stdin === "function") line = await stdin(prompt);
    } finally {
      // A source that fails is at its end; its error is the owner's to see, as an unhandled rejection.
      this.#channel.send({ type: "line", line });
    }
  }
}

function tapFor(
  name: "stdout" | "stderr",
  option: PythonOptions["stdout"],
  platform: OwnerPlatform,
): OutputTap {
  const callback = typeof option === "function" ? option : undefined;
  return new OutputTap(callback, (text) => platform.print(name, text));
}

function filesOver(connection: WorkerConnection): PythonFiles {
  async function readFile(path: string): Promise<Uint8Array>;
  async function readFile(path: string, encoding: "utf-8"): Promise<string>;
  async function readFile(path: string, encoding?: "utf-8"): Promise<Uint8Array | string> {
    const bytes = await connection.call((worker) => worker.readFile(path));
    return encoding === undefined ? bytes : new TextDecoder().decode(bytes);
  }
  return {
    readFile,
    writeFile: (path, content) => connection.call((worker) => worker.writeFile(path, content)),
    mkdir: (path, options) => connection.call((worker) => worker.mkdir(path, options?.recursive ?? false)),
    list: (path) => connection.call((worker) => worker.list(path)),
    remove: (path, options) => connection.call((worker) => worker.remove(path, options?.recursive ?? false)),
  };
}
