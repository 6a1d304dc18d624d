/** What crosses between `createPython()`'s Python object and its worker. */
import type { AssetUrls, ConnectionEvent } from "../pyodide-ext/index.ts";
import type { EncodedError } from "./error-codec.ts";
import type { StartProgress } from "./options.ts";

/** Both sides must be of one build; the worker says its number first. */
export const PROTOCOL = 1;

/** An outcome as data: errors go through the codec, never through Comlink's. */
export type Reply<T> = { readonly value: T } | { readonly error: EncodedError };

/** One-way messages of the worker. */
export type WorkerEvent =
  | { readonly type: "hello"; readonly protocol: number }
  | { readonly type: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "progress"; readonly progress: StartProgress }
  | { readonly type: "connection"; readonly connection: ConnectionEvent }
  /** Python waits for a line of standard input. `prompt` is for line editors; null: the text is on the screen already. */
  | { readonly type: "read-line"; readonly prompt: string | null }
  /** Python is beyond use; the owner ends the worker. */
  | { readonly type: "fatal"; readonly error: EncodedError };

/** One-way messages to the worker. */
export type OwnerEvent =
  | { readonly type: "interrupt" }
  /** Answers `read-line`. Null is the end of input. */
  | { readonly type: "line"; readonly line: string | null };

/** Where an output stream goes: as events, or (Node) straight to the process's file descriptor. */
export type OutputRoute = "events" | "inherit";

/** Where standard input comes from: a fixed text, lines asked of the owner, the process's descriptor (Node). */
export type InputRoute = { readonly text: string } | "ask" | "inherit";

/** `PythonOptions` as the worker gets them: nothing in it that can't be cloned. */
export interface StartSettings {
  readonly gateway?: string;
  readonly optimisticConnect: boolean;
  readonly ca?: string | readonly string[];
  readonly pyodideUrl?: string;
  readonly assets: AssetUrls;
  readonly preload: boolean | undefined;
  readonly packages: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  readonly stdin: InputRoute;
  readonly stdout: OutputRoute;
  readonly stderr: OutputRoute;
  readonly wantsConnections: boolean;
  readonly mountHost: boolean;
  /** One shared byte: Pyodide's interrupt buffer. Absent where memory can't be shared. */
  readonly interruptBuffer?: SharedArrayBuffer;
}

/** Versions of what started. */
export interface PythonVersions {
  /** `"314.0.7"` */
  readonly pyodide: string;
  /** `"3.14.2"` */
  readonly python: string;
  /** `"OpenSSL 3.5.7 …"`: what runs, not what Pyodide was built with. */
  readonly openssl: string;
}

/** Options of {@link Python.run}. */
export interface RunOptions {
  /** Shown in tracebacks. Default `"<run>"`. */
  readonly filename?: string | undefined;
  /** Runs the code in a fresh namespace with these names. Without it code runs in `__main__`, which keeps its names. */
  readonly globals?: Readonly<Record<string, unknown>> | undefined;
}

/** An entry of a folder. */
export interface FileEntry {
  /** Without its folder. */
  readonly name: string;
  /** `other` is what is neither, a device say. */
  readonly type: "file" | "directory" | "other";
  /** In bytes; 0 for what is no file. */
  readonly size: number;
}

/** The calls that the worker answers. */
export interface WorkerCalls {
  start(settings: StartSettings): Promise<Reply<PythonVersions>>;
  run(code: string, options: RunOptions): Promise<Reply<unknown>>;
  /** Runs `pyodide_ssl._cli` (Node) and answers the exit status. `options` is JSON that `cli/` and it agree on. */
  runMain(options: string): Promise<Reply<number>>;
  writeFile(path: string, content: string | Uint8Array): Promise<Reply<void>>;
  readFile(path: string): Promise<Reply<Uint8Array>>;
  mkdir(path: string, isRecursive: boolean): Promise<Reply<void>>;
  list(path: string): Promise<Reply<FileEntry[]>>;
  remove(path: string, isRecursive: boolean): Promise<Reply<void>>;
}
