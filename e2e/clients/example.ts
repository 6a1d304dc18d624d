/** `npm run example -- NAME`: starts the server that an example needs, and runs the example, unmodified. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PLACES, ROOT } from "../../vendor/cache.ts";
import { vendor } from "../../vendor/vendor.ts";
import { missingChromium } from "../browser.ts";
import { testPki } from "../peers/certs.ts";
import {
  EXAMPLE_NAMES,
  EXAMPLES,
  type ExampleName,
  exampleFile,
  exampleText,
  isExample,
  missingFor,
  startServer,
} from "./examples.ts";
import { startInPage } from "./hosts.ts";

const HELP = `Usage: npm run example -- [--host node|chromium] NAME
       npm run example -- --list

Starts a server with TLS on this machine, and runs a program of examples/ against it: on Node, or in a page in headless
Chromium, through a gateway. The server ends with it.

${EXAMPLE_NAMES.map((name) => `  ${name.padEnd(14)} ${EXAMPLES[name].says}`).join("\n")}
`;

type Environment = Readonly<Record<string, string>>;

/** As a user would: npx pyodide-ssl --ca root.pem --packages-dir … examples/NAME.py */
async function runOnNode(name: ExampleName, environment: Environment): Promise<number> {
  const { ca } = await testPki();
  const options = ["--ca", ca, "--packages-dir", PLACES.clients];
  const child = spawn(process.execPath, [join(ROOT, "dist", "cli.js"), ...options, exampleFile(name)], {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

async function runInChromium(name: ExampleName, environment: Environment): Promise<number> {
  const missing = missingChromium();
  if (missing !== undefined) throw new Error(missing);
  await using stack = new AsyncDisposableStack();
  const ca = readFileSync((await testPki()).ca, "utf8");
  const python = await startInPage(stack, { ca, env: environment });
  try {
    await python.run(exampleText(name), {});
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    process.stdout.write(await python.output());
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      list: { type: "boolean" },
      host: { type: "string", default: "node" },
    },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.list === true) {
    process.stdout.write(`${EXAMPLE_NAMES.join("\n")}\n`);
    return 0;
  }
  const [name, ...more] = positionals;
  const isUsable = (values.host === "node" || values.host === "chromium") && more.length === 0;
  if (name === undefined || !isExample(name) || !isUsable) {
    process.stderr.write(HELP);
    return 2;
  }
  const missing = missingFor(name);
  if (missing !== undefined) throw new Error(missing);
  await vendor(["packages", "clients"], (line) => process.stderr.write(`vendor: ${line}\n`));
  await using server = await startServer(name, EXAMPLES[name].start);
  const run = values.host === "node" ? runOnNode : runInChromium;
  return await run(name, server.environment);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`example: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
