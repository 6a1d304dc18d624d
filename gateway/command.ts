import { helpText, readCommandLine } from "./command-line.ts";
import { lineLog } from "./log.ts";
import { type Gateway, startGateway } from "./server.ts";
import { SettingError } from "./settings.ts";

/**
 * `pyodide-ssl gateway …`: runs a gateway until SIGINT or SIGTERM.
 * @param argv the arguments after `gateway`
 * @returns the exit status: 0 stopped, 1 failed to run, 2 wrong options
 */
export async function runGatewayCommand(argv: readonly string[]): Promise<number> {
  let gateway: Gateway;
  try {
    const invocation = readCommandLine(argv);
    if (invocation.kind === "help") {
      process.stdout.write(helpText());
      return 0;
    }
    const { settings } = invocation;
    const onLog = lineLog(settings.log, (line) => process.stdout.write(line));
    gateway = await startGateway({ ...settings, onLog });
  } catch (error) {
    const isUsage = error instanceof SettingError;
    process.stderr.write(`pyodide-ssl gateway: ${explain(error as NodeJS.ErrnoException)}\n`);
    if (isUsage) process.stderr.write("Try: pyodide-ssl gateway --help\n");
    return isUsage ? 2 : 1;
  }
  await stopOnSignal(gateway);
  return 0;
}

/** Settles when the gateway has stopped. */
async function stopOnSignal(gateway: Gateway): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) gateway.kill();
    isStopping = true;
    void gateway.stop().then(resolve);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  await promise;
  process.removeListener("SIGINT", onSignal);
  process.removeListener("SIGTERM", onSignal);
}

function explain(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  const where = error.port === undefined ? "the address" : `${error.address ?? ""}:${error.port}`;
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: `${where} is in use: stop what listens there, or choose another with --port`,
    EACCES: `not allowed to listen on ${where}: choose a port above 1023 with --port`,
    EADDRNOTAVAIL: `${where} is not an address of this machine: choose another with --host`,
    ENOTFOUND: `${error.message}: choose a numeric address with --host`,
  };
  return hints[error.code ?? ""] ?? error.message;
}
