/** The rounds: each contestant freshly started, through every measurement once, one contestant after another. */
import type { Contestant } from "./contestant.ts";
import type { Origins } from "./environment.ts";
import type { Plan } from "./plan.ts";
import { quietMoment } from "./quiet.ts";

/** Label of the start-up row, in milliseconds. */
export const START_UP = "start-up to the first response: ms";

/** What one contestant did in one round, by row label. */
export interface RoundResult {
  readonly contestant: string;
  readonly figures: Readonly<Record<string, number>>;
  /** Share of the cores that others used just before, 0 to 1. */
  readonly othersBefore: number | undefined;
}

async function session(
  plan: Plan,
  contestant: Contestant,
  origins: Origins,
): Promise<Record<string, number>> {
  const originOf = (name: Plan["rows"][number]["origin"]) =>
    contestant.isPlain ? origins.plain : origins.tls[name];
  await using running = await contestant.open(originOf("aes128"));
  const figures: Record<string, number> = { [START_UP]: running.startupMs };
  for (const { label, what, origin, unit, count, warmUp } of plan.rows) {
    await running.measure(what, originOf(origin), warmUp);
    const seconds = await running.measure(what, originOf(origin), count);
    figures[label] = count / unit / seconds;
  }
  return figures;
}

/** Runs round 0, which warms servers and disk caches and does not count, and then the plan's rounds. */
export async function runRounds(
  plan: Plan,
  contestants: readonly Contestant[],
  origins: Origins,
  say: (line: string) => void,
): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  for (let round = 0; round <= plan.rounds; round += 1) {
    for (const contestant of contestants) {
      say(`round ${round} of ${plan.rounds}: ${contestant.name}`);
      const othersBefore = await quietMoment(plan.patienceMs);
      const figures = await session(plan, contestant, origins);
      if (round > 0) results.push({ contestant: contestant.name, figures, othersBefore });
    }
  }
  return results;
}
