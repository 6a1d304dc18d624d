/** `npm run bench -- --against peers`: this package beside the other ways a page has to TLS, in interleaved rounds. */
import { readFileSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { ROOT } from "../../vendor/cache.ts";
import { type BenchOptions, UsageError } from "../plan.ts";
import { machine } from "../report.ts";
import { threeDigits } from "../statistics.ts";
import { Contestant } from "./contestant.ts";
import { GATEWAYS, type GatewayName, PEERS, type Servers, startServers } from "./harness.ts";
import {
  FULL,
  type Measurement,
  nodeMeasurements,
  pageMeasurements,
  QUICK,
  type Sizes,
  warmUp,
} from "./measurements.ts";
import { startNode } from "./node.ts";
import { figureTable, type Round, targetTable } from "./targets.ts";

/** No round with pages begins after so many minutes, and none on Node after so many more. */
const LAST_START_MINUTES = 10;
const NODE_MINUTES = 3;
/** The document that keeps the last full run, and the lines that it stands between. */
const DOCUMENT = join(ROOT, "docs", "performance.md");
const MARKS = ["<!-- npm run bench -- --against peers --write: begins -->", "<!-- ends -->"] as const;

type Say = (line: string) => void;

/** @returns Markdown. @throws {UsageError} when the harness of the peers is not there */
export async function runAgainstPeers(options: BenchOptions, say: Say): Promise<string> {
  const deadline = Date.now() + LAST_START_MINUTES * 60_000;
  const sizes = options.isQuick ? QUICK : FULL;
  await using stack = new AsyncDisposableStack();
  say("starting servers");
  const servers = stack.use(await startServers(os.availableParallelism()));
  const results: Results[] = [];
  for (const [index, gateway] of GATEWAYS.entries()) {
    // Each gateway has its share of the time, whatever the first one took.
    const until = Date.now() + (deadline - Date.now()) / (GATEWAYS.length - index);
    results.push(await throughGateway(gateway, until, servers, sizes, options, say));
  }
  results.push(await onNode(deadline + NODE_MINUTES * 60_000, servers, sizes, options, say));
  const text = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}, Node ${process.versions.node}; \`${commandOf(options)}\`.`,
    "Medians; the ratio is the median of the rounds' (smallest–largest).",
    `Downloads: ${sizes.downloadMB} MB in the page, ${sizes.nodeMB} MB on Node.`,
    ...results.filter(({ rounds }) => rounds.length > 0).flatMap(section),
  ].join("\n");
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ sizes, results }, null, 2)}\n`);
  if (options.isWritten) keep(text);
  return text;
}

interface Results {
  readonly title: string;
  readonly rounds: readonly Round[];
  /** Share of the cores that other programs used meanwhile. */
  readonly others: number;
}

function section({ title, rounds, others }: Results): string[] {
  const about = `${title}: ${rounds.length} rounds, during which other programs used ${Math.round(others * 100)} % of the cores.`;
  return ["", about, "", targetTable(rounds), "", figureTable(rounds)];
}

/** Every page through one gateway. */
async function throughGateway(
  gateway: GatewayName,
  until: number,
  servers: Servers,
  sizes: Sizes,
  { only, rounds, isQuick }: BenchOptions,
  say: Say,
): Promise<Results> {
  await using stack = new AsyncDisposableStack();
  const contestants = await openContestants(stack, servers, gateway, only, say);
  const all = pageMeasurements(contestants, servers, sizes);
  const title = `In ${contestants[0]?.page.version ?? "no browser"}, through the gateway of ${gateway}`;
  return { title, ...(await measure(all, rounds ?? (isQuick ? 2 : 5), until, servers, `${gateway}, `, say)) };
}

async function onNode(
  until: number,
  servers: Servers,
  sizes: Sizes,
  { only, rounds, isQuick }: BenchOptions,
  say: Say,
): Promise<Results> {
  const title = "On Node, from nginx";
  if (only.length > 0 && !only.includes("node")) return { title, rounds: [], others: 0 };
  say("starting Node and nginx");
  await using node = await startNode(sizes.nodeMB * 1e6);
  for (const server of ["ec-aes", "ec-chacha", "plain"] as const) {
    await node.time(server, "/small", 500);
    await node.time(server, "/large", 1);
  }
  const all = nodeMeasurements(node, sizes);
  return { title, ...(await measure(all, rounds ?? (isQuick ? 2 : 5), until, servers, "", say)) };
}

async function measure(
  all: readonly Measurement[],
  wanted: number,
  until: number,
  servers: Servers,
  where: string,
  say: Say,
): Promise<{ rounds: Round[]; others: number }> {
  const rounds: Round[] = [];
  servers.shareOfOthers();
  while (all.length > 0 && rounds.length < wanted && (rounds.length === 0 || Date.now() < until)) {
    say(`${where}round ${rounds.length + 1} of ${wanted}`);
    // There and back: who comes second has no advantage, or has it as often.
    rounds.push(await measureRound(rounds.length % 2 === 0 ? all : all.toReversed(), say));
  }
  return { rounds, others: servers.shareOfOthers() };
}

async function openContestants(
  stack: AsyncDisposableStack,
  servers: Servers,
  gateway: GatewayName,
  only: readonly string[],
  say: Say,
): Promise<Contestant[]> {
  const names = PEERS.filter((peer) => only.length === 0 || only.includes(peer));
  const contestants: Contestant[] = [];
  for (const peer of names) {
    say(`opening and warming up: ${peer}`);
    const contestant = await Contestant.open(peer, servers, gateway);
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
