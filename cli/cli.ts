#!/usr/bin/env node
/** Entry of `npx pyodide-ssl`. */
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import { HELP, parseCommandLine } from "./arguments.ts";

const EXIT_USAGE = 2;

/** Without it Python can't wait for anything. Node has it without a flag since 24.21. */
function hasStackSwitching(): boolean {
  return "Suspending" in WebAssembly;
}

/** What Node has had since 22, and everything here is written with. */
function hasNeededNode(): boolean {
  return "withResolvers" in Promise;
}

function printVersion(): void {
  const { version, dependencies } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { version: string; dependencies: { pyodide: string } };
  process.stdout.write(
    `pyodide-ssl ${version} (Pyodide ${dependencies.pyodide}, Node ${process.versions.node})\n`,
  );
}

async function main(argv: readonly string[]): Promise<number> {
  const line = parseCommandLine(argv, isatty(0));
  switch (line.action) {
    case "help":
      process.stdout.write(HELP);
      return 0;
    case "version":
      printVersion();
      return 0;
    case "usage-error":
      process.stderr.write(`pyodide-ssl: ${line.message}\nTry 'pyodide-ssl --help'.\n`);
      return EXIT_USAGE;
    case "gateway": {
      if (!hasNeededNode()) {
        process.stderr.write(
          `pyodide-ssl: Node ${process.versions.node} is too old for the gateway. Use Node 24.21 or newer.\n`,
        );
        return 1;
      }
      const { runGatewayCommand } = await import("../gateway/command.ts");
      return runGatewayCommand(line.argv);
    }
    case "run": {
      if (!hasStackSwitching()) {
        process.stderr.write(
          `pyodide-ssl: Node ${process.versions.node} has no JavaScript Promise Integration (JSPI), and without it Python ` +
            "could not wait for the network. Use Node 24.21 or newer.\n",
        );
        return 1;
      }
      const { runProgram } = await import("./run-program.ts");
      return runProgram(line.program, line.options);
    }
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`pyodide-ssl: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
