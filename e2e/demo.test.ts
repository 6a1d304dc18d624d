/** The demo as its user meets it: started by its command, used in a browser with mouse, keyboard and a phone's screen. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CHROMIUM, missingChromium } from "./browser.ts";
import { ServerProcess } from "./peers/child.ts";
import { describeInBrowser } from "./suite.ts";

const ROOT = join(import.meta.dirname, "..");
const ARTIFACTS = join(ROOT, "artifacts");
/** Python's start, or one example: generous, since all tests share few cores. */
const PATIENCE_MS = 90_000;

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

let demo: ServerProcess;
let browser: Browser;
let url: string;
/** Opened once: Python's start is the slow part, and tests leave it ready for the next one. */
let desktop: Visit;

beforeAll(async () => {
  if (missingChromium() !== undefined) return;
  mkdirSync(ARTIFACTS, { recursive: true });
  demo = new ServerProcess(process.execPath, [join(ROOT, "demo", "start.ts"), "--port", "0"]);
  url = await demo.untilReady((output) => /Open\s+(http:\S+)/.exec(output)?.[1]);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  desktop = await visit({ viewport: DESKTOP });
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

/** The page in a fresh profile, with everything it complained about or asked of other hosts. */
interface Visit {
  readonly page: Page;
  readonly complaints: string[];
  readonly strangers: string[];
}

async function visit(options: BrowserContextOptions): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error).slice(0, 500)));
  page.on("console", (message) => {
    const isComplaint = message.type() === "error" || message.type() === "warning";
    if (isComplaint) complaints.push(message.text().slice(0, 500));
  });
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== new URL(url).host) strangers.push(request.url());
  });
  await page.goto(url);
  await reaches(page, "ready");
  return { page, complaints, strangers };
}

/** Waits for a state; a page that fails to start says why in its output. */
async function reaches(page: Page, state: "ready" | "running"): Promise<void> {
  const reached = page.locator(`#status[data-state="${state}"], #status[data-state="failed"]`);
  await reached.waitFor();
  const is = await page.locator("#status").getAttribute("data-state");
  if (is === "failed") throw new Error(`the page failed: ${await page.locator("#output").innerText()}`);
}

/** Runs what is in the editor and answers what it printed. */
async function run(page: Page): Promise<string> {
  await page.locator("#clear-output").click();
  await page.locator("#run").click();
  await page.locator("#output .o-note", { hasText: "Finished" }).waitFor();
  return page.locator("#output").innerText();
}

/** Runs an example; the inspector shows its connections only. */
async function runExample(page: Page, id: string): Promise<string> {
  await page.locator("#clear-connections").click();
  await page.locator(`[data-id="${id}"]`).click();
  return run(page);
}

/** Opens the newest connection of the list and answers its text. */
async function openConnection(page: Page, index = 0): Promise<string> {
  const entry = page.locator("#connections > li").nth(index);
  await entry.locator("summary").first().click();
  await entry.locator(".facts").waitFor();
  return entry.innerText();
}

