/**
 * `npm run bench:start`: what this package adds to Pyodide's own start until the first response over TLS, by stages. Rounds
 * in turn, each in a fresh process or browser; medians.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { startGateway } from "pyodide-ssl/gateway";
import { testPki } from "../e2e/peers/certs.ts";
import { BENCH_GATEWAY } from "./gateway-options.ts";
import { quietMoment } from "./quiet.ts";
import { pageStarts } from "./start/chromium.ts";
import {
  FURTHER_CONTEXT,
  PYODIDE,
  type Stages,
  type Start,
  type StartSettings,
} from "./start/first-response.ts";
import { markdownTable, median, threeDigits } from "./statistics.ts";

const HELP = `Usage: npm run bench:start [-- OPTIONS]

What this package adds to Pyodide's own start until the first response, on Node and in Chromium.

  --rounds N   default 7
  --only NAME  node or chromium; default: both
  --json FILE  write every round's figures there
  --help       this text
`;

/** Milliseconds that may be added. */
const TARGET_MS = 150;

/** After the name, for the figures that are processor time of the thread. */
const PROCESSOR = ", processor";

/** A column of the table. */
interface Column {
  readonly name: string;
  /** Of the same engine without this package; undefined for that one itself. */
  readonly alone: string | undefined;
}

/** One way to start, in a fresh process. */
interface Contestant extends Column {
  readonly start: () => Promise<Start>;
}

async function startOnNode(settings: StartSettings): Promise<Start> {
  const child = fork(new URL("./start/node.ts", import.meta.url), { stdio: ["ignore", 2, 2, "ipc"] });
  child.send(settings);
  const [stages] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [Start | number];
  if (typeof stages === "number") throw new Error(`Node ended with ${stages}`);
  return stages;
}

function origin(leaf: { chain: string; key: string }): Promise<AddressInfo> {
  const options = { cert: readFileSync(leaf.chain), key: readFileSync(leaf.key) };
  const server = createServer(options, (_, response) => response.end("hello"));
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address() as AddressInfo));
  });
}

function sum(stages: Stages, ...without: string[]): number {
  return Object.entries(stages).reduce((ms, [name, own]) => (without.includes(name) ? ms : ms + own), 0);
}

const total = (stages: Stages): number => sum(stages, FURTHER_CONTEXT);

/** What comes before and after Pyodide's own start, which varies by more than we add. */
const around = (stages: Stages): number => sum(stages, FURTHER_CONTEXT, PYODIDE);

function report(columns: readonly Column[], results: ReadonlyMap<string, Stages[]>): string {
  const names = columns.map(({ name }) => name);
  const runs = (name: string): Stages[] => results.get(name) ?? [];
  const stages = [...new Set(names.flatMap((name) => runs(name).flatMap((run) => Object.keys(run))))];
  const medianOf = (name: string, figure: (run: Stages) => number | undefined): number | undefined => {
    const values = runs(name).map(figure);
    return values.includes(undefined) ? undefined : median(values as number[]);
  };
  const row = (label: string, figure: (run: Stages) => number | undefined): string[] => [
    label,
    ...names.map((name) => {
      const value = medianOf(name, figure);
      return value === undefined ? "" : threeDigits(value);
    }),
  ];
  const lines = columns.flatMap(({ name, alone }) => {
    if (alone === undefined) return [];
    const of = (who: string, figure: (run: Stages) => number | undefined): number =>
      medianOf(who, figure) ?? 0;
    const added = of(name, around) - of(alone, around);
    const beside = of(name, (run) => run[PYODIDE]) / of(alone, (run) => run[PYODIDE]);
    const ratio = of(name, total) / of(alone, total);
    return [
      `${name}: ${threeDigits(added)} ms before and after ${PYODIDE}, target ≤ ${TARGET_MS}: ${added <= TARGET_MS ? "met" : "not met"}. ` +
        `${PYODIDE} itself ${threeDigits(beside)} ×, all ${threeDigits(ratio)} × ${alone}.`,
    ];
  });
  return [
    markdownTable(
      ["ms", ...names],
      [
        ...stages
          .filter((stage) => stage !== FURTHER_CONTEXT)
          .map((stage) => row(stage, (run) => run[stage])),
        row("until the first response", total),
        row(FURTHER_CONTEXT, (run) => run[FURTHER_CONTEXT]),
      ],
    ),
    "",
    ...lines,
  ].join("\n");
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    only: { type: "string", default: "" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
const pki = await testPki();
const { port } = await origin(pki.leaf("good-ec"));
const gateway = await startGateway(BENCH_GATEWAY);
const common = { port, ca: readFileSync(pki.ca, "utf8"), isOurs: true, preload: false, gateway: undefined };
const inPage = await pageStarts();
const all: Contestant[] = [
  {
    name: "Pyodide on Node",
    alone: undefined,
    start: () => startOnNode({ ...common, isOurs: false }),
  },
  ...[false, true].map((preload) => ({
    name: preload ? "Node, loadAssets() at once" : "Node",
    alone: "Pyodide on Node",
    start: () => startOnNode({ ...common, preload }),
  })),
  {
    name: "Pyodide in Chromium",
    alone: undefined,
    start: () => inPage.start({ ...common, isOurs: false }),
  },
  ...[false, true].map((preload) => ({
    name: preload ? "Chromium, loadAssets() at once" : "Chromium",
    alone: "Pyodide in Chromium",
    start: () => inPage.start({ ...common, preload, gateway: gateway.url }),
  })),
];
const contestants = all.filter(({ name }) => name.toLowerCase().includes(values.only));
const results = new Map<string, Stages[]>();
const keep = (name: string, stages: Stages | undefined): void => {
  if (stages !== undefined) results.set(name, [...(results.get(name) ?? []), stages]);
};
for (let round = 0; round <= Number(values.rounds); round += 1) {
  for (const { name, start } of contestants) {
    await quietMoment(0);
    const { clock, processor } = await start();
    // Round 0 warms the disk's caches.
    if (round > 0) keep(name, clock);
    if (round > 0) keep(`${name}${PROCESSOR}`, processor);
    console.error(`round ${round} of ${values.rounds}: ${name}, ${Math.round(total(clock))} ms`);
  }
}
const columns = contestants.flatMap(({ name, alone }) => [
  { name, alone },
  { name: `${name}${PROCESSOR}`, alone: alone && `${alone}${PROCESSOR}` },
]);
console.log(
  report(
    columns.filter(({ name }) => results.has(name)),
    results,
  ),
);
if (values.json !== undefined) {
  const { writeFileSync } = await import("node:fs");
  writeFileSync(values.json, JSON.stringify(Object.fromEntries(results)));
}
process.exit();
