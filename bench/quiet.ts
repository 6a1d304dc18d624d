/** Waits for a moment in which nothing else uses the machine, as far as Linux says so. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const WINDOW_MS = 400;
/** Of all cores together. */
const BUSY_SHARE = 0.12;

/** Clock ticks since boot: idle (waiting for disks included) and all. */
function ticks(): { idle: number; all: number } | undefined {
  try {
    const line = readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "";
    const values = line.trim().split(/\s+/).slice(1).map(Number);
    return { idle: (values[3] ?? 0) + (values[4] ?? 0), all: values.reduce((sum, value) => sum + value, 0) };
  } catch {
    return undefined;
  }
}

/**
 * Waits until the machine was idle for a moment, at most `patienceMs`.
 * @returns the share of the cores in use when it gave up waiting, 0 to 1; undefined where it can't be known
 */
export async function quietMoment(patienceMs: number): Promise<number | undefined> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const before = ticks();
    if (!before) return undefined;
    await delay(WINDOW_MS);
    const after = ticks() ?? before;
    const share = 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
    if (share <= BUSY_SHARE || Date.now() > deadline) return share;
  }
}
