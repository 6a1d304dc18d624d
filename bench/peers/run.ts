/** `npm run bench -- --against peers`: a page of this package in the peers' harness, which is not part of the repository. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ROOT } from "../../vendor/cache.ts";
import { type BenchOptions, UsageError } from "../plan.ts";
import { type PeersResults, targetTable } from "./targets.ts";

const WORK = join(ROOT, ".cache", "peers-bench");
/** Beside the repository, unless the variable says where. */
const HARNESS = process.env["PEERS_BENCH"] ?? join(ROOT, "..", "shared", "tools", "peers-bench");

const HTML = `<!doctype html><meta charset="utf-8"><title>pyodide-ssl</title>
<script type="importmap">{"imports": {"pyodide": "./pyodide/pyodide.mjs", "pyodide-ssl": "./pyodide-ssl/index.js"}}</script>
<script type="module" src="./page.js"></script>`;

/** Puts the page into a folder of its own, with the built package and Pyodide. */
async function makePage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, "page.ts")],
    outfile: join(folder, "page.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["pyodide", "pyodide-ssl"],
    logLevel: "error",
  });
  writeFileSync(join(folder, "index.html"), HTML);
  cpSync(join(import.meta.dirname, "client.py"), join(folder, "client.py"));
  symlinkSync(join(ROOT, "dist"), join(folder, "pyodide-ssl"));
  symlinkSync(dirname(fileURLToPath(import.meta.resolve("pyodide/pyodide.mjs"))), join(folder, "pyodide"));
}

function run(command: string, args: readonly string[], folder: string): void {
  // The harness's own output is progress here.
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with status ${String(status)}`);
}

/**
 * Runs the harness and answers the table of targets.
 * @throws {UsageError} when the harness is not there
 */
export async function runAgainstPeers(options: BenchOptions): Promise<string> {
  if (!existsSync(join(HARNESS, "run.mjs"))) {
    throw new UsageError(`no harness of the peers in ${HARNESS}; PEERS_BENCH can name its folder`);
  }
  const harness = join(WORK, "harness");
  cpSync(HARNESS, harness, { recursive: true, filter: (path) => !path.includes("node_modules") });
  if (!existsSync(join(harness, "node_modules"))) run("npm", ["install", "--no-audit", "--no-fund"], harness);
  const page = join(WORK, "page");
  await makePage(page);
  const out = options.json ?? join(WORK, "results.json");
  const flags = ["--ours", page, "--out", out, "--no-limits"];
  if (options.isQuick) flags.push("--quick", "--patience", "0");
  if (options.rounds !== undefined) flags.push("--rounds", String(options.rounds));
  if (options.only.length > 0) flags.push("--peers", options.only.join(","));
  run(process.execPath, ["run.mjs", ...flags], harness);
  return targetTable(JSON.parse(readFileSync(out, "utf8")) as PeersResults);
}
