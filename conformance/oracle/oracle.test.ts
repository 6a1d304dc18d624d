import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AllPeers, startAllPeers } from "../../e2e/peers/all-peers.ts";
import { nativePython } from "../../vendor/native-python.ts";
import { compare, knownDifferences } from "./differences.ts";
import { describePeers, ORACLE_FOLDER, runNatively } from "./native-runner.ts";
import { WasmOracle } from "./wasm-runner.ts";

const SCENARIOS = join(ORACLE_FOLDER, "scenarios");
const names = readdirSync(SCENARIOS)
  .filter((file) => file.endsWith(".py"))
  .map((file) => file.slice(0, -3))
  .sort();

const python = nativePython();
const known = knownDifferences();

test("every known difference belongs to a scenario", () => {
  expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
});

describe("a program sees the same on native CPython and here", () => {
  let peers: AllPeers;
  let wasm: WasmOracle;

  beforeAll(async () => {
    if (python === undefined) return;
    peers = await startAllPeers();
    wasm = new WasmOracle();
  });

  afterAll(async () => {
    await wasm?.[Symbol.asyncDispose]();
    await peers?.stop();
  });

  test.for(names)("%s", async (name, { skip }) => {
    if (python === undefined) return skip("no native CPython 3.14 can be had on this machine");
    const configuration = describePeers(peers);
    const scenario = join(SCENARIOS, `${name}.py`);
    const native = await runNatively(python, scenario, configuration);
    const here = await wasm.run(scenario, configuration);
    const differences = compare(native, here);
    const reasons = known[name] ?? {};
    expect(differences.filter(({ label }) => !Object.hasOwn(reasons, label))).toEqual([]);
    const stale = Object.keys(reasons).filter(
      (label) => !differences.some((difference) => difference.label === label),
    );
    expect(stale, "known differences that are none any more").toEqual([]);
  });
});
