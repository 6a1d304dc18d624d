/**
 * `npm test`: builds, then runs every check and test, and ends with one line `N passed, N failed, N skipped`. Exits with 1
 * when something failed.
 */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { PYODIDE_OF_JUPYTERLITE } from "../vendor/pyodide-versions.ts";
import { UnreachableError } from "../vendor/routes.ts";
import { vendor } from "../vendor/vendor.ts";
import {
  commandStep,
  conformanceStep,
  stopCommands,
  type Tally,
  versionsStep,
  vitestStep,
} from "./test-steps.ts";

/** The parts in the order they run: what is quick and finds most comes first. */
const PARTS = {
  check: "types, format, lint, dead code",
  unit: "tests beside the sources",
  openssl: "openssl.wasm is what its script builds",
  oracle: "the same Python scripts on native CPython and here",
  interop: "other implementations of TLS, in both directions",
  leaks: "5,000 handshakes leave nothing behind",
  versions: "other releases of Pyodide; the next one may fail",
  conformance: "CPython's own tests, unmodified, in Node and in Chromium",
  e2e: "Chromium, real servers, the built package",
  clients: "PostgreSQL, MariaDB, Redis, MQTT, mail and FTP clients, in Node and in Chromium",
  docs: "what the documents say: links, snippets, messages, what is to deploy",
  package: "the packed tarball: pages, bundlers, Node, TypeScript",
  jupyterlite: "notebooks in a real JupyterLite, and PyScript",
  firefox: "the smoke test in Firefox",
} as const;

type Part = keyof typeof PARTS;

/** What runs in Chromium too at each `npm test`: TLS, and what a browser does otherwise. `npm run conformance` runs all there. */
const CHROMIUM_MODULES = ["test_ssl", "test_socketserver", "test_threading_local", "test_urllib2_localnet"];

const HELP = `Usage: npm test -- [--only PART[,PART…]] [--no-build] [filter…]

Ends with one line: N passed, N failed, N skipped.

  --only PART   run only these parts:
${Object.entries(PARTS)
  .map(([name, says]) => `                  ${name.padEnd(11)} ${says}`)
  .join("\n")}
  --no-build    use dist/ as it is
  filter        only test files whose path contains one of these
`;

const startedAt = performance.now();

function announce(line: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(
    `\n=== [${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, "0")}] ${line}`,
  );
}

const total: Tally = { passed: 0, failed: [], skipped: [], allowed: [] };

/** Minutes by part. */
const durations = new Map<string, number>();

async function step(title: string, run: () => Promise<Tally>): Promise<Tally> {
  announce(title);
  const tally = await run();
  total.passed += tally.passed;
  total.failed.push(...tally.failed);
  total.skipped.push(...tally.skipped);
  total.allowed.push(...tally.allowed);
  return tally;
}

/** A native CPython is only compared with: where none can be had, its tests skip and say so. */
async function fetchOracle(): Promise<void> {
  try {
    await vendor(["cpython"], (line) => console.log(`vendor: ${line}`));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    console.log(error.message);
  }
}

/** Likewise: its tests skip and say so. */
async function fetchJupyterLite(): Promise<void> {
  try {
    await vendor(["jupyterlite"], (line) => console.log(`vendor: ${line}`));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    console.log(error.message);
  }
}

/** Likewise; with the native CPython that they are compared with. */
async function fetchClients(): Promise<void> {
  await fetchOracle();
  try {
    await vendor(["clients"], (line) => console.log(`vendor: ${line}`));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    console.log(error.message);
  }
}

async function checks(): Promise<void> {
  await step("check: types", () => commandStep("tsc -b", "tsc", ["-b"]));
  await step("check: format", () => commandStep("biome ci", "biome", ["ci", "--reporter=summary", "."]));
  await step("check: lint", () => commandStep("eslint", "eslint", ["."]));
  await step("check: dead code", () => commandStep("knip", "knip", []));
}

