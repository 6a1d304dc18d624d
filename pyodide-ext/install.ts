/** Puts TLS and sockets into a Pyodide that is there already. */
import type { PyodideAPI } from "pyodide";
import { OpenSsl } from "../shim/openssl/index.ts";
import { type LiveCounts, SslEngine } from "../shim/ssl/index.ts";
import { createWispTransport, type Transport } from "../transports/index.ts";
import { type Assets, loadAssets } from "./assets.ts";
import type { ConnectionEvent } from "./connection-events.ts";
import { PyodideFiles } from "./pyodide-files.ts";
import { createSocketBridge, type SocketBridge, SocketTable } from "./sockets/index.ts";
import { SslBridge } from "./ssl-bridge.ts";
import { ThreadBridge } from "./threads/index.ts";

/** Options of {@link install}. All may be left out. */
export interface InstallOptions {
  /** URL of the Wisp gateway, `wss://…` or `ws://…`, through which sockets connect. */
  readonly gateway?: string | undefined;
  /** PEM text of certificate authorities to trust besides Mozilla's. */
  readonly ca?: string | readonly string[] | undefined;
  /** Folder of `openssl.wasm`, `cacert.pem` and `python.json`. Default: `assets/` beside the bundle. */
  readonly assetsUrl?: string | URL | undefined;
  /** Assets loaded before, in place of `assetsUrl`. */
  readonly assets?: Assets | undefined;
  /**
   * What sockets use, in place of `gateway`; null for no way to the network. Default on Node: TCP. In browsers without a
   * gateway: none, and every connect fails with an error that says what to do.
   */
  readonly transport?: Transport | null | undefined;
  /** Told of every TLS connection, and of what changes about it. */
  readonly onConnection?: ((event: ConnectionEvent) => void) | undefined;
  /** Told which stage begins. */
  readonly onProgress?: ((stage: InstallStage) => void) | undefined;
}

export type InstallStage = "assets" | "python" | "done";

/** Counts of what is alive, for leak tests. */
export interface InstallationCounts extends LiveCounts {
  /** Handles that Python holds. */
  readonly handles: number;
  /** Open socket numbers. */
  readonly sockets: number;
  /** Python calls that are blocked. */
  readonly waits: number;
}

/** What {@link install} answers. */
export interface Installation {
  /** What sockets use; undefined where they have no way to the network. */
  readonly transport: Transport | undefined;
  /** Raises KeyboardInterrupt in every blocked call; answers how many there were. */
  interrupt(): number;
  liveCounts(): InstallationCounts;
  /** Ends every connection and lets go of the transport. TLS does not work in this Pyodide afterwards. */
  close(): void;
}

/** Pyodide releases with the Python and the JavaScript API that this is made for. */
const SUPPORTED = /^314\.0\.\d+$/;
const SUPPORTED_TEXT = "314.0.x (Python 3.14)";

/** Where Python keeps what is not its own. */
const SITE_PACKAGES = "/lib/python3.14/site-packages";
const REPLACEMENTS = `${SITE_PACKAGES}/pyodide_ssl/replacements`;
/** Where OpenSSL looks, and where Debian's certifi does. */
const ROOTS_FILES = ["/etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt"];
/** Roots and the authorities that were given. Below `/lib`, which stays Python's own where the host's `/etc` is mounted. */
const BUNDLE_FILE = "/lib/pyodide-ssl/ca-bundle.pem";

const installations = new WeakMap<PyodideAPI, { options: string; installation: Promise<Installation> }>();

/**
 * Makes `ssl` and `socket` real in a Pyodide: CPython's own `ssl.py` over OpenSSL, sockets over a gateway or Node's TCP.
 * Modules that were imported before are repaired. A second call for the same Pyodide with the same options answers the
 * same installation.
 * @throws {Error} (as rejection) Pyodide is of another version, an asset can't be loaded, or it is installed with other
 * options already
 */
export function install(pyodide: PyodideAPI, options: InstallOptions = {}): Promise<Installation> {
  const known = installations.get(pyodide);
  const fingerprint = fingerprintOf(options);
  if (known !== undefined) {
    if (known.options === fingerprint) return known.installation;
    return Promise.reject(
      new Error(
        "pyodide-ssl is installed in this Pyodide already, with another gateway, transport or certificate authority. " +
          "Sockets may be in use: load a fresh Pyodide to change them.",
      ),
    );
  }
  const installation = installFresh(pyodide, options);
  installations.set(pyodide, { options: fingerprint, installation });
  installation.catch(() => installations.delete(pyodide));
  return installation;
}