describeInBrowser("the keyboard", () => {
  it("is enough to use the page, and Tab is not caught in the editor", async () => {
    const { page } = desktop;
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the editor");
    await page.keyboard.press("Enter");
    await page.locator("#source").focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("for i in range(2):\nprint('line', i)");
    expect(await page.locator("#source").inputValue()).toBe("for i in range(2):\n    print('line', i)");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("source");
    await page.keyboard.press("ControlOrMeta+Enter");
    await page.locator("#output", { hasText: "line 1" }).waitFor();
    await page.locator("#output .o-note", { hasText: "Finished" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("run");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("interrupt");
  });
});

describeInBrowser("the examples", () => {
  it("GETs with requests and shows the connection with its chain, up to the demo's own root", async () => {
    const { page } = desktop;
    const output = await runExample(page, "get");
    expect(output).toContain("200 OK · HTTP version 11");
    expect(output).toContain("protocol: TLSv1.3");
    const connection = await openConnection(page);
    for (const fact of ["TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519MLKEM768", "up to a trusted root"]) {
      expect(connection).toContain(fact);
    }
    const names = await page.locator("#connections .chain .who").allInnerTexts();
    expect(names.map((name) => name.split("\n")[0]?.trim())).toEqual([
      expect.stringContaining("localhost"),
      expect.stringContaining("Demo Intermediate CA"),
      expect.stringContaining("Demo Root CA"),
    ]);
    expect(connection).toMatch(/\d+ days left/);
    await page.screenshot({ path: join(ARTIFACTS, "demo-desktop-light.png") });
  });

  it("POSTs JSON, and both requests of the session share one connection", async () => {
    const { page } = desktop;
    const output = await runExample(page, "post");
    expect(output).toContain("sent back: {'item': 'teapot', 'count': 2, 'gift': True}");
    expect(output).toContain("user-agent: python-requests/");
    expect(await page.locator("#connections > li").count()).toBe(1);
  });

  it("explains three certificates that must not be trusted, in OpenSSL's words", async () => {
    const { page } = desktop;
    await page.emulateMedia({ colorScheme: "dark" });
    const output = await runExample(page, "errors");
    expect(output).toContain("✓ a good one: 200 OK");
    expect(output).toContain("✗ expired certificate: certificate has expired (10)");
    expect(output).toContain("✗ another host's certificate: Hostname mismatch");
    expect(output).toContain("✗ unknown authority: unable to get local issuer certificate (20)");
    expect(await page.locator('#connections > li[data-tone="bad"]').count()).toBe(3);
    expect(await page.locator('#connections > li[data-tone="good"]').count()).toBe(1);
    const expired = await openConnection(page, 2);
    expect(expired).toContain("certificate has expired");
    expect(expired).toContain("expired 7 days ago");
    await page.screenshot({ path: join(ARTIFACTS, "demo-desktop-dark.png") });
    await page.emulateMedia({ colorScheme: "light" });
  });

  it("shows a client certificate to the server that demands one", async () => {
    const { page } = desktop;
    const output = await runExample(page, "client");
    expect(output).toMatch(/without a certificate: \w+Error/);
    expect(output).toContain("with one: Ada Lovelace · issued by Demo Intermediate CA");
  });

  it("speaks TLS over a socket of its own", async () => {
    const { page } = desktop;
    const output = await runExample(page, "socket");
    expect(output).toContain("TLSv1.3 TLS_AES_256_GCM_SHA384 TLSv1.3 256");
    expect(output).toContain("commonName: localhost");
    expect(output).toContain("<h1>Hello from the local HTTPS site</h1>");
  });

  it("runs urllib.request", async () => {
    const { page } = desktop;
    const output = await runExample(page, "urllib");
    expect(output).toContain("200 text/html; charset=utf-8");
    expect(output).toContain("'body': 'name=Ada&born=1815'");
  });

  it("downloads 50 MB with the right hash, and counts the bytes", async () => {
    const { page } = desktop;
    const output = await runExample(page, "download");
    expect(output).toMatch(/50 MB in [\d.]+ s: \d+ MB\/s/);
    expect(output).toContain("SHA-256 is right");
    expect(await page.locator("#connections .traffic").innerText()).toMatch(/50\.\d MB/);
  });

  it("resumes a session, and says so", async () => {
    const { page } = desktop;
    const output = await runExample(page, "resume");
    expect(output).toMatch(/resumed: False\s+resumed: True/);
    await page.locator("#connections > li").first().locator(".chip", { hasText: "resumed" }).waitFor();
    expect(await page.locator("#connections .chip").count()).toBe(1);
  });
});

describeInBrowser("the page", () => {
  it("puts an uncaught exception's own text first and folds the traceback away", async () => {
    const { page } = desktop;
    await page.locator("#source").fill("import requests\nrequests.get('https://localhost:1/')");
    await run(page);
    const error = page.locator("#output .o-error");
    expect(await error.locator("strong").innerText()).toMatch(/^requests\.exceptions\.ConnectionError: /);
    expect(await error.locator("details pre").isVisible()).toBe(false);
    await error.locator("summary").click();
    expect(await error.locator("details pre").innerText()).toContain('File "example.py", line 2');
  });

  it("interrupts a program that waits for a server, and is ready for the next one", async () => {
    const { page } = desktop;
    await page.locator("#source").fill("import time\nprint('waiting')\ntime.sleep(600)");
    await page.locator("#run").click();
    await page.locator("#output", { hasText: "waiting" }).waitFor();
    await page.locator("#interrupt").click();
    await page.locator("#output .o-error strong", { hasText: "KeyboardInterrupt" }).waitFor();
    await reaches(page, "ready");
    expect(await runExample(page, "get")).toContain("200 OK");
  });

  it("restarts out of an endless loop", async () => {
    const { page } = desktop;
    await page.locator("#source").fill("while True: pass");
    await page.locator("#run").click();
    await reaches(page, "running");
    await page.locator("#restart").click();
    await page.locator("#output", { hasText: "Ready after" }).waitFor();
    expect(await runExample(page, "get")).toContain("200 OK");
  });

  it("fits a phone: nothing is wider than the screen, and everything works there", async () => {
    const { page, complaints } = await visit({
      viewport: PHONE,
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
    });
    expect(await runExample(page, "get")).toContain("200 OK");
    await openConnection(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(PHONE.width);
    await page.screenshot({ path: join(ARTIFACTS, "demo-phone.png"), fullPage: true });
    expect(complaints).toEqual([]);
  });
});

describeInBrowser("after all that", () => {
  it("has asked no other host for anything, and the browser had nothing to complain about", () => {
    expect(desktop.strangers).toEqual([]);
    expect(desktop.complaints).toEqual([]);
  });

  it("says what is wrong when the gateway of the settings can't be reached", async () => {
    const { page } = desktop;
    await page.locator("#settings summary").click();
    await page.locator("#gateway").fill("ws://127.0.0.1:1/");
    await page.locator("#settings-form [type=submit]").click();
    await page.locator("#output", { hasText: "Ready after" }).waitFor();
    await runExample(page, "urllib");
    expect(await page.locator("#output .o-error strong").innerText()).toMatch(/gateway|127\.0\.0\.1:1/i);
  });
});

describeInBrowser("npm start", () => {
  it("says which port is in use, and what to do", async () => {
    const { port } = new URL(url);
    const second = new ServerProcess(process.execPath, [join(ROOT, "demo", "start.ts"), "--port", port]);
    const failed = second.untilReady(() => undefined);
    await expect(failed).rejects.toThrow(`port ${port} is in use`);
  });
});
