/** `npm start`: the page, the gateway and the local HTTPS site, until Ctrl-C. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Gateway, startGateway } from "pyodide-ssl/gateway";
import { PLACES } from "../vendor/cache.ts";
import { vendor } from "../vendor/vendor.ts";
import { HELP, parseOptions, type StartOptions, UsageError } from "./options.ts";
import type { PageSettings } from "./page/page.ts";
import { type PageServer, startPageServer } from "./page-server.ts";
import { type HttpsSite, startHttpsSite } from "./site/https-site.ts";

const PAGE = join(import.meta.dirname, "page");
const DIST = join(dirname(import.meta.dirname), "dist");
const PYODIDE = dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));

/** The site's first port is as far above the page's as 8443 is above 8000; 0, which is any free one, where that is none. */
function sitePort(pagePort: number): number {
  return pagePort === 0 || pagePort > 65_000 ? 0 : pagePort + 443;
}

function say(line: string): void {
  process.stderr.write(`demo: ${line}\n`);
}

/** Gets the Python packages; without them the page still works, with urllib. */
async function packagesArchive(): Promise<string | undefined> {
  try {
    await vendor(["packages"], say);
    return PLACES.packagesZip;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    say("going on without the requests package: the examples with urllib.request and sockets work");
    return undefined;
  }
}

/** One script of all the page's modules; the package itself stays a module of its own, as in anybody's page. */
async function bundlePage(): Promise<string> {
  const result = await build({
    entryPoints: [join(PAGE, "page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["pyodide-ssl"],
    sourcemap: "inline",
    logLevel: "error",
  });
  return result.outputFiles[0]?.text ?? "";
}

/**
 * What the page may load, and from where: itself. The import map is its only inline script. The worker, which alone talks to
 * the gateway and compiles WebAssembly, is not bound by the document's policy.
 */
function contentSecurityPolicy(html: string): string {
  const importMap = /<script type="importmap">([^<]*)<\/script>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(importMap).digest("base64");
  return [
    "default-src 'self'",
    `script-src 'self' 'sha256-${hash}'`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The gateway as `npx pyodide-ssl gateway` runs it, with the local site allowed by name of its ports and address. */
async function startDemoGateway(site: HttpsSite): Promise<Gateway> {
  return startGateway({
    port: 0,
    targetPorts: ["443", ...site.ports.map(String)],
    dangerAllowAddresses: ["127.0.0.1"],
    stopTimeoutSeconds: 1,
    log: "none",
  });
}

/** Everything that runs. Stopped in the order opposite to starting. */
class Demo {
  readonly #running: { stop(): Promise<void> }[] = [];
  url = "";

  async start(options: StartOptions): Promise<void> {
    if (!existsSync(join(DIST, "index.js"))) {
      throw new UsageError("dist/ is missing: run `npm start`, or `npm run build` first");
    }
    const packages = await packagesArchive();
    const site = await startHttpsSite(sitePort(options.port));
    this.#running.push(site);
    const gateway = await startDemoGateway(site);
    this.#running.push(gateway);
    const page = await this.#startPage(options, site, gateway.url, packages);
    this.#running.push(page);
    this.url = `http://localhost:${page.port}/`;
    say(`gateway     ${gateway.url}`);
    say(`HTTPS site  ${site.urls.main}/ (with a test CA that only this page trusts)`);
  }

  async #startPage(
    options: StartOptions,
    site: HttpsSite,
    gateway: string,
    packages: string | undefined,
  ): Promise<PageServer> {
    const settings: PageSettings = {
      gateway,
      site: site.urls,
      ca: site.ca,
      client: site.client,
      packages: packages === undefined ? null : "/python-packages.zip",
    };
    const html = await readFile(join(PAGE, "index.html"), "utf8");
    return startPageServer({
      port: options.port,
      contentSecurityPolicy: contentSecurityPolicy(html),
      resources: {
        "/": { text: html, type: "text/html; charset=utf-8" },
        "/style/": { folder: join(PAGE, "style") },
        "/page.js": { text: await bundlePage(), type: "text/javascript; charset=utf-8" },
        "/settings.json": { text: JSON.stringify(settings), type: "application/json" },
        "/pyodide-ssl/": { folder: DIST },
        "/pyodide/": { folder: PYODIDE },
        ...(packages === undefined ? {} : { "/python-packages.zip": { file: packages } }),
      },
    });
  }

  async stop(): Promise<void> {
    for (const part of this.#running.reverse()) await part.stop();
    this.#running.length = 0;
  }
}

function openInBrowser(url: string): void {
  const command = { darwin: "open", win32: "explorer" }[process.platform as string] ?? "xdg-open";
  const child = spawn(command, [url], { stdio: "ignore", detached: true });
  child.on("error", () => say(`could not open a browser (${command}); open ${url} yourself`));
  child.unref();
}

function explain(error: unknown, options: StartOptions): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return `port ${options.port} is in use. Stop what uses it, or choose another: npm start -- --port ${options.port + 1}`;
  }
  if (code === "EACCES")
    return `this user may not listen on port ${options.port}; choose one above 1023 with --port`;
  return error instanceof UsageError ? message : String((error as Error).stack ?? error);
}

async function main(): Promise<number> {
  let options: StartOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }

  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  const demo = new Demo();
  try {
    await demo.start(options);
  } catch (error) {
    await demo.stop();
    process.stderr.write(`demo: ${explain(error, options)}\n`);
    return 1;
  }
  process.stdout.write(`\n  Open  ${demo.url}\n  Stop  Ctrl-C\n\n`);
  if (options.open) openInBrowser(demo.url);
  await stopped;
  say("stopping");
  await demo.stop();
  return 0;
}

process.exitCode = await main();
