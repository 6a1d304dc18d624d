/** The target `ssl`: CPython's own `ssl.py` of the minor version that Pyodide has, unmodified. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DebianArchive, SUITES } from "./apt.ts";
import { PLACES, publish, withScratch } from "./cache.ts";
import { downloadPinned } from "./download.ts";
import pins from "./pins.json" with { type: "json" };
import { IS_SUPPORTED_PYTHON, PYTHON_MINOR } from "./python-version.ts";
import { type Route, takeFirst } from "./routes.ts";

/** Distinguishes the real module from Pyodide's stub and from an error page. */
function checkModule(source: string): void {
  for (const mark of ["import _ssl", "class SSLSocket(", "class SSLObject:", "def create_default_context("]) {
    if (!source.includes(mark))
      throw new Error(`the file found is not CPython's ssl.py: it has no ${JSON.stringify(mark)}`);
  }
}

function putModule(file: string): Promise<void> {
  checkModule(readFileSync(file, "utf8"));
  return publish(PLACES.sslModule, (temporary) => copyFileSync(file, temporary));
}

/** The path of the standard library of an installed CPython of this minor version. */
function installedLibrary(): { version: string; file: string } | undefined {
  const script = "import sys, sysconfig; print(sys.version.split()[0], sysconfig.get_path('stdlib'))";
  const found = spawnSync(`python${PYTHON_MINOR}`, ["-I", "-c", script], { encoding: "utf8" });
  const [version, folder] = found.status === 0 ? found.stdout.trim().split(" ") : [];
  if (version === undefined || folder === undefined) return undefined;
  const file = join(folder, "ssl.py");
  return version.startsWith(`${PYTHON_MINOR}.`) && existsSync(file) ? { version, file } : undefined;
}

function routes(report: (line: string) => void): Route[] {
  const debian = SUITES.map(
    (suite): Route => ({
      name: `Debian ${suite}`,
      take: async () => {
        const archive = await DebianArchive.open(suite, report);
        // Debian keeps ssl.py in the first half of the library; which half is its packaging's choice.
        for (const name of [`libpython${PYTHON_MINOR}-minimal`, `libpython${PYTHON_MINOR}-stdlib`]) {
          if ((await archive.versions(name)).length === 0) continue;
          const version = await withScratch(async (folder) => {
            const [library] = await archive.unpack([name], folder);
            const file = join(folder, "usr", "lib", `python${PYTHON_MINOR}`, "ssl.py");
            if (!existsSync(file)) return undefined;
            await putModule(file);
            return library?.version;
          });
          if (version !== undefined) return `${name} ${version}`;
        }
        return undefined;
      },
    }),
  );
  return [
    {
      name: "installed CPython",
      take: async () => {
        const found = installedLibrary();
        if (found === undefined) return undefined;
        await putModule(found.file);
        return found.version;
      },
    },
    ...debian,
    {
      name: "CPython's release tag",
      take: async () => {
        if (!IS_SUPPORTED_PYTHON) return undefined;
        const bytes = await downloadPinned(pins["ssl.py"]);
        await publish(PLACES.sslModule, (temporary) => writeFileSync(temporary, bytes));
        return pins["ssl.py"].version;
      },
    },
  ];
}

/** Makes sure that {@link PLACES.sslModule} is there. */
export async function vendorSsl(report: (line: string) => void): Promise<void> {
  if (existsSync(PLACES.sslModule)) return;
  const taken = await takeFirst(
    `CPython ${PYTHON_MINOR}'s ssl.py`,
    routes(report),
    `Install Python ${PYTHON_MINOR}, or run this on a machine that reaches Debian's packages or the internet, ` +
      `or copy Lib/ssl.py of a CPython ${PYTHON_MINOR} to ${PLACES.sslModule}.`,
  );
  report(`ssl.py from ${taken}`);
}
