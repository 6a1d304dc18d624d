/** A browser as tests see it: tabs in which expressions run. Chromium here, by Playwright; Firefox in `firefox/`. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright";

/** A tab that has loaded a page. */
export interface BrowserTab {
  /** Evaluates a JavaScript expression in the page, waits for its promise, and answers its value as JSON carries it. */
  evaluate(expression: string): Promise<unknown>;
  /** Messages of the console and uncaught errors so far, for the report of a failed test. */
  readonly console: readonly string[];
  close(): Promise<void>;
}

/** A running browser with a fresh profile. */
export interface TestBrowser extends AsyncDisposable {
  open(url: string): Promise<BrowserTab>;
}

/** Debian's Chromium. */
export const CHROMIUM = "/usr/bin/chromium";

/** Why browser tests can't run here; undefined where they can. */
export function missingChromium(): string | undefined {
  return existsSync(CHROMIUM) ? undefined : `${CHROMIUM} is not installed (apt-get install chromium)`;
}

/** Nothing that goes out to the internet, and no sandbox: it does not work for root. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

class ChromiumTab implements BrowserTab {
  readonly console: string[] = [];
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    page.on(
      "console",
      (message) => void this.console.push(`${message.type()}: ${message.text().slice(0, 2000)}`),
    );
    page.on("pageerror", (error) => void this.console.push(`uncaught: ${error.message.slice(0, 2000)}`));
  }

  evaluate(expression: string): Promise<unknown> {
    return this.#page.evaluate(expression);
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}

class Chromium implements TestBrowser {
  readonly #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  async open(url: string): Promise<BrowserTab> {
    // A context of its own is a fresh profile: no cache, no storage of another tab.
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    const tab = new ChromiumTab(page);
    page.once("close", () => void context.close().catch(() => undefined));
    await page.goto(url, { waitUntil: "load" });
    return tab;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#browser.close();
  }
}

/** Starts Chromium without a window. */
export async function startChromium(): Promise<TestBrowser> {
  return new Chromium(await chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_ARGUMENTS] }));
}
