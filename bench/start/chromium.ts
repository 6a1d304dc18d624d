/** Starts in Chromium: a fresh browser with an empty profile for each, driven by nobody. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ROOT } from "../../vendor/cache.ts";
import type { Start, StartSettings } from "./first-response.ts";

const PYODIDE = dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));
const FOLDERS: Readonly<Record<string, string>> = { ours: join(ROOT, "dist"), pyodide: PYODIDE };

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

const HTML = `<!doctype html><meta charset="utf-8"><title>start</title><link rel="icon" href="data:,">
<script type="importmap">{"imports": {"pyodide": "./pyodide/pyodide.mjs", "pyodide-ssl": "./ours/index.js"}}</script>
<script type="module" src="./page.js"></script>`;

const OPTIONS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
];

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["pyodide", "pyodide-ssl"],
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

async function end(browser: ChildProcess): Promise<void> {
  if (browser.exitCode !== null || browser.signalCode !== null) return;
  const gone = once(browser, "exit");
  browser.kill();
  await gone;
}

/** Serves the page, and answers what starts it in a fresh browser. */
export async function pageStarts(): Promise<{
  readonly start: (settings: StartSettings) => Promise<Start>;
}> {
  const script = await bundlePage();
  let settings: StartSettings | undefined;
  let tell: (outcome: Start | { error: string }) => void = () => undefined;
  const texts: Readonly<Record<string, () => readonly [type: string, text: string]>> = {
    "/": () => ["text/html; charset=utf-8", HTML],
    "/page.js": () => ["text/javascript", script],
    "/settings.json": () => ["application/json", JSON.stringify(settings)],
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/stages") {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        response.end();
        tell(JSON.parse(body) as Start | { error: string });
      });
      return;
    }
    const text = texts[pathname]?.();
    const [, folder = "", ...path] = pathname.split("/");
    const root = FOLDERS[folder];
    try {
      if (text !== undefined) return void response.setHeader("Content-Type", text[0]).end(text[1]);
      if (root === undefined) throw new Error(pathname);
      const type = TYPES[extname(pathname)] ?? "application/octet-stream";
      response.setHeader("Content-Type", type).end(readFileSync(join(root, ...path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    async start(wanted) {
      settings = wanted;
      const { promise, resolve } = Promise.withResolvers<Start | { error: string }>();
      tell = resolve;
      const profile = mkdtempSync(join(tmpdir(), "start-up-"));
      const command = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
      const address = `http://localhost:${port}/`;
      const browser = spawn(command, [...OPTIONS, `--user-data-dir=${profile}`, address], {
        stdio: "ignore",
      });
      try {
        const gone = once(browser, "exit").then(() => ({ error: "Chromium ended" }));
        const outcome = await Promise.race([promise, gone]);
        if ("error" in outcome) throw new Error(String(outcome.error));
        return outcome;
      } finally {
        await end(browser);
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}
