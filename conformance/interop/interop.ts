/** `npm run interop`: runs the matrix with progress, and writes docs/interoperability.md. */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { CELLS, runCell, titleOf } from "./matrix.ts";
import { PythonSide } from "./python-side.ts";
import { writeTable } from "./table.ts";

const HELP = `Usage: npm run interop -- [--write-docs] [filter…]

Runs the interoperation matrix: Python's ssl against other implementations of TLS, as client and as server.

  --write-docs  writes docs/interoperability.md when every cell passed
  filter        only cells whose title contains all of these
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" }, "write-docs": { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const cells = CELLS.filter((cell) => positionals.every((filter) => titleOf(cell).includes(filter)));
  await using python = await PythonSide.start();
  let passed = 0;
  let failed = 0;
  for (const cell of cells) {
    if (cell.lacks !== undefined) continue;
    if ((await cell.peer.version()) === undefined) {
      failed++;
      console.log(`FAIL  ${titleOf(cell)}: ${cell.peer.title} is not installed`);
      continue;
    }
    const startedAt = performance.now();
    const problem = await runCell(cell, python).catch((error: unknown) => String(error));
    const took = `${Math.round(performance.now() - startedAt)} ms`;
    if (problem === undefined) passed++;
    else failed++;
    console.log(`${problem === undefined ? "pass" : "FAIL"}  ${titleOf(cell)}  (${took})`);
    if (problem !== undefined) console.log(problem.replace(/^/gm, "      "));
  }
  if (values["write-docs"] === true) {
    if (failed > 0 || positionals.length > 0)
      console.log("docs not written: that takes the whole matrix, and no failure");
    else await writeTable(python.versions);
  }
  const lacking = cells.filter(({ lacks }) => lacks !== undefined).length;
  console.log(`\n${passed} passed, ${failed} failed, ${lacking} not applicable`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
