/** The worker's side of `createPython()`: starts Pyodide and OpenSSL, and answers the owner's calls. One per worker. */
import { expose } from "comlink";
import type { PyodideAPI } from "pyodide";
import type { Installation } from "../pyodide-ext/index.ts";
import { Channel, type Port } from "./channel.ts";
import { encodeError } from "./error-codec.ts";
import { PythonError, type PythonExceptionReport } from "./errors.ts";
import { InterruptFlag } from "./interrupt-flag.ts";
import type { Platform } from "./platform.ts";
import {
  type OwnerEvent,
  PROTOCOL,
  type PythonVersions,
  type Reply,
  type RunOptions,
  type StartSettings,
  type WorkerCalls,
  type WorkerEvent,
} from "./protocol.ts";
import { PythonFiles } from "./python-files.ts";
import { AskedInput } from "./python-input.ts";
import { PythonOutput } from "./python-output.ts";
import { startPyodide } from "./start-pyodide.ts";
import { signalAttention } from "./thread-state.ts";

/** How soon to look again whether an interrupted program waits. */
const WAKE_RETRY_MS = 5;

/** `pyodide_ssl/_worker.py`, as far as it is called from here. */
interface PythonSide {
  run(source: string, filename: string, names: unknown): Promise<PythonPair>;
  interrupt(): boolean;
  flush(): void;
  set_up(argv: readonly string[], writeThrough: boolean): void;
  use_asked_input(isTerminal: boolean): void;
}

/** A Python tuple of two. */
interface PythonPair extends Disposable {
  get(index: 0 | 1): unknown;
}

/** `pyodide_ssl/_cli.py`. */
interface CommandLine extends Disposable {
  main: { callPromising(options: string): Promise<number> } & Disposable;
}

/** Everything that exists once start-up is through. */
interface Running {
  readonly pyodide: PyodideAPI;
  readonly installation: Installation;
  readonly files: PythonFiles;
  readonly python: PythonSide;
}

/** Runs `answer` and makes its outcome data. */
async function reply<T>(answer: () => T | Promise<T>): Promise<Reply<T>> {
  try {
    return { value: await answer() };
  } catch (error) {
    return { error: encodeError(error) };
  }
}

/** Hosts one Python interpreter behind a port. */
class PythonHost implements WorkerCalls {
  readonly #platform: Platform;
  readonly #channel: Channel<WorkerEvent, OwnerEvent>;
  readonly #input: AskedInput;
  readonly #outputs: PythonOutput[] = [];
  #running: Running | undefined;
  #interruptFlag: InterruptFlag | undefined;
  /** Programs that run or wait for their turn. */
  #programs = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Ends when the run before has: one program at a time, as in a notebook kernel. */
  #lastRun: Promise<unknown> = Promise.resolve();

  constructor(platform: Platform, port: Port) {
    this.#platform = platform;
    this.#channel = new Channel<WorkerEvent, OwnerEvent>(port, (event) => this.#onOwnerEvent(event));
    this.#input = new AskedInput((prompt) => this.#channel.send({ type: "read-line", prompt }));
  }

