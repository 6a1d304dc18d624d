/**
 * The folder of fetched things, `.cache/vendor/`: where each lands, how it is put there in one step, and the lock that
 * keeps two runs from fetching the same thing at once.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { placeOfPython } from "./python-version.ts";

/** The repository's root folder. */
export const ROOT = dirname(import.meta.dirname);

/** Everything fetched is below this folder; deleting it is always safe. */
export const CACHE = join(ROOT, ".cache", "vendor");

/** Where the build puts the package: `dist/`, or a folder of the cache when it is for another Python than the supported one. */
export function distOf(python: string): string {
  const folder = placeOfPython(CACHE, python);
  return join(folder === CACHE ? ROOT : folder, "dist");
}

/** Where each target lands. Readers use these after `vendor.ts` has run. */
export const PLACES = {
  /** CPython's own `ssl.py`. */
  sslModule: join(placeOfPython(CACHE), "python", "ssl.py"),
  /** requests, urllib3, idna, certifi, charset_normalizer: a folder to put on `sys.path`. */
  packages: join(CACHE, "packages"),
  /** The same packages as one archive, for `pyodide.unpackArchive(bytes, "zip")`. */
  packagesZip: join(CACHE, "python-packages.zip"),
  /** pg8000, redis, paho-mqtt, pymysql and what they import: a folder to put on `sys.path`. */
  clients: join(CACHE, "clients"),
  /** The same packages as one archive. */
  clientsZip: join(CACHE, "client-packages.zip"),
  /** The root folder of an unpacked native CPython. */
  nativePython: join(placeOfPython(CACHE), "cpython"),
  /** A folder that holds CPython's own `test` package. */
  testSuite: join(placeOfPython(CACHE), "testsuite"),
  /** A prebuilt JupyterLite site. */
  jupyterlite: join(CACHE, "jupyterlite"),
  /** PyScript's own modules and styles. */
  pyscript: join(CACHE, "pyscript"),
  /** What JupyterLite's kernel imports, as one wheel. */
  notebookWheel: join(CACHE, "notebook-packages.whl"),
  /** micropip's own wheel, where Pyodide's distribution can be reached. */
  micropipWheel: join(CACHE, "micropip.whl"),
} as const;

/** How long to wait for another run that holds the lock: longer than the slowest fetch. */
const LOCK_WAIT_MS = 15 * 60_000;
const LOCK_POLL_MS = 200;

/** Longer than anything is being fetched. */
const STALE_MS = 60 * 60_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Takes the lock file by creating it; a lock whose process is gone is removed first. */
function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  try {
    const holder = Number(readFileSync(file, "utf8"));
    // An empty file is a lock just being written, unless it stays so: then its writer died in between.
    const isAbandoned = holder > 0 ? !isAlive(holder) : Date.now() - statSync(file).mtimeMs > 5000;
    if (isAbandoned) rmSync(file, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return false;
}

/**
 * Runs `work` while holding the cache's lock, so that parallel runs fetch once and the later ones find it done.
 * @param report told once when another run must be waited for
 */
export async function withCacheLock<T>(report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, ".lock");
  const deadline = Date.now() + LOCK_WAIT_MS;
  let isFirstTry = true;
  while (!tryLock(file)) {
    if (isFirstTry) report("waiting for another vendor run to finish");
    isFirstTry = false;
    if (Date.now() > deadline)
      throw new Error(`another vendor run holds ${file}; delete it if none is running`);
    await delay(LOCK_POLL_MS);
  }
  try {
    removeStale();
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Removes the scratch folders of runs that were killed: those that nobody can be filling any more. */
function removeStale(): void {
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name);
    const isScratch = /^\.(tmp|site)-/.test(name);
    if (isScratch && Date.now() - statSync(folder).mtimeMs > STALE_MS) rmSync(folder, { recursive: true });
  }
}

/** Runs `work` with an empty folder on the cache's file system, and removes it afterwards. */
export async function withScratch<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, ".tmp-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Makes a file or folder appear at `place` complete or not at all: `fill` writes to a temporary path on the same file
 * system, which then replaces what was there.
 */
export function publish<T>(place: string, fill: (temporary: string) => T | Promise<T>): Promise<T> {
  mkdirSync(dirname(place), { recursive: true });
  return withScratch(async (folder) => {
    const made = join(folder, "made");
    const result = await fill(made);
    rmSync(place, { recursive: true, force: true });
    renameSync(made, place);
    return result;
  });
}
