/**
 * `node vendor/vendor.ts [target…]`: fetches what is never committed. Without a target: what building needs (`ssl`) and
 * what tests and the demo need (`packages`).
 */
import { parseArgs } from "node:util";
import { CACHE, withCacheLock } from "./cache.ts";
import { vendorJupyterLite } from "./jupyterlite.ts";
import { vendorNativePython } from "./native-python.ts";
import { vendorClients, vendorPackages } from "./python-packages.ts";
import { vendorSsl } from "./python-source.ts";
import { UnreachableError } from "./routes.ts";
import { vendorTestSuite } from "./test-suite.ts";

const TARGETS = {
  ssl: { says: "CPython 3.14's own ssl.py", vendor: vendorSsl },
  packages: { says: "requests, urllib3, idna, certifi, charset_normalizer", vendor: vendorPackages },
  clients: { says: "pg8000, redis, paho-mqtt, pymysql and what they import", vendor: vendorClients },
  jupyterlite: {
    says: "a prebuilt JupyterLite site, what its kernel imports, and PyScript",
    vendor: vendorJupyterLite,
  },
  cpython: { says: "a native CPython 3.14, the oracle of conformance/", vendor: vendorNativePython },
  testsuite: { says: "CPython's own tests, for conformance/", vendor: vendorTestSuite },
} as const;

type Target = keyof typeof TARGETS;

const DEFAULT_TARGETS: readonly Target[] = ["ssl", "packages"];

const HELP = `Usage: node vendor/vendor.ts [--list] [--help] [target…]

Fetches what is never committed into ${CACHE}, verified. What is there already is kept.
Targets (default: ${DEFAULT_TARGETS.join(" ")}):
${Object.entries(TARGETS)
  .map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`)
  .join("\n")}
`;

function isTarget(name: string): name is Target {
  return Object.hasOwn(TARGETS, name);
}

/**
 * Makes sure that the targets are in the cache.
 * @param report gets one line per thing fetched or waited for
 * @throws {UnreachableError} when a target is missing and no route leads to it
 */
export async function vendor(targets: readonly Target[], report: (line: string) => void): Promise<void> {
  await withCacheLock(report, async () => {
    for (const target of targets) await TARGETS[target].vendor(report);
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" }, list: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.list === true) {
    process.stdout.write(`${Object.keys(TARGETS).join("\n")}\n`);
    return 0;
  }
  const unknown = positionals.filter((name) => !isTarget(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `vendor: no target ${unknown.join(", ")}; there are ${Object.keys(TARGETS).join(", ")}\n`,
    );
    return 2;
  }
  const targets = positionals.length > 0 ? positionals.filter(isTarget) : DEFAULT_TARGETS;
  try {
    await vendor(targets, (line) => process.stderr.write(`vendor: ${line}\n`));
    return 0;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    process.stderr.write(`vendor: ${error.message}\n`);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main();
