/** The archive that a run unpacks into Pyodide's `site-packages`: CPython's test package as far as the run needs it. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { PLACES } from "../vendor/cache.ts";
import { packZip, type ZipEntry } from "../vendor/zip.ts";

/** The Python side of the runner. */
const HARNESS = "conformance_harness.py";

/** Folders that many test modules use. The others are big, and belong to one module each. */
const SHARED_FOLDERS = ["support", "certdata", "data"];

/** Files of the test package that are neither a test module nor small. */
const SIZE_LIMIT = 400_000;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .sort();
}

/** Test modules of ours, which run tests of CPython's under other conditions. */
const OWN_MODULES = join(import.meta.dirname, "modules");

/** The package's test modules, `test_ssl` among them, and ours: files and folders. */
export function listModules(): string[] {
  return [join(PLACES.testSuite, "test"), OWN_MODULES]
    .flatMap((folder) => readdirSync(folder, { withFileTypes: true }))
    .filter(({ name }) => name.startsWith("test_"))
    .filter((entry) => entry.isDirectory() || entry.name.endsWith(".py"))
    .map(({ name }) => name.replace(/\.py$/, ""))
    .sort();
}

/** Test modules import each other for what they share, which is few and far between. */
function importedModules(file: string, known: ReadonlySet<string>): string[] {
  const source = readFileSync(file, "utf8");
  const imports = source.matchAll(
    /^\s*(?:from test import (.+)|from test\.(test_\w+)|import test\.(test_\w+))/gm,
  );
  return [...imports]
    .flatMap(([, names, from, whole]) => (names ?? from ?? whole ?? "").split(/[\s,()]+/))
    .filter((name) => known.has(name));
}

/** Where a module is: a file or a folder. */
function findModule(name: string): string {
  const places = [join(PLACES.testSuite, "test"), OWN_MODULES].flatMap((folder) => [
    join(folder, `${name}.py`),
    join(folder, name),
  ]);
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`there is no test module ${name}`);
  return found;
}

/** Files of the modules, and of those that they import, with their paths in the package. */
function moduleFiles(modules: readonly string[]): { file: string; path: string }[] {
  const known = new Set(listModules());
  const wanted = new Set(modules);
  const files: { file: string; path: string }[] = [];
  for (const name of wanted) {
    const place = findModule(name);
    const found = statSync(place).isFile() ? [place] : filesBelow(place);
    files.push(...found.map((file) => ({ file, path: relative(dirname(place), file) })));
    for (const python of found.filter((path) => path.endsWith(".py"))) {
      for (const other of importedModules(python, known)) wanted.add(other);
    }
  }
  return files;
}

/**
 * Packs the harness, what test modules share, and the modules asked for.
 * @param modules names of test modules: `test_ssl`
 * @param more files of one's own
 */
export function packTests(modules: readonly string[], more: readonly ZipEntry[] = []): Uint8Array {
  const folder = join(PLACES.testSuite, "test");
  const plain = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("test_"))
    .map(({ name }) => join(folder, name))
    .filter((file) => statSync(file).size < SIZE_LIMIT);
  const shared = SHARED_FOLDERS.flatMap((name) => filesBelow(join(folder, name)));
  const files = [
    ...[...plain, ...shared].map((file) => ({ file, path: relative(folder, file) })),
    ...moduleFiles(modules),
  ];
  const entries = files.map(
    ({ file, path }): ZipEntry => ({ path: `test/${path.split(sep).join("/")}`, bytes: readFileSync(file) }),
  );
  return packZip([
    ...entries,
    ...more,
    { path: HARNESS, bytes: readFileSync(join(import.meta.dirname, HARNESS)) },
  ]);
}