async function runParts(parts: readonly Part[], filters: readonly string[]): Promise<void> {
  for (const part of parts) {
    const began = performance.now();
    await runPart(part, filters);
    durations.set(part, (performance.now() - began) / 60_000);
  }
}

async function runPart(part: Part, filters: readonly string[]): Promise<void> {
  switch (part) {
    case "check":
      await checks();
      break;
    case "openssl":
      await step("openssl.wasm: build again and compare", () =>
        commandStep("openssl.wasm is reproducible", process.execPath, ["openssl/build.ts", "--verify"]),
      );
      break;
    case "jupyterlite":
      await fetchJupyterLite();
      await step(`${part}: ${PARTS[part]}`, () => vitestStep(part, filters));
      break;
    case "clients":
      await fetchClients();
      await step(`${part}: ${PARTS[part]}`, () => vitestStep(part, filters));
      break;
    case "oracle":
      await fetchOracle();
      await step("oracle", () => vitestStep(part, filters));
      break;
    case "versions":
      await step(`${part}: ${PARTS[part]}`, versionsStep);
      await step(`versions: CPython's own test_ssl on Pyodide ${PYODIDE_OF_JUPYTERLITE}`, () =>
        conformanceStep("node", ["test_ssl"], PYODIDE_OF_JUPYTERLITE),
      );
      break;
    case "conformance": {
      // Words that are no files are modules or tests of CPython's.
      const modules = filters.filter((filter) => filter.startsWith("test_"));
      await step("conformance: the runner", () => vitestStep(part, filters));
      await step("conformance: CPython's own tests in Node", () => conformanceStep("node", modules));
      await step("conformance: CPython's own tests in Chromium", () =>
        conformanceStep("chromium", modules.length > 0 ? modules : CHROMIUM_MODULES),
      );
      break;
    }
    case "unit":
    case "interop":
    case "leaks":
    case "e2e":
    case "docs":
    case "package":
    case "firefox":
      await step(`${part}: ${PARTS[part]}`, () => vitestStep(part, filters));
      break;
  }
}

/** Where the time went. */
function showMinutes(): void {
  const row = (name: string, minutes: number) => `  ${name.padEnd(12)} ${minutes.toFixed(1).padStart(5)}`;
  console.log(`\nMinutes:\n${[...durations].map(([name, minutes]) => row(name, minutes)).join("\n")}`);
  console.log(row("all", (performance.now() - startedAt) / 60_000));
}

function summarise(): void {
  if (total.allowed.length > 0)
    console.log(`\nAllowed to fail:\n${total.allowed.map((title) => `  - ${title}`).join("\n")}`);
  if (total.skipped.length > 0)
    console.log(`\nSkipped:\n${total.skipped.map((title) => `  - ${title}`).join("\n")}`);
  if (total.failed.length > 0)
    console.log(`\nFailed:\n${total.failed.map((title) => `  - ${title}`).join("\n")}`);
  showMinutes();
  console.log(`\n${total.passed} passed, ${total.failed.length} failed, ${total.skipped.length} skipped`);
}

function isPart(name: string): name is Part {
  return Object.hasOwn(PARTS, name);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      only: { type: "string" },
      "no-build": { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const names = values.only?.split(",") ?? Object.keys(PARTS);
  const unknown = names.filter((name) => !isPart(name));
  if (unknown.length > 0) {
    process.stderr.write(`test: no part ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}\n`);
    return 2;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stopCommands().then(() => process.exit(signal === "SIGINT" ? 130 : 143)));
  }
  if (values["no-build"] !== true) {
    announce("build");
    const build = await commandStep("the build", process.execPath, ["scripts/build.ts", "--no-sizes"]);
    total.failed.push(...build.failed);
  }
  await vendor(["packages"], (line) => console.log(`vendor: ${line}`)).catch((error: unknown) => {
    total.failed.push(error instanceof Error ? error.message : String(error));
  });
  await runParts(names.filter(isPart), positionals);
  summarise();
  return total.failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
