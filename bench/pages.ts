/** The contestants that are pages in Chromium: this package through the gateway, and its transport without TLS. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser } from "playwright";
import { type PageServer, startPageServer } from "../demo/page-server.ts";
import { ROOT } from "../vendor/cache.ts";
import type { Contestant, Origin, Session } from "./contestant.ts";
import type { BenchSettings } from "./page/settings.ts";

const PAGES = join(import.meta.dirname, "page");
const PYODIDE = dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));

/** What pages need of the harness. */
export interface PageEnvironment {
  readonly browser: Browser;
  readonly gateway: string;
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [join(PAGES, entry)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["pyodide-ssl"],
    logLevel: "error",
  });
  return result.outputFiles[0]?.text ?? "";
}

const HTML = `<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">
<script type="importmap">{"imports": {"pyodide-ssl": "/pyodide-ssl/index.js"}}</script>
<script type="module" src="/page.js"></script>`;

function servePage(script: string, settings: BenchSettings): Promise<PageServer> {
  return startPageServer({
    port: 0,
    contentSecurityPolicy: "",
    resources: {
      "/": { text: HTML, type: "text/html; charset=utf-8" },
      "/page.js": { text: script, type: "text/javascript" },
      "/settings.json": { text: JSON.stringify(settings), type: "application/json" },
      "/pyodide-ssl/": { folder: join(ROOT, "dist") },
      "/pyodide/": { folder: PYODIDE },
    },
  });
}

/** Opens a page in a fresh profile: nothing is in a cache. */
async function openPage(environment: PageEnvironment, script: string, origin: Origin): Promise<Session> {
  await using stack = new AsyncDisposableStack();
  const server = await servePage(script, {
    gateway: environment.gateway,
    ca: readFileSync(origin.caFile, "utf8"),
    port: origin.port,
    source: readFileSync(join(import.meta.dirname, "measure.py"), "utf8"),
  });
  stack.defer(() => server.stop());
  const context = await environment.browser.newContext();
  stack.defer(() => context.close());
  const page = await context.newPage();
  await page.goto(`http://localhost:${server.port}/`);
  const startupMs = await page.evaluate(async () => (await window.bench).startupMs);
  const held = stack.move();
  return {
    startupMs,
    measure: (what, { port }, count) =>
      page.evaluate(async (call) => (await window.bench).measure(call.what, call.port, call.count), {
        what,
        port,
        count,
      }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Makes the page contestants. */
export async function pageContestants(environment: PageEnvironment): Promise<Contestant[]> {
  const [ours, plain] = await Promise.all([bundle("ours.ts"), bundle("plain.ts")]);
  const chromium = `Chromium ${environment.browser.version()}`;
  return [
    {
      name: "ours, Chromium",
      about: `this package's createPython() in ${chromium}, through the gateway; start-up from the start of the page, files uncompressed from this machine`,
      isPlain: false,
      open: (origin) => openPage(environment, ours, origin),
    },
    {
      name: "no TLS, Chromium",
      about: `plain HTTP over this package's Wisp transport in ${chromium}, without Python and TLS: the limit of the way through the gateway`,
      isPlain: true,
      open: (origin) => openPage(environment, plain, origin),
    },
  ];
}