async function installFresh(pyodide: PyodideAPI, options: InstallOptions): Promise<Installation> {
  if (!SUPPORTED.test(pyodide.version)) {
    throw new Error(
      `pyodide-ssl needs Pyodide ${SUPPORTED_TEXT}; this one is ${pyodide.version}. ` +
        "Load another Pyodide, or a release of pyodide-ssl that is made for this one.",
    );
  }
  options.onProgress?.("assets");
  const [assets, transport] = await Promise.all([
    options.assets ?? loadAssets(options.assetsUrl),
    chooseTransport(options),
  ]);
  options.onProgress?.("python");
  const table = new SocketTable();
  const io = createSocketBridge({ transport, table });
  const threads = new ThreadBridge(io.waits);
  const environment = new Map<string, string>();
  const ssl = new SslBridge({
    engine: () => startEngine(pyodide, assets.openssl, environment),
    environment,
    table,
    isSystemTransport: transport?.name === "node",
    onConnection: options.onConnection,
  });
  pyodide.registerJsModule("_pyodide_ssl_js", { ssl: ssl.calls, io, threads });
  writePython(pyodide, assets.python);
  writeRoots(pyodide, assets.roots, options.ca);
  activate(pyodide, {
    usesSockets: transport !== undefined,
    bundle: options.ca === undefined ? "" : BUNDLE_FILE,
  });
  options.onProgress?.("done");
  return installationOf(transport, io, ssl, threads);
}

async function chooseTransport(options: InstallOptions): Promise<Transport | undefined> {
  if (options.transport !== undefined) return options.transport ?? undefined;
  if (options.gateway !== undefined) return createWispTransport(options.gateway);
  const node = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
  if (node === undefined) return undefined;
  const { createNodeTransport } = await import("../transports/node.ts");
  return createNodeTransport();
}

function startEngine(
  pyodide: PyodideAPI,
  module: WebAssembly.Module,
  environment: ReadonlyMap<string, string>,
): SslEngine {
  const files = new PyodideFiles(pyodide);
  return new SslEngine(OpenSsl.instantiate(module, { files, env: (name) => environment.get(name) }));
}

/** Modules that stand in for Python's own lie apart: they are found by name only through `pyodide_ssl`. */
function writePython(pyodide: PyodideAPI, sources: Readonly<Record<string, string>>): void {
  for (const [path, source] of Object.entries(sources)) {
    const isPackage = path.includes("/");
    writeFile(pyodide, `${isPackage ? SITE_PACKAGES : REPLACEMENTS}/${path}`, source);
  }
}

function writeRoots(pyodide: PyodideAPI, roots: string, ca: InstallOptions["ca"]): void {
  for (const path of ROOTS_FILES) writeFile(pyodide, path, roots);
  if (ca !== undefined) writeFile(pyodide, BUNDLE_FILE, [roots, ca].flat().join("\n"));
}

function writeFile(pyodide: PyodideAPI, path: string, text: string): void {
  pyodide.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  pyodide.FS.writeFile(path, text);
}

function activate(pyodide: PyodideAPI, options: { usesSockets: boolean; bundle: string }): void {
  pyodide.runPython("import importlib; importlib.invalidate_caches()");
  const repair = pyodide.pyimport("pyodide_ssl._activate") as {
    activate(folder: string, usesSockets: boolean, bundle: string): void;
    destroy(): void;
  };
  repair.activate(REPLACEMENTS, options.usesSockets, options.bundle);
  repair.destroy();
}

function installationOf(
  transport: Transport | undefined,
  io: SocketBridge,
  ssl: SslBridge,
  threads: ThreadBridge,
): Installation {
  return {
    transport,
    interrupt: () => io.interrupt(),
    liveCounts: () => ({
      ...ssl.state.engine.liveCounts(),
      handles: ssl.state.handles.size,
      sockets: io.table.size,
      waits: io.waits.size,
    }),
    close: () => {
      ssl[Symbol.dispose]();
      io.dispose();
      threads.dispose();
    },
  };
}

function fingerprintOf({ gateway, ca, transport }: InstallOptions): string {
  return JSON.stringify([gateway ?? null, ca ?? null, transport && transportNumber(transport)]);
}

const transportNumbers = new WeakMap<Transport, number>();
let nextTransportNumber = 1;

function transportNumber(transport: Transport): number {
  const known = transportNumbers.get(transport) ?? nextTransportNumber++;
  transportNumbers.set(transport, known);
  return known;
}
