/** Start-up inside the worker: Pyodide, OpenSSL and packages, as far as possible at the same time. */
import type { PyodideAPI } from "pyodide";
import { type ConnectionEvent, type Installation, install, openAssets } from "../pyodide-ext/index.ts";
import { PythonStartError } from "./errors.ts";
import type { StartProgress } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { StartSettings } from "./protocol.ts";

/** Who is told how it goes. */
export interface StartListeners {
  progress(progress: StartProgress): void;
  connection(connection: ConnectionEvent): void;
}

/** File names that are archives to unpack, not names of packages. */
const ARCHIVE_FORMATS: readonly (readonly [suffix: string, format: string])[] = [
  [".whl", "wheel"],
  [".zip", "zip"],
  [".tar.gz", "gztar"],
  [".tgz", "gztar"],
  [".tar", "tar"],
];

/** Runs one stage; its failure says which it was. */
async function stage<T>(name: PythonStartError["stage"], failed: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof PythonStartError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new PythonStartError(name, `${failed}: ${text}`, { cause: error });
  }
}

async function loadPyodide(settings: StartSettings, platform: Platform): Promise<PyodideAPI> {
  const { module, indexURL } = await platform.importPyodide(settings.pyodideUrl);
  return module.loadPyodide({
    ...(indexURL === undefined ? {} : { indexURL }),
    ...(settings.env === undefined ? {} : { env: { ...settings.env } }),
    // Nothing is printed before the streams are connected; what is would be Python's own failure to start.
    stdout: () => undefined,
    stderr: (line) => console.error(line),
  });
}

/** What `packages` asks for: names that Pyodide knows, and archives, which are fetched while Pyodide loads. */
interface Packages {
  readonly names: readonly string[];
  readonly archives: readonly { readonly bytes: Uint8Array; readonly format: string }[];
}

async function fetchPackages(platform: Platform, packages: readonly string[]): Promise<Packages> {
  const names: string[] = [];
  const archives: Promise<{ bytes: Uint8Array; format: string }>[] = [];
  for (const item of packages) {
    const path = URL.canParse(item) ? new URL(item).pathname : item;
    const format = ARCHIVE_FORMATS.find(([suffix]) => path.endsWith(suffix))?.[1];
    if (format === undefined) names.push(item);
    else archives.push(platform.fetchBytes(item).then((bytes) => ({ bytes, format })));
  }
  return { names, archives: await Promise.all(archives) };
}

async function addPackages(pyodide: PyodideAPI, { names, archives }: Packages): Promise<void> {
  const extractDir = pyodide.runPython("import site; site.getsitepackages()[0]") as string;
  for (const { bytes, format } of archives) pyodide.unpackArchive(bytes, format, { extractDir });
  pyodide.runPython("import importlib; importlib.invalidate_caches()");
  if (names.length === 0) return;
  const failures: string[] = [];
  await pyodide.loadPackage([...names], {
    messageCallback: () => undefined,
    errorCallback: (text) => void failures.push(text),
  });
  const missing = names.filter((name) => !(name in pyodide.loadedPackages));
  if (missing.length > 0) throw new Error(failures.join("; ") || `no package ${missing.join(", ")}`);
}

/** Starts Python as `settings` say. Rejects with {@link PythonStartError}. */
export async function startPyodide(
  settings: StartSettings,
  platform: Platform,
  listeners: StartListeners,
): Promise<{ pyodide: PyodideAPI; installation: Installation }> {
  listeners.progress({ stage: "pyodide" });
  // All at the same time; the first that fails ends it.
  const assets = openAssets(settings.assets);
  const loading = stage("pyodide", "Pyodide could not be loaded", () => loadPyodide(settings, platform));
  if (settings.preload === undefined && (assets.isImmediate || settings.gateway !== undefined)) {
    // Who uses TLS hears of a failure then.
    assets.loadTls(false).catch(() => undefined);
  }
  const [pyodide, , packages] = await Promise.all([
    loading,
    stage("openssl", "OpenSSL could not be loaded", () =>
      Promise.all([assets.python, settings.preload ? assets.loadTls() : undefined]),
    ),
    stage("packages", "Packages could not be loaded", () => fetchPackages(platform, settings.packages)),
  ]);
  listeners.progress({ stage: "openssl" });
  const installation = await stage("openssl", "OpenSSL could not be put into Python", async () =>
    install(pyodide, {
      assets,
      // What there is to load has been begun above.
      preload: false,
      ...(settings.gateway === undefined ? {} : { gateway: settings.gateway }),
      optimisticConnect: settings.optimisticConnect,
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
      ...(settings.wantsConnections ? { onConnection: (event) => listeners.connection(event) } : {}),
    }),
  );
  if (settings.mountHost) platform.mountHost(pyodide);
  if (settings.packages.length > 0) {
    listeners.progress({ stage: "packages" });
    await stage("packages", "Packages could not be loaded", () => addPackages(pyodide, packages));
  }
  listeners.progress({ stage: "ready" });
  return { pyodide, installation };
}
