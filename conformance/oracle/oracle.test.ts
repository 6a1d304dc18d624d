import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AllPeers } from "../../e2e/peers/all-peers.ts";
import { nativePython } from "../../vendor/native-python.ts";
import { compare, type Difference, knownDifferences } from "./differences.ts";
import { describePeers, ORACLE_FOLDER, runNatively } from "./native-runner.ts";
import { startOraclePeers } from "./oracle-peers.ts";
import { WasmOracle } from "./wasm-runner.ts";

const SCENARIOS = join(ORACLE_FOLDER, "scenarios");
const names = readdirSync(SCENARIOS)
  .filter((file) => file.endsWith(".py"))
  .map((file) => file.slice(0, -3))
  .sort();

/** What the run has seen: the last line that it prints. */
const total = {
  scenarios: 0,
  observations: 0,
  differences: 0,
  explained: 0,
  add(
    observations: number,
    differences: readonly Difference[],
    reasons: Readonly<Record<string, string>>,
  ): void {
    this.scenarios++;
    this.observations += observations;
    this.differences += differences.length;
    this.explained += differences.filter(({ label }) => Object.hasOwn(reasons, label)).length;
  },
};

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
    peers = await startOraclePeers();
    wasm = new WasmOracle();
  });

  afterAll(async () => {
    await wasm?.[Symbol.asyncDispose]();
    await peers?.stop();
    const { scenarios, observations, differences, explained } = total;
    process.stdout.write(
      `oracle: ${scenarios} of ${names.length} scenarios, ${observations} observations; ${differences} differ from native CPython, ${explained} of them explained\n`,
    );
  });

  test.for(names)("%s", async (name, { skip }) => {
    if (python === undefined) return skip("no native CPython 3.14 can be had on this machine");
    const configuration = describePeers(peers);
    const scenario = join(SCENARIOS, `${name}.py`);
    // Both at once: neither knows of the other, and each waits for its own peers.
    const [native, here] = await Promise.all([
      runNatively(python, scenario, configuration),
      wasm.run(scenario, configuration),
    ]);
    const differences = compare(native, here);
    const reasons = known[name] ?? {};
    total.add(native.length, differences, reasons);
    expect(differences.filter(({ label }) => !Object.hasOwn(reasons, label))).toEqual([]);
    const stale = Object.keys(reasons).filter(
      (label) => !differences.some((difference) => difference.label === label),
    );
    expect(stale, "known differences that are none any more").toEqual([]);
  });
});
