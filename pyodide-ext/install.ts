/** Puts TLS and sockets into a Pyodide that is there already. */
import { InvariantError, OpenSsl } from "../shim/openssl/index.ts";
import { type LiveCounts, SslEngine } from "../shim/ssl/index.ts";
import { createWispTransport, type Transport } from "../transports/index.ts";
import { type AssetLocation, assetUrls } from "./asset-urls.ts";
import { type AssetSource, type Assets, loadedAssets, openAssets } from "./assets.ts";
import type { ConnectionEvent } from "./connection-events.ts";
import { isNode } from "./node-files.ts";
import { PyodideFiles } from "./pyodide-files.ts";
import type { PyodideLike } from "./pyodide-like.ts";
import { writePython } from "./python-tree.ts";
import { isSupported, SUPPORTED_TEXT } from "./python-version.ts";
import { createSocketBridge, type SocketBridge, SocketTable } from "./sockets/index.ts";
import { SslBridge } from "./ssl-bridge.ts";
import { ThreadBridge } from "./threads/index.ts";
import { TrustFiles } from "./trust-files.ts";

/** Options of {@link install}. All may be left out. */
export interface InstallOptions extends AssetLocation {
  /** URL of the Wisp gateway, `wss://…` or `ws://…`, through which sockets connect. */
  readonly gateway?: string | undefined;
  /**
   * Through a gateway `connect()` succeeds at once, and TCP and TLS start in one flight: a round trip to the gateway less for
   * each connection. That there is none is told, with its own errno, by the first handshake, read or write. Default: false.
   */
  readonly optimisticConnect?: boolean | undefined;
  /** PEM text of certificate authorities to trust besides Mozilla's. */
  readonly ca?: string | readonly string[] | undefined;
  /** Assets in place of those at `assetsUrl`: loaded before, or on their way. */
  readonly assets?: Assets | AssetSource | undefined;
  /**
   * When `openssl.wasm` and the roots load. True: at once, and the installation waits for them. False: when Python uses TLS for the
   * first time. Default: at once without waiting where there is a gateway, else as false. Where Python can't be suspended that
   * first use would fail, so there it is as true, whatever this says.
   */
  readonly preload?: boolean | undefined;
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

/** `assets`: files load. `python`: Python's modules are replaced. `done`: TLS can be used. */
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
  /** What is alive now, for leak tests. */
  liveCounts(): InstallationCounts;
  /** Ends every connection and lets go of the transport. TLS does not work in this Pyodide afterwards. */
  close(): void;
}

const NOTHING_ALIVE: LiveCounts = {
  contexts: 0,
  connections: 0,
  bios: 0,
  sessions: 0,
  certificates: 0,
  allocations: 0,
};

const installations = new WeakMap<PyodideLike, { options: string; installation: Promise<Installation> }>();

/**
 * Makes `ssl` and `socket` real in a Pyodide: CPython's own `ssl.py` over OpenSSL, sockets over a gateway or Node's TCP.
 * Modules that were imported before are repaired. A second call for the same Pyodide with the same options answers the
 * same installation.
 * @throws {Error} (as rejection) Pyodide is of another version, an asset can't be loaded, or it is installed with other
 * options already
 */
export function install(pyodide: PyodideLike, options: InstallOptions = {}): Promise<Installation> {
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
  const installation = prepareInstallation(pyodide, options).then((begin) => begin());
  installations.set(pyodide, { options: fingerprint, installation });
  installation.catch(() => installations.delete(pyodide));
  return installation;
}

/**
 * Gets everything that an installation needs.
 * @param isReversible what there was before is kept, for `pyodide_ssl._deactivate`
 * @returns what installs, without waiting for anything: Python may call it
 */
