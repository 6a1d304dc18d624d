/** PyScript in Chromium: the page of docs/pyscript.md, with the addresses of this machine in the place of the example's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPageServer } from "../../demo/page-server.ts";
import { PLACES, ROOT } from "../../vendor/cache.ts";
import { missingChromium } from "../browser.ts";
import { GREETING, type HttpsSite } from "../package/https-site.ts";
import { HAS_REAL_MICROPIP, pyodideDistribution } from "../pyodide-distribution.ts";
import { SCREENSHOTS, startSiteAndBrowser } from "../site-and-browser.ts";

const EXAMPLE = readFileSync(join(import.meta.dirname, "page.html"), "utf8");

/** Longer than Python takes to start on a busy machine. */
const PYTHON_TIMEOUT_MS = 180_000;

function missing(): string | undefined {
  if (existsSync(PLACES.pyscript) && existsSync(PLACES.notebookWheel)) return missingChromium();
  return "it is not there (npm run vendor -- jupyterlite)";
}

/** Puts `by` in the place of the one `text`. */
function replaced(page: string, text: string, by: string): string {
  if (page.split(text).length !== 2) throw new Error(`the example has not one ${text}`);
  return page.replace(text, () => by);
}

it("docs/pyscript.md shows the page that is tested", () => {
  expect(readFileSync(join(ROOT, "docs", "pyscript.md"), "utf8")).toContain(`\`\`\`html\n${EXAMPLE}\`\`\``);
});

const stack = new AsyncDisposableStack();
let site: HttpsSite;
let gateway: string;
let browser: Browser;

describe.skipIf(missing() !== undefined)(`PyScript${missing() === undefined ? "" : `: ${missing()}`}`, () => {
  beforeAll(async () => {
    ({ site, gateway, browser } = await startSiteAndBrowser(stack));
  });
  afterAll(() => stack.disposeAsync());

  /** The example's page, with what this machine has. */
  function localPage(): string {
    const settings = new URLSearchParams({ gateway, ca: site.ca, pyodideUrl: "../pyodide/pyodide.mjs" });
    const cdn = "https://cdn.jsdelivr.net/npm/@pyscript/core@0.7.31/dist";
    let page = replaced(EXAMPLE, `${cdn}/core.css`, "./pyscript/core.css");
    page = replaced(page, `${cdn}/core.js`, "./pyscript/core.js");
    page = replaced(page, "pyodide.mjs?gateway=wss://gateway.example/", `pyodide.mjs?${settings}`);
    // PyScript asks micropip to freeze what it has installed, which the stand-in can't.
    if (!HAS_REAL_MICROPIP) page = replaced(page, "</py-config>", 'packages_cache = "never"\n</py-config>');
    return replaced(page, "https://example.org/", `https://localhost:${site.port}/`);
  }

  async function open(html: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    const server = await startPageServer({
      port: 0,
      contentSecurityPolicy: "default-src * 'unsafe-inline' 'unsafe-eval' blob: data:",
      headers,
      resources: {
        "/": { text: html, type: "text/html; charset=utf-8" },
        "/pyscript/": { folder: PLACES.pyscript },
        "/pyodide-ssl/": { folder: join(ROOT, "dist") },
        ...pyodideDistribution(),
      },
    });
    stack.defer(() => server.stop());
    const page = await browser.newPage();
    page.setDefaultTimeout(PYTHON_TIMEOUT_MS);
    await page.goto(`http://127.0.0.1:${server.port}/`);
    return page;
  }

  /** Waits until the page shows what it got at its start, presses the button, and waits again. */
  async function use(page: Page): Promise<void> {
    await page.getByText(GREETING).waitFor();
    await page.getByRole("button").click();
    await page.getByText(`${GREETING}\n${GREETING}\n`).waitFor();
  }

  it("does real TLS in the page's own thread", async () => {
    const page = await open(localPage());
    await use(page);
    await page.screenshot({ path: join(SCREENSHOTS, "pyscript.png") });
    await page.close();
  });

  it("does real TLS in a worker, where the page is cross-origin isolated", async () => {
    const page = await open(replaced(localPage(), '<script type="py">', '<script type="py" worker>'), {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    await use(page);
    await page.close();
  });
});
