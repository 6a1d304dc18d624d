/**
 * Builds `dist/`, the package's only content besides its documents: type declarations, bundles for the browser and for
 * Node, and the assets that `install()` loads. Safe to run again at any time; it does only what has to be done.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { distOf, ROOT } from "../vendor/cache.ts";
import { PYTHON_MINOR } from "../vendor/python-version.ts";
import { vendor } from "../vendor/vendor.ts";
import { writeAssets } from "./assets.ts";
import { writeBrowserBundles, writeJupyterLiteExtension, writeNodeBundles } from "./bundles.ts";
import { printSizes } from "./sizes.ts";
import { writeWheel } from "./wheel.ts";

const HELP = `Usage: npm run build -- [options]

Builds dist/: type declarations, bundles, assets, the wheel. With PYODIDE_SSL_PYTHON=3.15 in the environment: for that Python,
into a folder of .cache/.

  --no-types   leave the type declarations alone (quicker while you work)
  --no-sizes   do not print the table of sizes
  --help       this text
`;

const startedAt = performance.now();

function progress(line: string): void {
  console.log(`[build ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

/** Type declarations of every published layer, into `dist/types`. */
async function writeTypes(): Promise<void> {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const child = spawn(process.execPath, [compiler, "-b", "worker", "gateway", "cli"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error("the types do not hold; the lines above say where");
}

/** Runs one step, says so, and answers what went wrong with it: one broken part need not keep the others from being built. */
async function step(name: string, run: () => void | Promise<void>): Promise<string[]> {
  progress(name);
  try {
    await run();
    return [];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Builds everything and answers the failures. */
async function buildAll(options: { types: boolean; sizes: boolean }): Promise<string[]> {
  const dist = distOf(PYTHON_MINOR);
  mkdirSync(dist, { recursive: true });
  // The compiler is another process: it runs on the second core while this one does the rest.
  const types = options.types ? step("type declarations (tsc -b)", writeTypes) : Promise.resolve([]);
  const failures = [
    ...(await step("CPython's ssl.py", () => vendor(["ssl"], progress))),
    ...(await step("assets", () => writeAssets(join(dist, "assets")))),
    ...(await step("bundles for browsers", () => writeBrowserBundles(dist))),
    ...(await step("extension for JupyterLite", () => writeJupyterLiteExtension(dist))),
    ...(await step("bundles for Node", () => writeNodeBundles(dist))),
    ...(await step("wheel", () => writeWheel(dist))),
    ...(await types),
  ];
  if (options.sizes) printSizes(dist);
  return failures;
}

const { values } = parseArgs({
  options: {
    "no-types": { type: "boolean", default: false },
    "no-sizes": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
} else {
  const failures = await buildAll({ types: !values["no-types"], sizes: !values["no-sizes"] });
  for (const failure of failures) console.error(`build failed: ${failure}`);
  if (failures.length === 0) progress("done");
  process.exitCode = failures.length === 0 ? 0 : 1;
}
