/** Runs scenarios on pyodide-ssl in Node, through the package's public entry. */
import { pathToFileURL } from "node:url";
import { createPython } from "pyodide-ssl";
import { PLACES } from "../../vendor/cache.ts";
import { ORACLE_FOLDER } from "./native-runner.ts";

const SCENARIO_DEADLINE_MS = 90_000;

/** What this needs of the package's Python object. */
type Python = Awaited<ReturnType<typeof createPython>>;

const SCENARIO_CODE = `
import json, sys
if oracle_folder not in sys.path:
    sys.path.insert(0, oracle_folder)
import observe
json.dumps(observe.run_scenario(scenario, configuration))
`;

/** One interpreter for many scenarios; a new one after each that did not end well. */
export class WasmOracle implements AsyncDisposable {
  #python: Promise<Python> | undefined;

  #start(): Promise<Python> {
    this.#python ??= createPython({
      mountHost: true,
      packages: [pathToFileURL(PLACES.packagesZip)],
    });
    return this.#python;
  }

  /** Runs one scenario. Answers its observations, one JSON text each. */
  async run(scenario: string, configuration: string): Promise<string[]> {
    const python = await this.#start();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error(`${scenario} did not end within ${SCENARIO_DEADLINE_MS} ms`));
      timer = setTimeout(fail, SCENARIO_DEADLINE_MS);
    });
    try {
      const globals = { oracle_folder: ORACLE_FOLDER, scenario, configuration };
      const lines = await Promise.race([python.run(SCENARIO_CODE, { globals }), deadline]);
      return JSON.parse(lines as string) as string[];
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const python = this.#python;
    this.#python = undefined;
    await (await python?.catch(() => undefined))?.terminate();
  }
}
