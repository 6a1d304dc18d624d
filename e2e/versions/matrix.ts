/**
 * `npm run matrix`: what holds in which version of Pyodide. Without words: those that `npm test` tries. Supported versions must
 * pass; the next one may fail, and what failed is shown.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../vendor/cache.ts";
import {
  PYODIDE_BEFORE,
  PYODIDE_NEXT,
  PYODIDE_OF_JUPYTERLITE,
  PYODIDE_SUPPORTED,
  PYODIDE_VERSIONS,
  pythonOfPyodide,
} from "../../vendor/pyodide-versions.ts";
import { missingChromium } from "../browser.ts";
import { writeTable } from "./table.ts";
import { runRefusals, runVersion, VERSION_HOSTS, type VersionRun } from "./version-run.ts";

const HELP = `Usage: npm run matrix -- [--all] [--host node|chromium] [--json FILE] [version…]

Runs e2e/versions/checks.py, and the wheel, in versions of Pyodide. Default: ${PYODIDE_OF_JUPYTERLITE}, which JupyterLite's kernel
loads, ${PYODIDE_NEXT}, which may fail, and ${PYODIDE_BEFORE}, which must be refused.

  --all         every version: ${PYODIDE_VERSIONS.join(", ")};
                and write the table of docs/versions.md
  --host HOST   node or chromium alone
  --json FILE   write every outcome

Exit code: 0 when all that is supported holds, else 1; 2 wrong usage.
`;

/** Whether a version's failures are shown and no more. */
function mayFail(version: string): boolean {
  return version === PYODIDE_NEXT;
}

/** Builds the package for another Python than the supported one. */
async function buildFor(python: string): Promise<void> {
  const parameters = [join(ROOT, "scripts", "build.ts"), "--no-types", "--no-sizes"];
  const env = { ...process.env, PYODIDE_SSL_PYTHON: python };
  const child = spawn(process.execPath, parameters, { env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) console.log(`the build for Python ${python} failed`);
}

function show(run: VersionRun): void {
  const failures = run.outcomes.filter(([, failure]) => failure !== null);
  const count = `${run.outcomes.length - failures.length} of ${run.outcomes.length} hold`;
  console.log(`Pyodide ${run.pyodide} on ${run.host}: ${count} (${run.seconds.toFixed(0)} s)`);
  const kind = mayFail(run.pyodide) ? "allowed to fail" : "FAIL";
  for (const [sentence, failure] of failures) console.log(`  ${kind}: ${sentence}\n    ${failure}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      all: { type: "boolean", default: false },
      host: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = positionals.filter((version) => !PYODIDE_VERSIONS.includes(version));
  const hosts = VERSION_HOSTS.filter((host) => values.host === undefined || values.host === host);
  if (unknown.length > 0 || hosts.length === 0) {
    process.stderr.write(`matrix: no version ${unknown.join(", ")} or no host ${values.host ?? ""}\n${HELP}`);
    return 2;
  }
  const versions = values.all
    ? [...PYODIDE_SUPPORTED, PYODIDE_NEXT, PYODIDE_BEFORE]
    : positionals.length > 0
      ? positionals
      : [PYODIDE_OF_JUPYTERLITE, PYODIDE_NEXT, PYODIDE_BEFORE];
  const noChromium = missingChromium();
  if (noChromium !== undefined) console.log(`SKIPPED in Chromium: ${noChromium}`);
  const runs: VersionRun[] = [];
  const report = (line: string): void => console.log(`vendor: ${line}`);
  for (const version of versions) {
    if (mayFail(version)) await buildFor(pythonOfPyodide(version));
    for (const host of hosts) {
      if (host === "chromium" && noChromium !== undefined) continue;
      // What is refused is refused before there is a difference between hosts.
      if (version === PYODIDE_BEFORE && host !== "node") continue;
      const run = await (version === PYODIDE_BEFORE ? runRefusals : runVersion)(version, host, report);
      runs.push(run);
      show(run);
    }
  }
  if (values.json !== undefined) {
    const withMark = runs.map((run) => ({ ...run, mayFail: mayFail(run.pyodide) }));
    writeFileSync(values.json, JSON.stringify(withMark, null, 2));
  }
  if (values.all && values.host === undefined) writeTable(runs);
  const isBad = (run: VersionRun) =>
    !mayFail(run.pyodide) && run.outcomes.some(([, failure]) => failure !== null);
  return runs.some(isBad) ? 1 : 0;
}

// Pyodide keeps Node alive after its last use.
process.exit(await main());
