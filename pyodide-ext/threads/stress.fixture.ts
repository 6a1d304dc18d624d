/**
 * `npm run stress`: many suspended stacks that allocate, for minutes. Says at the end what was done and how large Python's memory became. `--turns N` and
 * `--seconds N` say how long. With `--without-guard` CPython collects by itself, which Pyodide 314.0.0 to 314.0.7 do not survive.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { installedPython } from "../installed.fixture.ts";

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "50" },
    seconds: { type: "string", default: "0" },
    "without-guard": { type: "boolean", default: false },
  },
});

for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error: unknown) => {
    console.log(`crashed: ${String(error).slice(0, 300)}`);
    process.exit(3);
  });
}

const { pyodide } = await installedPython({ transport: null });
pyodide.FS.writeFile("/stress.py", readFileSync(new URL("stress.py", import.meta.url)));
const guard = values["without-guard"] ? "False" : "True";
try {
  const done = (await pyodide.runPythonAsync(
    `import sys; sys.path.insert(0, "/"); import stress; stress.run(${Number(values.turns)}, ${Number(values.seconds)}, ${guard})`,
  )) as string;
  const memory = (pyodide as unknown as { _module: { HEAP8: Int8Array } })._module.HEAP8.byteLength;
  console.log(`${done}; memory ${Math.round(memory / 1e6)} MB`);
  process.exit(0);
} catch (error) {
  console.log(`failed: ${String(error).slice(0, 600)}`);
  process.exit(2);
}
