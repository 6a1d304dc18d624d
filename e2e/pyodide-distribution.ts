/** Pyodide as its distribution serves it, of this machine alone: from `node_modules`, with packages from the cache. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Resource } from "../demo/page-server.ts";
import { PLACES } from "../vendor/cache.ts";
import { NOTEBOOK_WHEEL } from "../vendor/jupyterlite.ts";
import { packZip, unpackZip, type ZipEntry } from "../vendor/zip.ts";

const PYODIDE = dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs")));
const KERNEL_WHEELS = join(
  PLACES.jupyterlite,
  "extensions/@jupyterlite/pyodide-kernel-extension/static/pypi",
);

/** Whether it has micropip itself, or the stand-in. */
export const HAS_REAL_MICROPIP: boolean = existsSync(PLACES.micropipWheel);
const MICROPIP_WHEEL = "micropip-0.11.1-py3-none-any.whl";

/** A wheel of nothing but these files. */
function wheel(file: string, entries: readonly ZipEntry[]): Uint8Array {
  const [name, version] = file.split("-");
  const info = `${name}-${version}.dist-info`;
  const text = (path: string, content: string): ZipEntry => ({
    path: `${info}/${path}`,
    bytes: Buffer.from(content),
  });
  return packZip([
    ...entries,
    text("METADATA", `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n`),
    text("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    text("RECORD", ""),
  ]);
}

/**
 * micropip is neither in npm's registry nor in Debian. Where the vendor step could not get it from Pyodide's distribution, this has
 * its one call that notebooks make, by Pyodide's own loader, and the names that the kernel's piplite wraps.
 */
const MICROPIP: readonly ZipEntry[] = [
  {
    path: "micropip/__init__.py",
    bytes: Buffer.from(`
import pyodide_js

async def install(requirements, *args, **kwargs):
    await pyodide_js.loadPackage([requirements] if isinstance(requirements, str) else requirements)
`),
  },
  {
    path: "micropip/package_index.py",
    bytes: Buffer.from(
      "class CompatibilityLayer: ...\nclass ProjectInfo: ...\nasync def query_package(*args, **kwargs): ...\n",
    ),
  },
];

/** Everything that the kernel would get by micropip, and requests, by the names that it asks for. */
function packages(): Readonly<Record<string, Package>> {
  const kernelWheel = (name: string): Package => {
    const file = readdirSync(KERNEL_WHEELS).find((entry) => entry.startsWith(`${name}-`)) ?? name;
    return { file, bytes: readFileSync(join(KERNEL_WHEELS, file)) };
  };
  const made = (file: string, entries: readonly ZipEntry[], imports: readonly string[] = []): Package => ({
    file,
    bytes: wheel(file, entries),
    imports,
  });
  const requests = unpackZip(readFileSync(PLACES.packagesZip)).filter(
    ({ path }) => !path.includes(".dist-info/"),
  );
  return {
    micropip: HAS_REAL_MICROPIP
      ? { file: MICROPIP_WHEEL, bytes: readFileSync(PLACES.micropipWheel), imports: ["micropip"] }
      : made(MICROPIP_WHEEL, MICROPIP, ["micropip"]),
    ipython: { file: NOTEBOOK_WHEEL, bytes: readFileSync(PLACES.notebookWheel) },
    // In the wheel of ipython.
    comm: made("comm-0-py3-none-any.whl", []),
    jedi: made("jedi-0-py3-none-any.whl", []),
    piplite: kernelWheel("piplite"),
    ipykernel: kernelWheel("ipykernel"),
    "pyodide-kernel": kernelWheel("pyodide_kernel"),
    requests: made("requests-0-py3-none-any.whl", requests, ["requests", "urllib3"]),
  };
}

interface Package {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly imports?: readonly string[];
}

/** Pyodide's list of packages, with these and no others. */
function lockFile(contents: Readonly<Record<string, Package>>): string {
  const lock = JSON.parse(readFileSync(join(PYODIDE, "pyodide-lock.json"), "utf8")) as Record<
    string,
    unknown
  >;
  const entries = Object.entries(contents).map(([name, { file, bytes, imports = [] }]) => [
    name,
    {
      name,
      version: file.split("-")[1],
      file_name: file,
      install_dir: "site",
      sha256: createHash("sha256").update(bytes).digest("hex"),
      package_type: "package",
      imports,
      depends: [],
    },
  ]);
  return JSON.stringify({ ...lock, packages: Object.fromEntries(entries) as unknown });
}

/** All of it below `/pyodide/`. */
export function pyodideDistribution(): Readonly<Record<string, Resource>> {
  const contents = packages();
  return {
    "/pyodide/pyodide-lock.json": { text: lockFile(contents), type: "application/json" },
    ...Object.fromEntries(
      Object.values(contents).map(({ file, bytes }) => [
        `/pyodide/${file}`,
        { bytes, type: "application/zip" },
      ]),
    ),
    "/pyodide/": { folder: PYODIDE },
  };
}
