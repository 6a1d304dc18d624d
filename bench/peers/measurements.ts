/** What a round measures, each thing for one contestant after another. */
import type { Contestant } from "./contestant.ts";
import type { Server, Servers } from "./harness.ts";
import type { NodeSide } from "./node.ts";
import { AES, CHACHA, FIGURES, PLAIN } from "./targets.ts";

const MB = 1e6;
const SMALL = 100;

/** Sizes of one kind of run. */
export interface Sizes {
  readonly downloadMB: number;
  readonly nodeMB: number;
  readonly newConnections: number;
  readonly smallRequests: number;
}

export const FULL: Sizes = { downloadMB: 64, nodeMB: 256, newConnections: 40, smallRequests: 200 };
export const QUICK: Sizes = { downloadMB: 16, nodeMB: 64, newConnections: 10, smallRequests: 50 };

/** One measurement of one contestant: its figures by name. */
export interface Measurement {
  /** What is said of it while the run goes on. */
  readonly label: string;
  readonly who: string;
  readonly measure: () => Promise<Readonly<Record<string, number>>>;
}

const SUITES: readonly (readonly [string, Server])[] = [
  [AES, "ec-aes"],
  [CHACHA, "ec-chacha"],
];

/** Those of one round in pages, in their order: who is compared is measured one right after the other. */
export function pageMeasurements(
  contestants: readonly Contestant[],
  servers: Servers,
  sizes: Sizes,
): Measurement[] {
  const ours = contestants.find(({ peer }) => peer === "ours");
  return [
    ...contestants.flatMap((contestant) => newConnections(contestant, servers, sizes)),
    ...(ours ? [small(ours, servers, sizes, "ec-aes"), small(ours, servers, sizes, "plain")] : []),
    ...SUITES.flatMap(([suite, server]) => [
      ...contestants.map((contestant) => download(contestant, servers, sizes, suite, server)),
      ...(ours ? [download(ours, servers, sizes, suite, "plain")] : []),
    ]),
  ];
}

/** What engines need to have optimised: untimed. */
export async function warmUp(contestant: Contestant, servers: Servers): Promise<void> {
  const kinds: Server[] =
    contestant.peer === "ours" ? ["ec-aes", "ec-chacha", "plain"] : ["ec-aes", "ec-chacha"];
  const fresh = { url: servers.urlOf("ec-aes", "/close/small"), byteLength: SMALL, count: 40 };
  await contestant.time(fresh);
  for (const server of kinds) {
    await contestant.time({ url: servers.urlOf(server, "/small"), byteLength: SMALL, count: 50 });
    const byteLength = 8 * MB;
    await contestant.time({ url: servers.urlOf(server, `/bytes/${byteLength}`), byteLength, count: 2 });
  }
}

function newConnections(contestant: Contestant, servers: Servers, sizes: Sizes): Measurement[] {
  const url = servers.urlOf("ec-aes", "/close/small");
  const who = contestant.peer;
  return [
    {
      label: "new connections",
      who,
      async measure() {
        const count = sizes.newConnections;
        const spaced = await contestant.time({ url, byteLength: SMALL, count: count / 2, pauseMs: 30 });
        const { ms } = await contestant.time({ url, byteLength: SMALL, count });
        return { [FIGURES.request]: spaced.ms / (count / 2), [FIGURES.connections]: (count * 1000) / ms };
      },
    },
  ];
}

function small(contestant: Contestant, servers: Servers, sizes: Sizes, server: Server): Measurement {
  const url = servers.urlOf(server, "/small");
  return {
    label: "small requests",
    who: server === "plain" ? PLAIN : contestant.peer,
    async measure() {
      await contestant.time({ url, byteLength: SMALL, count: 3 });
      const count = sizes.smallRequests;
      const { ms } = await contestant.time({ url, byteLength: SMALL, count });
      return { [FIGURES.small]: (count * 1000) / ms };
    },
  };
}

function download(
  contestant: Contestant,
  servers: Servers,
  { downloadMB }: Sizes,
  suite: string,
  server: Server,
): Measurement {
  const byteLength = downloadMB * MB;
  return {
    label: `${downloadMB} MB, ${suite}`,
    who: server === "plain" ? PLAIN : contestant.peer,
    async measure() {
      // The connection may have been closed since the last round.
      await contestant.time({ url: servers.urlOf(server, "/small"), byteLength: SMALL, count: 1 });
      const url = servers.urlOf(server, `/bytes/${byteLength}`);
      const { ms, cpuMs } = await contestant.time({ url, byteLength, count: 1 });
      return {
        [FIGURES.download(suite)]: byteLength / MB / (ms / 1000),
        [FIGURES.pageCpu(suite)]: cpuMs / downloadMB,
      };
    },
  };
}

/** Those of one round on Node. */
export function nodeMeasurements(node: NodeSide, { nodeMB, smallRequests }: Sizes): Measurement[] {
  const who = (server: Server): string => (server === "plain" ? PLAIN : "ours");
  const rate = (suite: string, server: Server): Measurement => ({
    label: `Node, ${nodeMB} MB, ${suite}`,
    who: who(server),
    async measure() {
      return { [FIGURES.node(suite)]: nodeMB / ((await node.time(server, "/large", 1)) / 1000) };
    },
  });
  const requests = (server: Server): Measurement => ({
    label: "Node, small requests",
    who: who(server),
    async measure() {
      await node.time(server, "/small", 20);
      const count = smallRequests * 2;
      return { [FIGURES.smallNode]: (count * 1000) / (await node.time(server, "/small", count)) };
    },
  });
  return [
    requests("ec-aes"),
    requests("plain"),
    ...SUITES.flatMap(([suite, server]) => [rate(suite, server), rate(suite, "plain")]),
  ];
}
