/**
 * The target `jupyterlite`: where people have Pyodide without us. A whole JupyterLite site, as it is prebuilt in an npm package, and what
 * its kernel imports, which Pyodide's distribution would have: from Debian, as one wheel. And PyScript.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { DebianArchive, SUITES } from "./apt.ts";
import { PLACES, publish, withScratch } from "./cache.ts";
import { fetchFromNpm, type NpmPin } from "./npm-package.ts";
import { wheelOfPyodide } from "./python-packages.ts";
import { type Route, takeFirst, UnreachableError } from "./routes.ts";
import { packZip, type ZipEntry } from "./zip.ts";

/** JupyterLite 0.8.3 with pyodide-kernel 0.8.5. */
const SITE: NpmPin = {
  spec: "@galaxyproject/jupyterlite@0.0.31",
  sha512: "INX/ovO8uwNbmnUpWw7pUxPo1ChcLqv2QnDW1BZcoD+S98qVq1WbTSU9DoqrVoOP83J/GUsH2jMzuO2tBsdPEA==",
  folder: "static/dist/_output",
};

const PYSCRIPT: NpmPin = {
  spec: "@pyscript/core@0.7.31",
  sha512: "GqM1aonc1N4RTkNZ1zJ8jJk8+i2cqeztZslPsAiQtn+wHHkUX9Z1FgIg4HjCvhBylB68UKmbTVTzOobpgPIMVQ==",
  folder: "dist",
};

/** What IPython 9 and the kernel import. */
const PACKAGES = [
  "asttokens",
  "comm",
  "decorator",
  "executing",
  "ipython",
  "jedi",
  "matplotlib-inline",
  "packaging",
  "parso",
  "prompt-toolkit",
  "pure-eval",
  "pygments",
  "six",
  "stack-data",
  "traitlets",
  "typing-extensions",
  "wcwidth",
] as const;

/** The name and version under which they are one wheel. */
export const NOTEBOOK_WHEEL = "notebook_packages-0-py3-none-any.whl";

function listFiles(folder: string): ZipEntry[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile() && !/\.so$|\.pyc$|\.(dist|egg)-info\//.test(path))
    .sort()
    .map((path) => ({ path: relative(folder, path).split(sep).join("/"), bytes: readFileSync(path) }));
}

/** All of them in one wheel: Pyodide loads that at once. */
function packWheel(folder: string): Uint8Array {
  const info = NOTEBOOK_WHEEL.replace("-py3-none-any.whl", ".dist-info");
  const text = (path: string, content: string): ZipEntry => ({
    path: `${info}/${path}`,
    bytes: Buffer.from(content),
  });
  return packZip([
    ...listFiles(folder),
    text("METADATA", "Metadata-Version: 2.4\nName: notebook-packages\nVersion: 0\n"),
    text("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    text("RECORD", ""),
  ]);
}

function debianRoutes(report: (line: string) => void): Route[] {
  return SUITES.map((suite) => ({
    name: `Debian ${suite}`,
    take: async () => {
      const archive = await DebianArchive.open(suite, report);
      return withScratch(async (folder) => {
        const taken = await archive.unpack(
          PACKAGES.map((name) => `python3-${name}`),
          folder,
        );
        await publish(PLACES.notebookWheel, (temporary) =>
          writeFileSync(temporary, packWheel(join(folder, "usr", "lib", "python3", "dist-packages"))),
        );
        return taken.map(({ name, version }) => `${name} ${version}`).join(", ");
      });
    },
  }));
}

/** micropip is in no other registry: notebooks of the tests have a stand-in where this can't be had. */
async function fetchMicropip(): Promise<string> {
  const wheel = await wheelOfPyodide("micropip");
  await publish(PLACES.micropipWheel, (temporary) => writeFileSync(temporary, wheel));
  return "micropip";
}

/** Makes sure that {@link PLACES.jupyterlite}, {@link PLACES.pyscript} and {@link PLACES.notebookWheel} are there, and {@link PLACES.micropipWheel} if it can be had. */
export async function vendorJupyterLite(report: (line: string) => void): Promise<void> {
  for (const [pin, place] of [
    [SITE, PLACES.jupyterlite],
    [PYSCRIPT, PLACES.pyscript],
  ] as const) {
    if (existsSync(place)) continue;
    const route: Route = { name: "npm", take: () => fetchFromNpm(pin, place) };
    report(await takeFirst(pin.spec, [route], "Run this on a machine that reaches npm's registry."));
  }
  if (!existsSync(PLACES.notebookWheel)) {
    const remedy = "Run this on a machine that reaches Debian's packages.";
    report(await takeFirst("What JupyterLite's kernel imports", debianRoutes(report), remedy));
  }
  if (!existsSync(PLACES.micropipWheel)) {
    const route: Route = { name: "Pyodide's distribution", take: fetchMicropip };
    const taken = takeFirst("micropip", [route], "A stand-in for it is used.");
    report(
      await taken.catch((error: unknown) => {
        if (error instanceof UnreachableError) return error.message.replaceAll("\n", " ");
        throw error;
      }),
    );
  }
}
