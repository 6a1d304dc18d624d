/** This package on Node as a contestant: `measure.py` over real TCP, one call per message of the harness. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPython } from "pyodide-ssl";

/** A call of one of the functions of `measure.py`. */
export interface NodeCall {
  readonly what: string;
  readonly port: number;
  readonly ca: string;
  readonly count?: number;
}

const CA_FILE = "/tmp/bench-ca.pem";

const python = await createPython();
await python.run(readFileSync(join(import.meta.dirname, "measure.py"), "utf8"));

process.on("message", (call: NodeCall) => {
  const answer = async (): Promise<unknown> => {
    await python.files.writeFile(CA_FILE, readFileSync(call.ca, "utf8"));
    const count = call.count === undefined ? "" : `, ${call.count}`;
    return python.run(`${call.what}(${call.port}, ${JSON.stringify(CA_FILE)}${count})`);
  };
  answer().then(
    (seconds) => process.send?.({ seconds }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
