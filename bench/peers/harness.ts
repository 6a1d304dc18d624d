/** The peers' pages, the origin and the gateway that they share: from a harness that is not part of the repository. */
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { ROOT } from "../../vendor/cache.ts";
import { UsageError } from "../plan.ts";

const WORK = join(ROOT, ".cache", "peers-bench");
/** Beside the repository, unless the variable says where. */
const SOURCE = process.env["PEERS_BENCH"] ?? join(ROOT, "..", "shared", "tools", "peers-bench");
const HARNESS = join(WORK, "harness");

/** The name that certificates are for. */
const HOST = "origin.test";

/** The origin's servers, by the suite that each insists on. */
export type Server = "ec-aes" | "ec-chacha" | "plain";

const VARIANTS = {
  "ec-aes": { cert: "ec", ciphers: "TLS_AES_128_GCM_SHA256", group: "X25519" },
  "ec-chacha": { cert: "ec", ciphers: "TLS_CHACHA20_POLY1305_SHA256", group: "X25519" },
  plain: { plain: true },
};

/** The ways to TLS that a page has, by the name of their page; `ours` is this package's. */
export const PEERS = ["libcurl", "epoxy", "epoxy2", "ours"] as const;
export type Peer = (typeof PEERS)[number];

const HTML = `<!doctype html><meta charset="utf-8"><title>pyodide-ssl</title>
<script type="importmap">{"imports": {"pyodide": "./pyodide/pyodide.mjs", "pyodide-ssl": "./pyodide-ssl/index.js"}}</script>
<script type="module" src="./page.js"></script>`;

/** A server in a process of its own. */
interface Child {
  readonly pid: number;
  ask(message: unknown): Promise<{ port: number; ports: Record<Server, number> }>;
  stop(): Promise<void>;
}

interface Certificates {
  readonly ec: { readonly ca: string };
  readonly rsa: { readonly ca: string };
}

/** What is used of the harness. */
interface HarnessParts {
  makeCerts(folder: string): Certificates;
  plantTrust(wasm: Uint8Array, cas: Record<string, string>): Uint8Array;
  startPages(options: {
    mounts: Record<string, string>;
    rewrite: Record<string, (wasm: Uint8Array) => Uint8Array>;
  }): Promise<{ port: number; close(): void }>;
  startChild(file: string): Child;
  watchOthers(cores: number): () => number;
}

/** The gateways that are measured with: everyone goes through the same one. */
export const GATEWAYS = ["wisp-js", "pyodide-ssl"] as const;
export type GatewayName = (typeof GATEWAYS)[number];

/** The servers of a run. */
export interface Servers extends AsyncDisposable {
  readonly gateways: Readonly<Record<GatewayName, string>>;
  /** The trusted roots, PEM. */
  readonly caPem: string;
  pageOf(peer: Peer): string;
  urlOf(server: Server, path: string): string;
  /** Which share of the cores other programs used since this was last asked. */
  shareOfOthers(): number;
}

/** @throws {UsageError} when the harness is not there */
export async function startServers(cores: number): Promise<Servers> {
  const parts = await loadHarness();
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-peers-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const certs = parts.makeCerts(folder);
  const cas = { ec: certs.ec.ca, rsa: certs.rsa.ca };
  const child = (file: string): Child => {
    const started = parts.startChild(join(HARNESS, "lib", file));
    stack.defer(() => started.stop());
    return started;
  };
  const { ports } = await child("origin.mjs").ask({ cmd: "start", variants: VARIANTS, certs });
  const gateway = await child("gateway.mjs").ask({
    cmd: "start",
    hosts: [HOST],
    ports: Object.values(ports),
  });
  const own = fork(join(import.meta.dirname, "gateway.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  stack.defer(() => own.disconnect());
  const [ownPort] = (await once(own, "message")) as [number];
  const ours = join(WORK, "page");
  await makePage(ours);
  const packages = join(HARNESS, "node_modules");
  const plant = (wasm: Uint8Array): Uint8Array => parts.plantTrust(wasm, cas);
  const pages = await parts.startPages({
    mounts: {
      "/ours/": ours,
      "/peer/": join(HARNESS, "peers"),
      "/vendor/libcurl/": join(packages, "libcurl.js"),
      "/vendor/epoxy/": join(packages, "@mercuryworkshop", "epoxy-tls", "pkg"),
      "/vendor/epoxy2/": join(packages, "epoxy-tls-2", "full"),
    },
    // Those two have no option for a root of one's own: one of theirs is replaced.
    rewrite: { "/vendor/libcurl/libcurl.wasm": plant, "/vendor/epoxy/epoxy.wasm": plant },
  });
  stack.defer(() => pages.close());
  const held = stack.move();
  let others = parts.watchOthers(cores);
  return {
    gateways: {
      "wisp-js": `ws://127.0.0.1:${gateway.port}/`,
      "pyodide-ssl": `ws://127.0.0.1:${ownPort}/`,
    },
    caPem: cas.ec + cas.rsa,
    pageOf: (peer) => `http://127.0.0.1:${pages.port}/${peer === "ours" ? "" : "peer/"}${peer}/`,
    urlOf: (server, path) => `http${server === "plain" ? "" : "s"}://${HOST}:${ports[server]}${path}`,
    shareOfOthers: () => {
      const share = others();
      others = parts.watchOthers(cores);
      return share;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** A copy of the harness, with the peers' packages. */
async function loadHarness(): Promise<HarnessParts> {
  if (!existsSync(join(SOURCE, "run.mjs"))) {
    throw new UsageError(`no harness of the peers in ${SOURCE}; PEERS_BENCH can name its folder`);
  }
  cpSync(SOURCE, HARNESS, { recursive: true, filter: (path) => !path.includes("node_modules") });
  if (!existsSync(join(HARNESS, "node_modules"))) {
    const { status, error } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: HARNESS,
      stdio: ["ignore", 2, 2],
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`npm install of the peers ended with status ${String(status)}`);
  }
  const modules = await Promise.all(
    ["certs", "trust", "pages", "children", "proc"].map(
      (name) =>
        import(pathToFileURL(join(HARNESS, "lib", `${name}.mjs`)).href) as Promise<Partial<HarnessParts>>,
    ),
  );
  return Object.assign({}, ...modules) as HarnessParts;
}

/** Puts this package's page into a folder of its own, with the built package and Pyodide. */
async function makePage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, "page.ts")],
    outfile: join(folder, "page.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["pyodide", "pyodide-ssl"],
    logLevel: "error",
  });
  writeFileSync(join(folder, "index.html"), HTML);
  cpSync(join(import.meta.dirname, "client.py"), join(folder, "client.py"));
  symlinkSync(join(ROOT, "dist"), join(folder, "pyodide-ssl"));
  symlinkSync(dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs"))), join(folder, "pyodide"));
}
