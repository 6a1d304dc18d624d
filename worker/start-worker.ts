/** `createPython()` for every platform: starts a worker, has it start Python, and leaves nothing behind when that fails. */
import { assetUrls } from "../pyodide-ext/exports.ts";
import { PythonStartError, WorkerLostError } from "./errors.ts";
import type { PythonOptions } from "./options.ts";
import type { InputRoute, StartSettings } from "./protocol.ts";
import { PROTOCOL } from "./protocol.ts";
import { Python, WorkerConnection } from "./python.ts";
import type { OwnerPlatform, WorkerHandle } from "./worker-handle.ts";

/** How long the worker's script may take to load and to say hello. A script that is not ours never does. */
const HELLO_TIMEOUT_MS = 60_000;

function inputRoute(stdin: PythonOptions["stdin"]): InputRoute {
  return typeof stdin === "function" ? "ask" : (stdin ?? { text: "" });
}

/** A name of a package, or the absolute URL of an archive. */
function packageReference(item: string | URL, baseUrl: string): string {
  const text = String(item);
  const isName =
    typeof item === "string" && !text.includes("/") && !/\.(whl|zip|tar|tgz|tar\.gz)$/.test(text);
  return isName ? text : new URL(text, baseUrl).href;
}

/** A gateway's address as a WebSocket takes it: `/wisp/` and `https:` addresses are allowed. */
function gatewayUrl(gateway: string, baseUrl: string): string {
  const url = new URL(gateway, baseUrl);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}

function settingsFrom(
  options: PythonOptions,
  { baseUrl }: OwnerPlatform,
  interruptBuffer: SharedArrayBuffer | undefined,
): StartSettings {
  const absolute = (url: string | URL) => new URL(url, baseUrl).href;
  const { gateway, ca, pyodideUrl, env, argv } = options;
  return {
    ...(gateway === undefined ? {} : { gateway: gatewayUrl(gateway, baseUrl) }),
    ...(ca === undefined ? {} : { ca }),
    ...(pyodideUrl === undefined ? {} : { pyodideUrl: absolute(pyodideUrl) }),
    ...(env === undefined ? {} : { env }),
    ...(argv === undefined ? {} : { argv }),
    ...(interruptBuffer === undefined ? {} : { interruptBuffer }),
    // This module's bundler may have moved the assets; the worker's script would not know where.
    assets: assetUrls(options, baseUrl),
    optimisticConnect: options.optimisticConnect ?? false,
    preload: options.preload,
    packages: (options.packages ?? []).map((item) => packageReference(item, baseUrl)),
    stdin: inputRoute(options.stdin),
    stdout: options.stdout === "inherit" ? "inherit" : "events",
    stderr: options.stderr === "inherit" ? "inherit" : "events",
    wantsConnections: options.onConnection !== undefined,
    mountHost: options.mountHost ?? false,
  };
}

/** Waits for the worker's script to run, and checks that it is of this build. */
async function awaitHello(connection: WorkerConnection, url: URL): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = HELLO_TIMEOUT_MS / 1000;
    reject(
      new PythonStartError(
        "worker",
        `the worker ${url.href} said nothing for ${seconds} s; is it pyodide-ssl's worker script?`,
      ),
    );
  }, HELLO_TIMEOUT_MS);
  try {
    const protocol = await Promise.race([connection.hello, late]);
    if (protocol === PROTOCOL) return;
  } finally {
    clearTimeout(timer);
  }
  throw new PythonStartError(
    "worker",
    `the worker ${url.href} is of another version of pyodide-ssl; serve both files from one build`,
  );
}

function startWorker(platform: OwnerPlatform, url: URL): WorkerHandle {
  try {
    return platform.startWorker(url);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new PythonStartError("worker", `the worker ${url.href} could not be started: ${text}`, {
      cause: error,
    });
  }
}

/**
 * Starts a worker with Python in it.
 * @throws {PythonStartError} (as rejection) it could not start; the worker is gone again
 */
export async function startPython(options: PythonOptions, platform: OwnerPlatform): Promise<Python> {
  const flag = platform.sharedByte();
  const settings = settingsFrom(options, platform, flag);
  const url =
    options.workerUrl === undefined ? platform.workerUrl : new URL(options.workerUrl, platform.baseUrl);
  options.onProgress?.({ stage: "worker" });
  const connection = new WorkerConnection(startWorker(platform, url), platform, options, flag);
  try {
    await awaitHello(connection, url);
    return new Python(connection, await connection.start(settings));
  } catch (error) {
    await connection.end(new WorkerLostError("terminated", "start-up failed"));
    if (!(error instanceof WorkerLostError)) throw error;
    throw new PythonStartError("worker", `the worker ${url.href} ended while starting: ${error.message}`, {
      cause: error,
    });
  }
}
