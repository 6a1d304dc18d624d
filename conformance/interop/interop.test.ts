import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FEATURES } from "./features.ts";
import { CELLS, COLUMNS, PEERS, runCell, titleOf } from "./matrix.ts";
import { PythonSide } from "./python-side.ts";
import { isTableFresh } from "./table.ts";

const versions = new Map<string, string | undefined>();

describe("the matrix", () => {
  const ids = FEATURES.map(({ id }) => id);

  test("has one row for each feature, and reasons only for rows that there are", () => {
    expect(new Set(ids).size).toBe(ids.length);
    const lacking = PEERS.flatMap(({ lacks }) => Object.keys(lacks));
    expect(lacking.filter((id) => !ids.includes(id))).toEqual([]);
    const differing = PEERS.flatMap(({ differs }) => Object.keys(differs ?? {}));
    const cells = ids.flatMap((id) => [`${id} client`, `${id} server`]);
    expect(differing.filter((cell) => !cells.includes(cell))).toEqual([]);
  });

  test("gives a reason for every cell that is not run", () => {
    expect(CELLS.length).toBe(ids.length * COLUMNS.length);
    const reasons = CELLS.flatMap(({ lacks }) => (lacks === undefined ? [] : [lacks]));
    expect(reasons.filter((reason) => reason.trim() === "")).toEqual([]);
  });

  test("is what docs/interoperability.md shows; `npm run interop -- --write-docs` writes it", () => {
    expect(isTableFresh()).toBe(true);
  });
});

describe("Python and another TLS understand each other", () => {
  let python: PythonSide;

  beforeAll(async () => {
    python = await PythonSide.start();
    for (const peer of PEERS) versions.set(peer.name, await peer.version());
  });

  afterAll(async () => {
    await python?.[Symbol.asyncDispose]();
  });

  const run = CELLS.filter(({ lacks }) => lacks === undefined).map((cell) => [titleOf(cell), cell] as const);

  test.for(run)("%s", async ([, cell], { skip }) => {
    if (versions.get(cell.peer.name) === undefined) {
      return skip(`${cell.peer.title} is not installed on this machine`);
    }
    expect(await runCell(cell, python)).toBeUndefined();
  });
});
