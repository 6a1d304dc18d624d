/** `npm run bench`: speed, start-up and size, side by side, in one interleaved run. */
import { writeFileSync } from "node:fs";
import { makeContestants, startOrigins } from "./environment.ts";
import { runAgainstPeers } from "./peers/run.ts";
import { type BenchOptions, HELP, makePlan, parseOptions, UsageError } from "./plan.ts";
import { report } from "./report.ts";
import { runRounds } from "./rounds.ts";
import { fileSizes } from "./sizes.ts";

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function bench(options: BenchOptions): Promise<void> {
  const plan = makePlan(options.isQuick, options.rounds);
  await using stack = new AsyncDisposableStack();
  say("starting servers");
  const origins = stack.use(await startOrigins());
  const contestants = await makeContestants(stack, say);
  const chosen = contestants.filter(
    ({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part)),
  );
  if (chosen.length === 0)
    throw new UsageError(`--only: there are ${contestants.map(({ name }) => name).join("; ")}`);

  const rounds = await runRounds(plan, chosen, origins, say);
  say("compressing files");
  const sizes = fileSizes(!options.isQuick);
  process.stdout.write(report({ options, plan, contestants: chosen, rounds, sizes }));
  if (options.json !== undefined) {
    const contestantsTold = chosen.map(({ name, about }) => ({ name, about }));
    const figures = { date: new Date().toISOString(), plan, contestants: contestantsTold, rounds, sizes };
    writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
    say(`figures of every round are in ${options.json}`);
  }
}

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) process.stdout.write(HELP);
    else if (options.isAgainstPeers) process.stdout.write(`${await runAgainstPeers(options, say)}\n`);
    else await bench(options);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

process.exitCode = await main();
