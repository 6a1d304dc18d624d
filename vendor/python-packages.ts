/**
 * The targets `packages` (what tests and the demo run) and `clients` (what `examples/` run): Python packages, unmodified, as
 * folders and as one archive.
 *
 * They come from Debian (signed). Else `packages` come from Pyodide's own distribution, by the hashes of the
 * `pyodide-lock.json` that the installed npm package carries, and `clients` from PyPI by pip, by the hashes of
 * `clients.requirements.txt`.
 */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { DebianArchive, SUITES } from "./apt.ts";
import { PLACES, publish, ROOT, withScratch } from "./cache.ts";
import { downloadPinned } from "./download.ts";
import { type Route, takeFirst } from "./routes.ts";
import { packZip, unpackZip, type ZipEntry } from "./zip.ts";

/** Packages that are fetched together. */
interface PackageSet {
  /** Import names, by what Debian's package is called after `python3-`. */
  readonly imports: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly zip: string;
  readonly internet: Route;
}

const PACKAGES: PackageSet = {
  imports: {
    requests: "requests",
    urllib3: "urllib3",
    idna: "idna",
    certifi: "certifi",
    "charset-normalizer": "charset_normalizer",
  },
  folder: PLACES.packages,
  zip: PLACES.packagesZip,
  internet: { name: "Pyodide's distribution", take: fromPyodide },
};

const CLIENTS: PackageSet = {
  imports: {
    pg8000: "pg8000",
    scramp: "scramp",
    asn1crypto: "asn1crypto",
    dateutil: "dateutil",
    six: "six",
    redis: "redis",
    "paho-mqtt": "paho",
    pymysql: "pymysql",
  },
  folder: PLACES.clients,
  zip: PLACES.clientsZip,
  internet: { name: "PyPI", take: fromPyPi },
};

const run = promisify(execFile);

/** Compiled parts are for another machine; charset_normalizer runs as plain Python without them. */
function isPlain(path: string): boolean {
  return !/\.so$|\.pyc$|(^|\/)__pycache__(\/|$)/.test(path.split(sep).join("/"));
}

/** The entries of a `dist-packages` folder that are packages or their metadata. */
function wantedEntries(set: PackageSet, folder: string): string[] {
  const names = Object.values(set.imports);
  const entries = readdirSync(folder).sort();
  const missing = names.filter((name) => !entries.includes(name) && !entries.includes(`${name}.py`));
  if (missing.length > 0) throw new Error(`the packages fetched lack ${missing.join(", ")}`);
  return entries.filter((entry) => {
    const isMetadata = /\.(dist|egg)-info$/.test(entry);
    return isMetadata || names.includes(entry.replace(/\.py$/, ""));
  });
}

function listFiles(folder: string): ZipEntry[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .sort()
    .map((path) => ({ path: relative(folder, path).split(sep).join("/"), bytes: readFileSync(path) }));
}

/** Publishes the packages in `source` as a folder, and as an archive. Answers their versions, for the log. */
async function putPackages(set: PackageSet, source: string): Promise<string> {
  const entries = wantedEntries(set, source);
  await publish(set.folder, (temporary) => {
    mkdirSync(temporary);
    for (const name of entries) {
      cpSync(join(source, name), join(temporary, name), {
        recursive: true,
        dereference: true,
        filter: isPlain,
      });
    }
  });
  await publish(set.zip, (temporary) => writeFileSync(temporary, packZip(listFiles(set.folder))));
  return entries
    .filter((name) => /\.(dist|egg)-info$/.test(name))
    .map((name) => name.replace(/\.(dist|egg)-info$/, "").replace("-", " "))
    .join(", ");
}

/** Unpacks wheels side by side, and publishes them. */
async function putWheels(
  set: PackageSet,
  fetchWheels: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  return withScratch(async (folder) => {
    for await (const wheel of fetchWheels()) {
      for (const { path, bytes } of unpackZip(wheel)) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
    }
    return putPackages(set, folder);
  });
}

interface PyodideLock {
  readonly packages: Readonly<Record<string, { readonly file_name: string; readonly sha256: string }>>;
}

function lockOfPyodide(): { version: string; lock: PyodideLock } {
  const folder = join(ROOT, "node_modules", "pyodide");
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return {
    version,
    lock: JSON.parse(readFileSync(join(folder, "pyodide-lock.json"), "utf8")) as PyodideLock,
  };
}

/** A package's wheel from Pyodide's distribution, as the installed Pyodide's lock has it. */
export async function wheelOfPyodide(name: string): Promise<Uint8Array> {
  const { version, lock } = lockOfPyodide();
  const entry = lock.packages[name];
  if (entry === undefined) throw new Error(`Pyodide ${version} lists no ${name}`);
  const url = `https://cdn.jsdelivr.net/pyodide/v${version}/full/${entry.file_name}`;
  return downloadPinned({ url, sha256: entry.sha256 });
}

async function fromPyodide(): Promise<string> {
  return putWheels(PACKAGES, async function* () {
    for (const name of Object.keys(PACKAGES.imports)) yield await wheelOfPyodide(name);
  });
}

async function fromPyPi(): Promise<string> {
  return withScratch(async (folder) => {
    const requirements = join(import.meta.dirname, "clients.requirements.txt");
    const options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"];
    await run("python3", ["-m", "pip", "download", ...options, "-d", folder, "-r", requirements]);
    return putWheels(CLIENTS, () => readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  });
}

function routes(set: PackageSet, report: (line: string) => void): Route[] {
  const debian = SUITES.map(
    (suite): Route => ({
      name: `Debian ${suite}`,
      take: async () => {
        const archive = await DebianArchive.open(suite, report);
        return withScratch(async (folder) => {
          await archive.unpack(
            Object.keys(set.imports).map((name) => `python3-${name}`),
            folder,
          );
          return putPackages(set, join(folder, "usr", "lib", "python3", "dist-packages"));
        });
      },
    }),
  );
  return [...debian, set.internet];
}

async function vendorSet(set: PackageSet, report: (line: string) => void): Promise<void> {
  if (existsSync(set.folder) && existsSync(set.zip)) return;
  rmSync(set.folder, { recursive: true, force: true });
  const taken = await takeFirst(
    `The Python packages ${Object.keys(set.imports).join(", ")}`,
    routes(set, report),
    `Run this on a machine that reaches Debian's packages or the internet, or unpack the packages into ${set.folder}.`,
  );
  report(`packages from ${taken}`);
}

/** Makes sure that {@link PLACES.packages} and {@link PLACES.packagesZip} are there. */
export function vendorPackages(report: (line: string) => void): Promise<void> {
  return vendorSet(PACKAGES, report);
}

/** Makes sure that {@link PLACES.clients} and {@link PLACES.clientsZip} are there. */
export function vendorClients(report: (line: string) => void): Promise<void> {
  return vendorSet(CLIENTS, report);
}
