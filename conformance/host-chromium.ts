/** Tests in headless Chromium: the built package in a page without COOP and COEP headers and without a gateway. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserTab, startChromium, type TestBrowser } from "../e2e/browser.ts";
import { startSite } from "../e2e/harness.ts";
import { runInPage } from "../e2e/page-python.ts";
import { type Build, type Host, type Interpreter, type OutputListener, TEST_ENVIRONMENT } from "./host.ts";

const ARCHIVE_PATH = "/tests.zip";

/** In the page: what Python wrote waits in a queue, from which {@link PAGE_NEXT} takes it. */
const PAGE_START = `
  const queue = globalThis.queue = { pieces: [], wake: undefined };
  const push = (stream) => (text) => {
    queue.pieces.push([stream, text]);
    queue.wake?.();
  };
  globalThis.python = await pyodideSsl.createPython({
    pyodideUrl: "/pyodide/pyodide.mjs",
    packages: [archive],
    env,
    stdout: push("stdout"),
    stderr: push("stderr"),
  });
  return globalThis.python.versions;
`;

/** In the page: waits for output, and takes all that is there. Null when Python is gone and nothing is left. */
const PAGE_NEXT = `
  const { queue } = globalThis;
  if (queue.pieces.length === 0) {
    const closed = globalThis.python.closed.then(() => null);
    const more = new Promise((resolve) => { queue.wake = resolve; });
    await Promise.race([closed, more]);
    if (queue.pieces.length === 0) return null;
  }
  return queue.pieces.splice(0);
`;

class PageInterpreter implements Interpreter {
  readonly python: string;
  readonly openssl: string;
  readonly #tab: BrowserTab;
  readonly #pump: Promise<void>;

  constructor(tab: BrowserTab, versions: { python: string; openssl: string }, onOutput: OutputListener) {
    this.#tab = tab;
    this.python = versions.python;
    this.openssl = versions.openssl;
    this.#pump = this.#forward(onOutput).catch(() => undefined);
  }

  async #forward(onOutput: OutputListener): Promise<void> {
    for (;;) {
      const pieces = (await runInPage(this.#tab, PAGE_NEXT)) as
        | [stream: "stdout" | "stderr", text: string][]
        | null;
      if (pieces === null) return;
      for (const piece of pieces) onOutput(...piece);
    }
  }

  async run(code: string): Promise<void> {
    // The code's last output is in the queue before the call settles; a line behind it tells that it has come over.
    try {
      await runInPage(this.#tab, "await python.run(code);", { code });
    } finally {
      await runInPage(this.#tab, "await python.terminate();").catch(() => undefined);
      await this.#pump;
    }
  }

  async interrupt(): Promise<void> {
    await runInPage(this.#tab, "python.interrupt();");
  }

  async terminate(): Promise<void> {
    await runInPage(this.#tab, "await python.terminate();").catch(() => undefined);
    await this.#pump;
    await this.#tab.close();
  }
}

class ChromiumHost implements Host {
  readonly #browser: TestBrowser;
  readonly #url: string;
  readonly #stack: AsyncDisposableStack;

  constructor(browser: TestBrowser, url: string, stack: AsyncDisposableStack) {
    this.#browser = browser;
    this.#url = url;
    this.#stack = stack;
  }

  async start(onOutput: OutputListener): Promise<Interpreter> {
    const tab = await this.#browser.open(this.#url);
    try {
      const parameters = { archive: ARCHIVE_PATH, env: TEST_ENVIRONMENT };
      const versions = await runInPage(tab, PAGE_START, parameters);
      return new PageInterpreter(tab, versions as { python: string; openssl: string }, onOutput);
    } catch (error) {
      await tab.close();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** @param archive what {@link packTests} made */
export async function startChromiumHost(archive: Uint8Array, build: Build): Promise<Host> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-conformance-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "tests.zip");
  writeFileSync(file, archive);
  const site = await startSite({
    [ARCHIVE_PATH]: { file },
    "/dist/": { folder: build.dist },
    "/pyodide/": { folder: build.pyodide },
  });
  stack.defer(() => site.stop());
  const browser = stack.use(await startChromium());
  return new ChromiumHost(browser, site.url, stack.move());
}
