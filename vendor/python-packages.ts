/**
 * The target `packages`: the Python packages that tests and the demo run unmodified, as folders and as one archive.
 *
 * They come from Debian (signed), else from Pyodide's own distribution: the hashes are those of the `pyodide-lock.json`
 * that the installed npm package carries.
 */
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
import { DebianArchive, SUITES } from "./apt.ts";
import { PLACES, publish, ROOT, withScratch } from "./cache.ts";
import { downloadPinned } from "./download.ts";
import { type Route, takeFirst } from "./routes.ts";
import { packZip, unpackZip, type ZipEntry } from "./zip.ts";

/** Import names of the packages; Debian's package and the lock's entry have them with a dash. */
const PACKAGES = ["requests", "urllib3", "idna", "certifi", "charset_normalizer"] as const;

/** Compiled parts are for another machine; charset_normalizer runs as plain Python without them. */
function isPlain(path: string): boolean {
  return !/\.so$|\.pyc$|(^|\/)__pycache__(\/|$)/.test(path.split(sep).join("/"));
}

/** Folders of the wanted packages in a `dist-packages` folder, with their metadata. */
function wantedFolders(folder: string): string[] {
  const isWanted = (entry: string): boolean =>
    PACKAGES.some((name) => entry === name || entry.startsWith(`${name}-`));
  const entries = readdirSync(folder).filter(isWanted).sort();
  const missing = PACKAGES.filter((name) => !entries.includes(name));
  if (missing.length > 0) throw new Error(`the packages fetched lack ${missing.join(", ")}`);
  return entries;
}

function listFiles(folder: string): ZipEntry[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .sort()
    .map((path) => ({ path: relative(folder, path).split(sep).join("/"), bytes: readFileSync(path) }));
}

/** Publishes the packages in `source` as a folder, and as an archive. Answers their versions, for the log. */
async function putPackages(source: string): Promise<string> {
  const folders = wantedFolders(source);
  await publish(PLACES.packages, (temporary) => {
    mkdirSync(temporary);
    for (const name of folders) {
      cpSync(join(source, name), join(temporary, name), {
        recursive: true,
        dereference: true,
        filter: isPlain,
      });
    }
  });
  await publish(PLACES.packagesZip, (temporary) =>
    writeFileSync(temporary, packZip(listFiles(PLACES.packages))),
  );
  return folders
    .filter((name) => name.endsWith(".dist-info"))
    .map((name) => name.replace(".dist-info", "").replace("-", " "))
    .join(", ");
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
  return withScratch(async (folder) => {
    for (const name of PACKAGES) {
      for (const { path, bytes } of unpackZip(await wheelOfPyodide(name.replace("_", "-")))) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
    }
    return putPackages(folder);
  });
}

function routes(report: (line: string) => void): Route[] {
  const debian = SUITES.map(
    (suite): Route => ({
      name: `Debian ${suite}`,
      take: async () => {
        const archive = await DebianArchive.open(suite, report);
        return withScratch(async (folder) => {
          await archive.unpack(
            PACKAGES.map((name) => `python3-${name.replace("_", "-")}`),
            folder,
          );
          return putPackages(join(folder, "usr", "lib", "python3", "dist-packages"));
        });
      },
    }),
  );
  return [...debian, { name: "Pyodide's distribution", take: fromPyodide }];
}

/** Makes sure that {@link PLACES.packages} and {@link PLACES.packagesZip} are there. */
export async function vendorPackages(report: (line: string) => void): Promise<void> {
  if (existsSync(PLACES.packages) && existsSync(PLACES.packagesZip)) return;
  rmSync(PLACES.packages, { recursive: true, force: true });
  const taken = await takeFirst(
    `The Python packages ${PACKAGES.join(", ")}`,
    routes(report),
    `Run this on a machine that reaches Debian's packages or the internet, or unpack the packages into ${PLACES.packages}.`,
  );
  report(`packages from ${taken}`);
}