  /** Begins to answer calls. */
  open(): void {
    const calls: WorkerCalls = {
      start: (settings) => this.start(settings),
      run: (code, options) => this.run(code, options),
      runMain: (options) => this.runMain(options),
      writeFile: (path, content) => this.writeFile(path, content),
      readFile: (path) => this.readFile(path),
      mkdir: (path, isRecursive) => this.mkdir(path, isRecursive),
      list: (path) => this.list(path),
      remove: (path, isRecursive) => this.remove(path, isRecursive),
    };
    expose(calls, this.#channel.endpoint);
    this.#channel.send({ type: "hello", protocol: PROTOCOL });
  }

  start(settings: StartSettings): Promise<Reply<PythonVersions>> {
    return reply(async () => {
      const { pyodide, installation } = await startPyodide(settings, this.#platform, {
        progress: (progress) => this.#channel.send({ type: "progress", progress }),
        connection: (connection) => this.#channel.send({ type: "connection", connection }),
      });
      if (settings.interruptBuffer !== undefined) {
        this.#interruptFlag = new InterruptFlag(settings.interruptBuffer, signalAttention(pyodide));
        pyodide.setInterruptBuffer(this.#interruptFlag as unknown as Uint8Array);
      }
      pyodide.registerJsModule("_pyodide_ssl_worker", {
        readLine: (prompt: string | null | undefined) => this.#input.readLine(prompt),
        wake: (isPersistent: boolean) => this.#wake(isPersistent),
        defer: () => this.#defer(),
        maskUntilSuspended: () => this.#interruptFlag?.maskUntilTurn(),
      });
      const python = pyodide.pyimport("pyodide_ssl._worker") as PythonSide;
      this.#running = { pyodide, installation, files: new PythonFiles(pyodide), python };
      this.#connectStreams(settings);
      return {
        pyodide: pyodide.version,
        python: pyodide.runPython("import sys; sys.version.split()[0]") as string,
        openssl: pyodide.runPython("import ssl; ssl.OPENSSL_VERSION") as string,
      };
    });
  }

  run(code: string, options: RunOptions): Promise<Reply<unknown>> {
    return this.#oneAtATime(async ({ pyodide, python }) => {
      const names: unknown = options.globals === undefined ? undefined : pyodide.toPy(options.globals);
      using outcome = await python.run(code, options.filename ?? "<run>", names);
      if (outcome.get(0) !== true) {
        throw new PythonError(JSON.parse(outcome.get(1) as string) as PythonExceptionReport);
      }
      return clonable(outcome.get(1));
    });
  }

  runMain(options: string): Promise<Reply<number>> {
    return this.#oneAtATime(async ({ pyodide }) => {
      using commandLine = pyodide.pyimport("pyodide_ssl._cli") as CommandLine;
      using main = commandLine.main;
      return main.callPromising(options);
    });
  }

  writeFile(path: string, content: string | Uint8Array): Promise<Reply<void>> {
    return reply(() => this.#ready().files.writeFile(path, content));
  }

  readFile(path: string): Promise<Reply<Uint8Array>> {
    return reply(() => this.#ready().files.readFile(path));
  }

  mkdir(path: string, isRecursive: boolean): Promise<Reply<void>> {
    return reply(() => this.#ready().files.mkdir(path, isRecursive));
  }

  list(path: string): ReturnType<WorkerCalls["list"]> {
    return reply(() => this.#ready().files.list(path));
  }

  remove(path: string, isRecursive: boolean): Promise<Reply<void>> {
    return reply(() => this.#ready().files.remove(path, isRecursive));
  }

  #ready(): Running {
    if (this.#running === undefined) throw new Error("Python has not been started");
    return this.#running;
  }

  /**
   * Runs programs one after another. Two at once would be two suspended Python stacks, which the supported Pyodide does
   * not survive when it collects garbage (pyodide issue 6464).
   */
  #oneAtATime<T>(program: (running: Running) => Promise<T>): Promise<Reply<T>> {
    this.#programs++;
    const outcome = this.#lastRun.then(() => reply(() => this.#watched(program)));
    this.#lastRun = outcome.then(() => {
      this.#programs--;
      // An interrupt that came too late is not the next program's.
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#interruptFlag?.take();
    });
    return outcome;
  }

  async #watched<T>(program: (running: Running) => Promise<T>): Promise<T> {
    try {
      return await program(this.#ready());
    } catch (error) {
      this.noticeFatal(error);
      throw error;
    } finally {
      for (const output of this.#outputs) output.flush();
    }
  }

  /** Says so to the owner, who ends this worker, when an error means that Python itself broke. Answers whether it does. */
  noticeFatal(error: unknown): boolean {
    if (!isFatal(error)) return false;
    this.#channel.send({ type: "fatal", error: encodeError(error) });
    return true;
  }

  #connectStreams(settings: StartSettings): void {
    const { pyodide, python } = this.#ready();
    const { descriptors } = this.#platform;
    const routes = [
      [1, "stdout", pyodide.setStdout],
      [2, "stderr", pyodide.setStderr],
    ] as const;
    for (const [fd, name, connect] of routes) {
      if (settings[name] === "inherit" && descriptors !== undefined) {
        connect({ isatty: descriptors.isTerminal(fd), write: (bytes) => descriptors.write(fd, bytes) });
      } else {
        const output = new PythonOutput((text) => this.#channel.send({ type: name, text }));
        this.#outputs.push(output);
        connect(output);
      }
    }
    python.set_up(settings.argv ?? [""], settings.stdout === "events");
    this.#connectInput(settings);
  }

  #connectInput({ stdin }: StartSettings): void {
    const { pyodide, python } = this.#ready();
    const { descriptors } = this.#platform;
    if (stdin === "ask") {
      python.use_asked_input(descriptors?.isTerminal(0) ?? false);
    } else if (stdin === "inherit" && descriptors !== undefined) {
      pyodide.setStdin({ isatty: descriptors.isTerminal(0), read: (buffer) => descriptors.read(0, buffer) });
    } else {
      let rest = new TextEncoder().encode(stdin === "inherit" ? "" : stdin.text);
      const read = (buffer: Uint8Array) => {
        const count = Math.min(buffer.length, rest.length);
        buffer.set(rest.subarray(0, count));
        rest = rest.subarray(count);
        return count;
      };
      pyodide.setStdin({ read });
    }
  }

  #onOwnerEvent(event: OwnerEvent): void {
    if (event.type === "line") this.#input.give(event.line);
    else this.#interrupt();
  }

  /**
   * Ends what Python waits for. With a shared flag a busy Python has seen it already, and cleared it: then this message is
   * old news. A flag that nobody took is cleared, or the next program would be interrupted in this one's place.
   */
  #interrupt(): void {
    if (this.#interruptFlag?.take() !== false) this.#wake(true);
  }

  /**
   * Raises KeyboardInterrupt in what the program waits for: standard input, sockets, or what Python itself suspended.
   * @param isPersistent when there is nothing to end (the program is just going on, or is about to wait again), to come back
   */
  #wake(isPersistent: boolean): void {
    if (this.#running === undefined || this.#programs === 0) return;
    const { installation, python } = this.#running;
    if (this.#input.interrupt() || installation.interrupt() > 0 || python.interrupt()) return;
    if (isPersistent) this.#defer();
  }

  /** Interrupts a little later: a program that goes on and computes sees the flag, one that waits by then is woken. */
  #defer(): void {
    this.#interruptFlag?.raise();
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#interrupt();
    }, WAKE_RETRY_MS);
  }
}

/** Whether Python is beyond use after this: its WebAssembly trapped. */
function isFatal(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof Error && (error as { pyodide_fatal_error?: unknown }).pyodide_fatal_error === true;
}

/** What structured clone can't carry (a JavaScript function, a proxy of the page's) arrives as its text. */
function clonable(value: unknown): unknown {
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return value;
  try {
    structuredClone(value);
    return value;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/**
 * Makes this worker a Python host; the entry files call it.
 * @returns to be told of promises whose rejection nobody handled; answers whether it was Python's end
 */
export function hostPython(platform: Platform, port: Port): (reason: unknown) => boolean {
  const host = new PythonHost(platform, port);
  host.open();
  return (reason) => host.noticeFatal(reason);
}
