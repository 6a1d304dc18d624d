/** `npm run bench -- --against peers`: this package beside the other ways a page has to TLS, in interleaved rounds. */
import { readFileSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { ROOT } from "../../vendor/cache.ts";
import { type BenchOptions, UsageError } from "../plan.ts";
import { machine } from "../report.ts";
import { threeDigits } from "../statistics.ts";
import { Contestant } from "./contestant.ts";
import { PEERS, type Servers, startServers } from "./harness.ts";
import { FULL, type Measurement, measurements, QUICK, type Sizes, warmUp } from "./measurements.ts";
import { type NodeSide, startNode } from "./node.ts";
import { figureTable, type Round, targetTable } from "./targets.ts";

/** No round begins after so many minutes. */
const LAST_START_MINUTES = 12;
/** The document that keeps the last full run, and the lines that it stands between. */
const DOCUMENT = join(ROOT, "docs", "performance.md");
const MARKS = ["<!-- npm run bench -- --against peers --write: begins -->", "<!-- ends -->"] as const;

type Say = (line: string) => void;

/** @returns Markdown. @throws {UsageError} when the harness of the peers is not there */
export async function runAgainstPeers(options: BenchOptions, say: Say): Promise<string> {
  const startedAt = Date.now();
  const sizes = options.isQuick ? QUICK : FULL;
  const wanted = options.rounds ?? (options.isQuick ? 2 : 7);
  await using stack = new AsyncDisposableStack();
  say("starting servers");
  const servers = stack.use(await startServers(os.availableParallelism()));
  const contestants = await openContestants(stack, servers, options.only, say);
  const node = await nodeSide(stack, options.only, sizes, say);
  const all = measurements(contestants, servers, node, sizes);

  const rounds: Round[] = [];
  servers.shareOfOthers();
  while (rounds.length < wanted && Date.now() - startedAt < LAST_START_MINUTES * 60_000) {
    say(`round ${rounds.length + 1} of ${wanted}`);
    // There and back: who comes second has no advantage, or has it as often.
    rounds.push(await measureRound(rounds.length % 2 === 0 ? all : all.toReversed(), say));
  }
  const others = servers.shareOfOthers();
  const browser = contestants[0]?.page.version ?? "no browser";
  const text = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}, ${browser}, Node ${process.versions.node}; \`${commandOf(options)}\`.`,
    `Medians of ${rounds.length} rounds; the ratio is the median of the rounds' (smallest–largest). Downloads: ${sizes.downloadMB} MB in the page,`,
    `${sizes.nodeMB} MB on Node. Other programs used ${Math.round(others * 100)} % of the cores meanwhile.`,
    "",
    targetTable(rounds),
    "",
    figureTable(rounds),
  ].join("\n");
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ sizes, others, rounds }, null, 2)}\n`);
  if (options.isWritten) keep(text);
  return text;
}

async function openContestants(
  stack: AsyncDisposableStack,
  servers: Servers,
  only: readonly string[],
  say: Say,
): Promise<Contestant[]> {
  const names = PEERS.filter((peer) => only.length === 0 || only.includes(peer));
  const contestants: Contestant[] = [];
  for (const peer of names) {
    say(`opening and warming up: ${peer}`);
    const contestant = await Contestant.open(peer, servers);
    stack.use(contestant);
    try {
      await warmUp(contestant, servers);
      contestants.push(contestant);
    } catch (error) {
      if (peer === "ours") throw error;
      say(`${peer} is left out: ${String(error)}`);
    }
  }
  return contestants;
}

async function nodeSide(
  stack: AsyncDisposableStack,
  only: readonly string[],
  sizes: Sizes,
  say: Say,
): Promise<NodeSide | undefined> {
  if (only.length > 0 && !only.includes("node")) return undefined;
  say("starting Node and nginx");
  const node = stack.use(await startNode(sizes.nodeMB * 1e6));
  for (const server of ["ec-aes", "ec-chacha", "plain"] as const) {
    await node.time(server, "/small", 100);
    await node.time(server, "/large", 1);
  }
  return node;
}

/** What fails is said and left out: the others' figures stand. */
async function measureRound(all: readonly Measurement[], say: Say): Promise<Round> {
  const round: Record<string, Record<string, number>> = {};
  for (const { label, who, measure } of all) {
    try {
      const figures = Object.entries(await measure());
      for (const [figure, value] of figures) (round[figure] ??= {})[who] = value;
      say(`  ${label}: ${who} ${figures.map(([, value]) => threeDigits(value)).join(", ")}`);
    } catch (error) {
      say(`  ${label}: ${who} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return round;
}

function commandOf({ isQuick, rounds, only }: BenchOptions): string {
  const quick = isQuick ? " --quick" : "";
  const number = rounds === undefined ? "" : ` --rounds ${rounds}`;
  return `npm run bench -- --against peers${quick}${number}${only.length === 0 ? "" : ` --only ${only.join(",")}`}`;
}

/** Puts the text into the document, in place of the last run's. */
function keep(text: string): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = MARKS;
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) throw new UsageError(`${DOCUMENT} has no place for the table: ${begin} … ${end}`);
  writeFileSync(DOCUMENT, `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`);
}