export async function prepareInstallation(
  pyodide: PyodideLike,
  options: InstallOptions,
  isReversible = false,
): Promise<() => Installation> {
  if (!isSupported(pyodide.version)) {
    throw new Error(
      `pyodide-ssl needs Pyodide ${SUPPORTED_TEXT}; this one is ${pyodide.version}. ` +
        "Load another Pyodide, or a release of pyodide-ssl that is made for this one.",
    );
  }
  options.onProgress?.("assets");
  const assets = sourceOf(options);
  // Who uses TLS hears of a failure then.
  if (options.preload === undefined && options.gateway !== undefined)
    assets.loadTls(false).catch(() => undefined);
  const [python, transport] = await Promise.all([
    assets.python,
    chooseTransport(options),
    options.preload === true || !canLoadLater(assets) ? assets.loadTls() : undefined,
  ]);
  return () => {
    options.onProgress?.("python");
    const trust = new TrustFiles(pyodide, options.ca);
    const table = new SocketTable();
    const io = createSocketBridge({ transport, table });
    const threads = new ThreadBridge(io.waits);
    const environment = new Map<string, string>();
    const ssl = new SslBridge({
      engine: () => startEngine(pyodide, assets, trust, environment),
      load: () => (assets.tlsNow() === undefined ? assets.loadTls() : undefined),
      known: python,
      environment,
      table,
      isSystemTransport: transport?.name === "node",
      onConnection: options.onConnection,
    });
    pyodide.registerJsModule("_pyodide_ssl_js", { ssl: ssl.calls, io, threads });
    const folder = writePython(pyodide, python);
    trust.write(assets.rootsNow());
    activate(pyodide, { folder, usesSockets: transport !== undefined, bundle: trust.bundle, isReversible });
    options.onProgress?.("done");
    return installationOf(transport, io, ssl, threads);
  };
}

async function chooseTransport(options: InstallOptions): Promise<Transport | undefined> {
  if (options.transport !== undefined) return options.transport ?? undefined;
  const { gateway, optimisticConnect = false } = options;
  if (gateway !== undefined) return createWispTransport(gateway, { optimisticConnect });
  const node = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
  if (node === undefined) return undefined;
  const { createNodeTransport } = await import("../transports/node.ts");
  return createNodeTransport();
}

function sourceOf(options: InstallOptions): AssetSource {
  const { assets } = options;
  if (assets === undefined) return openAssets(assetUrls(options));
  return "loadTls" in assets ? assets : loadedAssets(assets);
}

/** Whether the first use of TLS can have its files: they are there, Node reads them, or Python is suspended until they are. */
function canLoadLater(assets: AssetSource): boolean {
  return assets.isImmediate || (!isNode() && "Suspending" in WebAssembly);
}

function startEngine(
  pyodide: PyodideLike,
  assets: AssetSource,
  trust: TrustFiles,
  environment: ReadonlyMap<string, string>,
): SslEngine {
  const tls = assets.tlsNow();
  if (tls === undefined) throw new InvariantError("OpenSSL is used before it is loaded");
  trust.complete(tls.roots);
  const files = new PyodideFiles(pyodide);
  const openssl = OpenSsl.instantiate(tls.openssl, { files, env: (name) => environment.get(name) });
  return new SslEngine(openssl, tls.roots);
}

interface Activation {
  readonly folder: string;
  readonly usesSockets: boolean;
  readonly bundle: string;
  readonly isReversible: boolean;
}

/**
 * Python looks into `site-packages` again, where our files are new. `importlib.invalidate_caches()` would have it read the
 * archive of its own library again, too, which takes longer than all else here.
 */
const FORGET_LISTINGS = `
(lambda listings: [
    listings.pop(path) for path in list(listings) if path.endswith("/site-packages") or "/pyodide_ssl" in path
].clear())(__import__("sys").path_importer_cache)
`;

function activate(pyodide: PyodideLike, { folder, usesSockets, bundle, isReversible }: Activation): void {
  pyodide.runPython(FORGET_LISTINGS);
  const module = pyodide.pyimport("pyodide_ssl._activate") as {
    activate(folder: string, usesSockets: boolean, bundle: string, isReversible: boolean): void;
    destroy(): void;
  };
  module.activate(folder, usesSockets, bundle, isReversible);
  module.destroy();
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
      ...(ssl.state.startedEngine?.liveCounts() ?? NOTHING_ALIVE),
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

function fingerprintOf({ gateway, optimisticConnect, ca, transport }: InstallOptions): string {
  const network = [gateway ?? null, optimisticConnect ?? false, transport && transportNumber(transport)];
  return JSON.stringify([network, ca ?? null]);
}

const transportNumbers = new WeakMap<Transport, number>();
let nextTransportNumber = 1;

function transportNumber(transport: Transport): number {
  const known = transportNumbers.get(transport) ?? nextTransportNumber++;
  transportNumbers.set(transport, known);
  return known;
}
