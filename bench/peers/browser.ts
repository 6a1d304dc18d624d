/**
 * Chromium without Playwright. Playwright, like open developer tools, has Chromium tell it of every WebSocket message, as base64 in
 * JSON, which costs more than the message itself; here only the protocol's `Page` and `Runtime` are on.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What Linux's clock ticks are: 100 a second. */
const MS_PER_TICK = 10;

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** One page in a browser of its own. */
export interface BrowserPage extends AsyncDisposable {
  readonly version: string;
  /** The value of a JavaScript expression, awaited. @throws {Error} with what it threw */
  evaluate(expression: string): Promise<unknown>;
  /** Processor time of the page's process so far. */
  cpuMs(): Promise<number>;
}

/** @param preload a script that runs before the page's own */
export async function openPage(url: string, preload: string): Promise<BrowserPage> {
  await using stack = new AsyncDisposableStack();
  const profile = mkdtempSync(join(tmpdir(), "pyodide-ssl-browser-"));
  stack.defer(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  const child = spawn(
    process.env["CHROMIUM"] ?? "chromium",
    [
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      ...["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync", "--disable-renderer-backgrounding"],
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  stack.defer(() => end(child));
  const protocol = await connect(await debuggerUrl(child));
  stack.defer(() => protocol.close());
  const { product } = (await protocol.call("Browser.getVersion")) as { product: string };
  const { targetId } = (await protocol.call("Target.createTarget", { url: "about:blank" })) as {
    targetId: string;
  };
  const { sessionId } = (await protocol.call("Target.attachToTarget", { targetId, flatten: true })) as {
    sessionId: string;
  };
  await protocol.call("Page.enable", {}, sessionId);
  await protocol.call("Page.addScriptToEvaluateOnNewDocument", { source: preload }, sessionId);
  await protocol.call("Page.navigate", { url }, sessionId);
  const held = stack.move();
  return {
    version: product,
    async evaluate(expression) {
      const parameters = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = (await protocol.call(
        "Runtime.evaluate",
        parameters,
        sessionId,
      )) as {
        result: { value?: unknown; description?: string };
        exceptionDetails?: unknown;
      };
      if (exceptionDetails !== undefined) throw new Error(result.description ?? String(result.value));
      return result.value;
    },
    async cpuMs() {
      const { processInfo } = (await protocol.call("SystemInfo.getProcessInfo")) as {
        processInfo: { type: string; id: number }[];
      };
      return processInfo
        .filter(({ type }) => type === "renderer")
        .reduce((sum, { id }) => sum + cpuMsOf(id), 0);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

async function debuggerUrl(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr ?? process.stdin })) {
    const url = /^DevTools listening on (ws:.*)$/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stderr?.resume();
    return url;
  }
  throw new Error("Chromium ended before it said where its debugger listens");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

interface Protocol {
  call(method: string, params?: object, sessionId?: string): Promise<unknown>;
  close(): void;
}

async function connect(url: string): Promise<Protocol> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as Reply;
    const call = waiting.get(id ?? 0);
    waiting.delete(id ?? 0);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  };
  socket.onclose = () => {
    for (const call of waiting.values()) call.reject(new Error("Chromium has ended"));
  };
  await once(socket, "open");
  let last = 0;
  return {
    call(method, params = {}, sessionId) {
      const call = Promise.withResolvers<unknown>();
      waiting.set(++last, call);
      socket.send(
        JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) }),
      );
      return call.promise;
    },
    close: () => socket.close(),
  };
}
