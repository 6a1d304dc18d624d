/**
 * The target `testsuite`: CPython's own tests, its `Lib/test`, unmodified and of the minor version that Pyodide has. `conformance/`
 * puts into Pyodide what a run needs of it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { DebianArchive, SUITES } from "./apt.ts";
import { PLACES, publish, withScratch } from "./cache.ts";
import { downloadPinned } from "./download.ts";
import pins from "./pins.json" with { type: "json" };
import { IS_SUPPORTED_PYTHON, PYTHON_MINOR } from "./python-version.ts";
import { type Route, takeFirst } from "./routes.ts";

/** Files without which no test of TLS runs. */
const NEEDED = ["test_ssl.py", "ssl_servers.py", "support/__init__.py", "certdata/keycert.pem"] as const;

function isSource(path: string): boolean {
  return !path.split(sep).includes("__pycache__");
}

/**
 * Publishes the `test` package found in `folder`. A distribution may ship the package without its tests.
 * @param version of the CPython release that they are of
 */
function putTests(folder: string, version: string): Promise<void> {
  const missing = NEEDED.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) throw new Error(`the test package found lacks ${missing.join(", ")}`);
  return publish(PLACES.testSuite, (temporary) => {
    cpSync(folder, join(temporary, "test"), { recursive: true, dereference: true, filter: isSource });
    writeFileSync(join(temporary, "version.txt"), `${version}\n`);
  });
}

/** The `test` package of an installed CPython of this minor version. */
function installedTests(): { version: string; folder: string } | undefined {
  const script = "import sys, sysconfig; print(sys.version.split()[0], sysconfig.get_path('stdlib'))";
  const found = spawnSync(`python${PYTHON_MINOR}`, ["-I", "-c", script], { encoding: "utf8" });
  const [version, library] = found.status === 0 ? found.stdout.trim().split(" ") : [];
  if (version === undefined || library === undefined) return undefined;
  const folder = join(library, "test");
  return NEEDED.every((name) => existsSync(join(folder, name))) ? { version, folder } : undefined;
}

/** Out of CPython's source archive, by the machine's `tar`. */
async function fromSourceArchive(): Promise<string | undefined> {
  if (!IS_SUPPORTED_PYTHON) return undefined;
  const pin = pins["cpython-source"];
  const bytes = await downloadPinned(pin);
  await withScratch(async (folder) => {
    const archive = join(folder, "source.tar.xz");
    writeFileSync(archive, bytes);
    const root = join(folder, "source");
    mkdirSync(root);
    const tests = `Python-${pin.version}/Lib/test`;
    const { status, stderr } = spawnSync("tar", ["-xJf", archive, "-C", root, tests], { encoding: "utf8" });
    if (status !== 0) throw new Error(`tar could not unpack CPython's source: ${stderr}`);
    await putTests(join(root, tests), pin.version);
  });
  return pin.version;
}

function routes(report: (line: string) => void): Route[] {
  const debian = SUITES.map(
    (suite): Route => ({
      name: `Debian ${suite}`,
      take: async () => {
        const archive = await DebianArchive.open(suite, report);
        const name = `libpython${PYTHON_MINOR}-testsuite`;
        if ((await archive.versions(name)).length === 0) return undefined;
        return withScratch(async (folder) => {
          // Debian keeps test.support with the standard library.
          const [tests] = await archive.unpack([name, `libpython${PYTHON_MINOR}-stdlib`], folder);
          const version = tests?.version ?? "";
          await putTests(
            join(folder, "usr", "lib", `python${PYTHON_MINOR}`, "test"),
            /^[\d.]+/.exec(version)?.[0] ?? version,
          );
          return `${name} ${version}`;
        });
      },
    }),
  );
  return [
    {
      name: "installed CPython",
      take: async () => {
        const found = installedTests();
        if (found === undefined) return undefined;
        await putTests(found.folder, found.version);
        return found.version;
      },
    },
    ...debian,
    { name: "CPython's source archive", take: fromSourceArchive },
  ];
}

/** The CPython release that the vendored tests are of; "unknown" where somebody put them there by hand. */
export function testSuiteVersion(): string {
  const file = join(PLACES.testSuite, "version.txt");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "unknown";
}

/** Makes sure that {@link PLACES.testSuite} is there. */
export async function vendorTestSuite(report: (line: string) => void): Promise<void> {
  if (existsSync(PLACES.testSuite)) return;
  const taken = await takeFirst(
    `CPython ${PYTHON_MINOR}'s tests`,
    routes(report),
    `Install Python ${PYTHON_MINOR} with its tests, or run this on a machine that reaches Debian's packages or the internet, ` +
      `or copy Lib/test of a CPython ${PYTHON_MINOR} to ${join(PLACES.testSuite, "test")}.`,
  );
  report(`testsuite from ${taken}`);
}
