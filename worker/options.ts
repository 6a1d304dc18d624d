/** What `createPython()` takes. Everything in here crosses to the worker, or says why it does not. */
import type { AssetLocation, ConnectionEvent } from "../pyodide-ext/index.ts";

/** Where start-up is: the stage that begins. */
export interface StartProgress {
  /** `worker`: its script loads. `pyodide`, `openssl`, `packages`: these load. `ready`: `run` may be called. */
  readonly stage: "worker" | "pyodide" | "openssl" | "packages" | "ready";
}

/**
 * Gives Python's standard input a line at a time, with its line end; null is the end of input. `prompt` is set where a line editor
 * may show it; null means that Python has printed it.
 */
export type LineSource = (prompt: string | null) => string | null | Promise<string | null>;

/** Options of `createPython()`. All may be left out. */
export interface PythonOptions extends AssetLocation {
  /**
   * URL of the Wisp gateway, `wss://…` or `ws://…`. In a browser sockets need one: without it Python runs, and every
   * connection fails with an error that says so. On Node sockets are TCP, and this makes them go through the gateway instead.
   */
  readonly gateway?: string | undefined;
  /**
   * Through a gateway `connect()` succeeds at once, and TCP and TLS start in one flight: a round trip to the gateway less for
   * each connection. That there is none is told, with its own errno, by the first handshake, read or write. Default: false.
   */
  readonly optimisticConnect?: boolean | undefined;
  /** PEM text of certificate authorities to trust besides Mozilla's. */
  readonly ca?: string | readonly string[] | undefined;
  /** URL of the `pyodide.mjs` to run. Default: Pyodide's own CDN in browsers, the installed package on Node. */
  readonly pyodideUrl?: string | URL | undefined;
  /** URL of this package's worker script. Default: beside the module that is running. */
  readonly workerUrl?: string | URL | undefined;
  /**
   * When OpenSSL and the roots load. True: at the start, which waits for them. False: when Python uses TLS for the first time. Default:
   * beside Pyodide, without waiting for them, where there is a gateway or on Node; else as false.
   */
  readonly preload?: boolean | undefined;
  /**
   * Python packages to have before the first `run`: names that Pyodide distributes (`"numpy"`), and URLs of pure Python
   * wheels (`.whl`) or archives (`.zip`, `.tar.gz`) to unpack into `site-packages`.
   */
  readonly packages?: readonly (string | URL)[] | undefined;
  /** Environment variables of Python (`os.environ`). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `sys.argv`. Default: `[""]`. */
  readonly argv?: readonly string[] | undefined;
  /** Called with what Python writes to `sys.stdout`. `"inherit"` (Node): the process's own. Default: the console. */
  readonly stdout?: ((text: string) => void) | "inherit" | undefined;
  /** As `stdout`, for `sys.stderr`. */
  readonly stderr?: ((text: string) => void) | "inherit" | undefined;
  /**
   * What Python reads from `sys.stdin`: a fixed text, a function that gives lines, or `"inherit"` (Node) for the process's own.
   * Default: nothing, `input()` raises EOFError.
   */
  readonly stdin?: { readonly text: string } | LineSource | "inherit" | undefined;
  /** Called for every TLS connection that Python opens, and when something about it changes. */
  readonly onConnection?: ((connection: ConnectionEvent) => void) | undefined;
  /** Called as start-up goes on. */
  readonly onProgress?: ((progress: StartProgress) => void) | undefined;
  /** Node only: mounts the host's file system into Python and starts in the host's working directory. */
  readonly mountHost?: boolean | undefined;
}
