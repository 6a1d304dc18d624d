/**
 * Firefox, driven by WebDriver BiDi over its WebSocket: only the few commands that tests need. Debian's `firefox-esr`
 * speaks it without a driver of its own.
 *
 * Follows the W3C's WebDriver BiDi: §4.2 (commands), `session.new`, `browsingContext.*`, `script.evaluate`, `log.entryAdded`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import type { BrowserTab, TestBrowser } from "../browser.ts";

/** Debian's Firefox. */
export const FIREFOX = "/usr/bin/firefox-esr";

/** Why tests in Firefox can't run here; undefined where they can. */
export function missingFirefox(): string | undefined {
  return existsSync(FIREFOX) ? undefined : `${FIREFOX} is not installed (apt-get install firefox-esr)`;
}

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 5_000;

/** Nothing of Firefox's own goes to the network, and no page but the test's opens. */
const PREFERENCES: Readonly<Record<string, string | number | boolean>> = {
  "app.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "remote.prefs.recommended": true,
  "services.settings.server": "data:,#remote-settings-off",
  "toolkit.telemetry.enabled": false,
};

interface Message {
  readonly type: "success" | "error" | "event";
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly method?: string;
  readonly params?: unknown;
}

/** One BiDi session: commands by number, events to listeners. */
class BidiSession {
  readonly #socket: WebSocket;
  readonly #pending = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #listeners = new Set<(method: string, parameters: unknown) => void>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#onMessage(JSON.parse(data.toString("utf8")) as Message));
    socket.on("close", () => {
      for (const { reject } of this.#pending.values()) reject(new Error("Firefox closed the connection"));
      this.#pending.clear();
    });
    socket.on("error", () => {});
  }

  #onMessage(message: Message): void {
    if (message.type === "event") {
      for (const listener of this.#listeners) listener(message.method ?? "", message.params);
      return;
    }
    const waiting = this.#pending.get(message.id ?? -1);
    this.#pending.delete(message.id ?? -1);
    if (message.type === "success") waiting?.resolve(message.result);
    else waiting?.reject(new Error(`Firefox: ${message.error ?? ""}: ${message.message ?? ""}`));
  }

  send(method: string, parameters: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params: parameters }));
    return promise;
  }

  listen(listener: (method: string, parameters: unknown) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#socket.close();
  }
}

interface LogEntry {
  readonly level: string;
  readonly text: string | null;
  readonly source: { readonly context?: string };
}

type EvaluateResult =
  | { readonly type: "success"; readonly result: { readonly value?: string } }
  | { readonly type: "exception"; readonly exceptionDetails: { readonly text: string } };

class FirefoxTab implements BrowserTab {
  readonly console: string[] = [];
  readonly #session: BidiSession;
  readonly #context: string;

  constructor(session: BidiSession, context: string) {
    this.#session = session;
    this.#context = context;
    session.listen((method, parameters) => {
      if (method !== "log.entryAdded") return;
      const entry = parameters as LogEntry;
      if (entry.source.context === context)
        this.console.push(`${entry.level}: ${(entry.text ?? "").slice(0, 2000)}`);
    });
  }

  async evaluate(expression: string): Promise<unknown> {
    const outcome = (await this.#session.send("script.evaluate", {
      // As text, since BiDi's own form of values is not JSON.
      expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
      target: { context: this.#context },
      awaitPromise: true,
    })) as EvaluateResult;
    if (outcome.type === "exception") throw new Error(outcome.exceptionDetails.text);
    return JSON.parse(outcome.result.value ?? "null");
  }

  async close(): Promise<void> {
    await this.#session.send("browsingContext.close", { context: this.#context });
  }
}

class Firefox implements TestBrowser {
  readonly #session: BidiSession;
  readonly #stop: () => Promise<void>;

  constructor(session: BidiSession, stop: () => Promise<void>) {
    this.#session = session;
    this.#stop = stop;
  }

  async open(url: string): Promise<BrowserTab> {
    const { context } = (await this.#session.send("browsingContext.create", { type: "tab" })) as {
      context: string;
    };
    const tab = new FirefoxTab(this.#session, context);
    await this.#session.send("browsingContext.navigate", { context, url, wait: "complete" });
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.close();
    await this.#stop();
  }
}

/** Starts Firefox without a window and with a fresh profile. */
export async function startFirefox(): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "pyodide-ssl-firefox-"));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const child = spawn(
    FIREFOX,
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"],
    {
      // A group of its own: Firefox's content processes end with it.
      detached: true,
      env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const killGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // Gone already.
    }
  };
  const killAtExit = (): void => killGroup("SIGKILL");
  process.once("exit", killAtExit);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      killGroup("SIGTERM");
      const killer = setTimeout(() => killGroup("SIGKILL"), STOP_DEADLINE_MS);
      await gone;
      clearTimeout(killer);
    }
    process.off("exit", killAtExit);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let output = "";
      const fail = (why: string): void => reject(new Error(`Firefox ${why}\n${output.slice(-2000)}`));
      const timer = setTimeout(() => fail("did not start in time"), START_DEADLINE_MS);
      child.once("exit", (code) => fail(`ended with ${String(code)}`));
      child.once("error", reject);
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(output);
        if (found?.[1] === undefined) return;
        clearTimeout(timer);
        resolve(found[1]);
      });
    });
    const socket = new WebSocket(`${address}/session`, { maxPayload: 64 << 20 });
    await once(socket, "open");
    const session = new BidiSession(socket);
    await session.send("session.new", { capabilities: {} });
    await session.send("session.subscribe", { events: ["log.entryAdded"] });
    return new Firefox(session, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}
