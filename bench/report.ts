/** The text that a run prints; `RESULTS.md` keeps one. */
import * as os from "node:os";
import type { Contestant } from "./contestant.ts";
import type { BenchOptions, Plan } from "./plan.ts";
import { type RoundResult, START_UP } from "./rounds.ts";
import type { FileSize } from "./sizes.ts";
import { markdownTable, median, threeDigits } from "./statistics.ts";

/** All that a run found. */
export interface Results {
  readonly options: BenchOptions;
  readonly plan: Plan;
  readonly contestants: readonly Contestant[];
  readonly rounds: readonly RoundResult[];
  readonly sizes: readonly FileSize[];
}

/** The column that the others are compared with: the last one, which is native CPython where it can be had. */
function reference(contestants: readonly Contestant[]): Contestant | undefined {
  return contestants.length > 1 ? contestants.at(-1) : undefined;
}

function medianOf(results: Results, contestant: Contestant, label: string): number {
  const values = results.rounds
    .filter((round) => round.contestant === contestant.name)
    .map((round) => round.figures[label])
    .filter((value) => value !== undefined);
  return median(values);
}

function spreadOf(results: Results, contestant: Contestant, label: string): number {
  const values = results.rounds
    .filter((round) => round.contestant === contestant.name)
    .map((round) => round.figures[label] ?? Number.NaN);
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

function speedTable(results: Results): string {
  const { contestants, plan } = results;
  const compared = reference(contestants);
  const rows = [START_UP, ...plan.rows.map(({ label }) => label)].map((label) => [
    label,
    ...contestants.map((contestant) => {
      const value = medianOf(results, contestant, label);
      if (!compared || contestant === compared) return threeDigits(value);
      return `${threeDigits(value)} (×${threeDigits(value / medianOf(results, compared, label))})`;
    }),
  ]);
  return markdownTable(["", ...contestants.map(({ name }) => name)], rows);
}

function sizeTable(sizes: readonly FileSize[]): string {
  const kilobytes = (bytes: number): string => `${threeDigits(bytes / 1000)} kB`;
  return markdownTable(
    ["file", "raw", "brotli"],
    sizes.map(({ name, raw, brotli }) => [name, kilobytes(raw), kilobytes(brotli)]),
  );
}

/** Processors, memory and system. */
export function machine(): string {
  const [cpu] = os.cpus();
  return `${os.cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GB, ${os.type()} ${os.release()}`;
}

/** @returns Markdown */
export function report(results: Results): string {
  const { contestants, plan, options } = results;
  const compared = reference(contestants);
  const labels = [START_UP, ...plan.rows.map(({ label }) => label)];
  const spread = Math.max(
    ...contestants.flatMap((contestant) => labels.map((label) => spreadOf(results, contestant, label))),
  );
  const busy = results.rounds.filter(({ othersBefore }) => (othersBefore ?? 0) > 0.2).length;
  const given = [
    ...(options.isQuick ? ["--quick"] : []),
    ...(options.rounds === undefined ? [] : [`--rounds ${options.rounds}`]),
    ...(options.only.length === 0 ? [] : [`--only "${options.only.join(",")}"`]),
  ];
  const command = ["npm run bench", ...(given.length === 0 ? [] : ["--", ...given])].join(" ");
  return [
    "",
    `${new Date().toISOString().slice(0, 10)}, ${machine()}`,
    `\`${command}\`: medians of ${plan.rounds} interleaved rounds${compared ? `; × is the ratio to ${compared.name}` : ""}.`,
    `Largest spread of a figure over the rounds: ${Math.round(spread * 100)} %. Sessions that began while others used the cores: ${busy} of ${results.rounds.length}.`,
    "",
    speedTable(results),
    "",
    "TLS 1.3, P-256 certificate under an RSA chain, no resumption. MB is 10⁶ bytes.",
    ...contestants.map(({ name, about }) => `- ${name}: ${about}.`),
    "",
    sizeTable(results.sizes),
    "",
    "",
  ].join("\n");
}
