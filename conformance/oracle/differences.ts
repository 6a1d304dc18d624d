/** The known differences from native CPython, each with its reason; anything else that differs is a failure. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Reasons by scenario and observation. */
export type KnownDifferences = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What `differences.json` lists. */
export function knownDifferences(): KnownDifferences {
  return JSON.parse(readFileSync(join(import.meta.dirname, "differences.json"), "utf8")) as KnownDifferences;
}

/** One observation as the two sides made it; undefined where a side did not get that far. */
export interface Difference {
  readonly label: string;
  readonly native: unknown;
  readonly here: unknown;
}

interface Observation {
  readonly label: string;
}

function byLabel(lines: readonly string[]): Map<string, Observation> {
  const observations = lines.map((line) => JSON.parse(line) as Observation);
  const map = new Map(observations.map((observation) => [observation.label, observation]));
  if (map.size !== observations.length) throw new Error("two observations of a scenario have the same label");
  return map;
}

/** The observations that are not the same on both sides. */
export function compare(native: readonly string[], here: readonly string[]): Difference[] {
  const [nativeByLabel, hereByLabel] = [byLabel(native), byLabel(here)];
  const labels = new Set([...nativeByLabel.keys(), ...hereByLabel.keys()]);
  return [...labels]
    .map((label) => ({ label, native: nativeByLabel.get(label), here: hereByLabel.get(label) }))
    .filter(({ native: one, here: other }) => JSON.stringify(one) !== JSON.stringify(other));
}
