/** What a browser test stands on: the peers, a gateway that may reach them, and a site that serves the built package. */
import { lookup } from "node:dns/promises";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Gateway, type GatewayOptions, startGateway } from "pyodide-ssl/gateway";
import { type Resource, startPageServer } from "../demo/page-server.ts";
import { PLACES, ROOT } from "../vendor/cache.ts";
import { type BrowserTab, startChromium, type TestBrowser } from "./browser.ts";
import { type PageOptions, PagePython } from "./page-python.ts";
import { type AllPeers, startAllPeers } from "./peers/all-peers.ts";

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>pyodide-ssl tests</title>
<script type="module">
  import * as pyodideSsl from "/dist/index.js";
  globalThis.pyodideSsl = pyodideSsl;
</script>
`;

/** Starts a gateway that may reach the peers of this machine. Names of `.test` are this machine. */
export function startTestGateway(options: GatewayOptions = {}): Promise<Gateway> {
  return startGateway({
    port: 0,
    dangerAllowPrivate: true,
    dangerAnyPort: true,
    newStreamsPerSecond: 10_000,
    newStreamsBurst: 10_000,
    stopTimeoutSeconds: 0,
    resolve: async (host) =>
      host.endsWith(".test")
        ? [{ address: "127.0.0.1", family: 4 }]
        : lookup(host, { all: true, order: "verbatim" }),
    ...options,
  });
}

/**
 * The site that serves the built package, Pyodide and the Python packages; without COOP and COEP headers.
 * @param more what else to serve
 */
export async function startSite(
  more: Readonly<Record<string, Resource>> = {},
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const dist = join(ROOT, "dist");
  if (!existsSync(join(dist, "index.js"))) throw new Error("dist/ is not built; run `npm run build`");
  if (!existsSync(PLACES.packagesZip))
    throw new Error("the Python packages are missing; run `npm run vendor`");
  const server = await startPageServer({
    port: 0,
    contentSecurityPolicy: "default-src * 'unsafe-inline' 'unsafe-eval' blob: data:",
    resources: {
      "/": { text: PAGE, type: "text/html; charset=utf-8" },
      "/dist/": { folder: dist },
      "/pyodide/": { folder: dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs"))) },
      "/python-packages.zip": { file: PLACES.packagesZip },
      ...more,
    },
  });
  return { url: `http://127.0.0.1:${server.port}/`, stop: () => server.stop() };
}

/** Everything that a file of browser tests shares. Start it in `beforeAll`, dispose of it in `afterAll`. */
export class Harness implements AsyncDisposable {
  readonly peers: AllPeers;
  readonly gateway: Gateway;
  /** PEM of the root that tests trust. */
  readonly ca: string;
  readonly siteUrl: string;
  readonly #browser: TestBrowser;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    peers: AllPeers,
    gateway: Gateway,
    siteUrl: string,
    browser: TestBrowser,
    stack: AsyncDisposableStack,
  ) {
    this.peers = peers;
    this.gateway = gateway;
    this.ca = readFileSync(peers.pki.ca, "utf8");
    this.siteUrl = siteUrl;
    this.#browser = browser;
    this.#stack = stack;
  }

  /** Starts it all; what was started is stopped again when something fails. */
  static async start(startBrowser: () => Promise<TestBrowser> = startChromium): Promise<Harness> {
    await using stack = new AsyncDisposableStack();
    const peers = stack.use(await startAllPeers());
    const gateway = await startTestGateway();
    stack.defer(() => gateway.stop());
    const site = await startSite();
    stack.defer(() => site.stop());
    const browser = stack.use(await startBrowser());
    return new Harness(peers, gateway, site.url, browser, stack.move());
  }

  /** Opens the page in a fresh profile. */
  openTab(): Promise<BrowserTab> {
    return this.#browser.open(this.siteUrl);
  }

  /** Starts Python in a tab of its own, with the gateway and the test root unless told otherwise. */
  async startPython(options: PageOptions = { gateway: this.gateway.url, ca: this.ca }): Promise<PagePython> {
    return PagePython.start(await this.openTab(), options);
  }

  /** The address of a peer for a URL or a Python program: `localhost:PORT`. */
  address(peer: string): string {
    return `localhost:${this.peers.port(peer)}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
