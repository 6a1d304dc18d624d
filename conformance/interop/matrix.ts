/** The cells of the matrix: which there are, and how one is run. */
import { type TestPki, testPki } from "../../e2e/peers/certs.ts";
import { checkConnection, exchangeWith, FEATURES, type Feature, type Outcome } from "./features.ts";
import { gnutls } from "./peers/gnutls.ts";
import { go } from "./peers/go.ts";
import { curl, nginx } from "./peers/http.ts";
import { node } from "./peers/node.ts";
import { openssl } from "./peers/openssl.ts";
import type { InteropPeer } from "./peers/peer.ts";

import type { PythonSide } from "./python-side.ts";
import type { Report, Settings, Side } from "./settings.ts";

/** In the order of the table's columns. */
export const PEERS: readonly InteropPeer[] = [openssl, gnutls, go, node, nginx, curl];

/** One cell: a feature, a peer, and which side the peer is. */
export interface Cell {
  readonly feature: Feature;
  readonly peer: InteropPeer;
  readonly peerSide: Side;
  /** Why there is nothing to run, where the peer lacks the feature. */
  readonly lacks: string | undefined;
}

/** The columns: each peer as a server and as a client, where it can be that. */
export const COLUMNS: readonly { readonly peer: InteropPeer; readonly peerSide: Side }[] = (
  ["server", "client"] as const
).flatMap((peerSide) =>
  PEERS.filter((peer) => (peerSide === "server" ? "serve" : "connect") in peer).map((peer) => ({
    peer,
    peerSide,
  })),
);

function lackOf(peer: InteropPeer, feature: Feature, side: Side): string | undefined {
  const lack = peer.lacks[feature.id];
  return typeof lack === "object" ? lack[side] : lack;
}

/** Every cell, row by row. */
export const CELLS: readonly Cell[] = FEATURES.flatMap((feature) =>
  COLUMNS.map(({ peer, peerSide }) => ({ feature, peer, peerSide, lacks: lackOf(peer, feature, peerSide) })),
);

/** A cell in words, unique. */
export function titleOf({ feature, peer, peerSide }: Cell): string {
  return `${peer.title} as ${peerSide}: ${feature.title} [${feature.id}]`;
}

function settingsOf({ feature, peer }: Cell, pki: TestPki, side: Side, isOurs: boolean): Settings {
  const defaults =
    side === "server" ? ({ leaf: "good", trust: null } as const) : ({ leaf: null, trust: "ca" } as const);
  const told = { ...defaults, ...feature[side], ...(isOurs ? feature.ours : feature.theirs) };
  const ourSide = isOurs ? side : side === "client" ? "server" : "client";
  return {
    side,
    port: 0,
    version: told.version ?? feature.version,
    trust: told.trust === "ca" ? pki.ca : told.trust === "other-ca" ? pki.otherCa : null,
    serverName: told.serverName ?? "localhost",
    leaf: told.leaf === null ? null : pki.leaf(told.leaf),
    clientCertificate: told.clientCertificate ?? false,
    alpn: told.alpn ?? [],
    group: told.group ?? null,
    tickets: told.tickets ?? true,
    psk: told.psk ?? null,
    connections: told.connections ?? 1,
    exchange: exchangeWith(peer, feature, ourSide),
    protocol: peer.protocol,
  };
}

/** Lets both sides meet; answers what each saw. */
async function meet(cell: Cell, python: PythonSide): Promise<{ ours: Report[]; theirs: Report[] }> {
  const { peer, peerSide } = cell;
  const pki = await testPki();
  if (peerSide === "server") {
    if (peer.serve === undefined) throw new Error(`${peer.title} is no server`);
    const server = await peer.serve(settingsOf(cell, pki, "server", false));
    try {
      const ours = await python.connect({ ...settingsOf(cell, pki, "client", true), port: server.port });
      return { ours, theirs: await server.finished(cell.feature.refusal !== undefined) };
    } finally {
      await server.stop();
    }
  }
  if (peer.connect === undefined) throw new Error(`${peer.title} is no client`);
  const port = await python.listen();
  const [ours, theirs] = await Promise.all([
    python.serve(settingsOf(cell, pki, "server", true)),
    peer.connect({ ...settingsOf(cell, pki, "client", false), port }),
  ]);
  return { ours, theirs };
}

/** A connection that must not come about: both sides say so, and why. */
function checkRefusal(cell: Cell, { ours, theirs }: Outcome): string | undefined {
  const { feature, peer, peerSide } = cell;
  if (feature.refusal === undefined) return undefined;
  const { by, refuser, told } = feature.refusal;
  const differs = peer.differs?.[`${feature.id} ${peerSide}`];
  const peerRefuses = by === peerSide;
  const expected = {
    ours: differs?.ours ?? (peerRefuses ? told : refuser),
    theirs: differs?.theirs ?? (peerRefuses ? refuser : told),
  };
  const ourError = ours[0]?.error ?? "nothing";
  const theirError = theirs.find(({ error }) => error !== null)?.error ?? "nothing";
  if (!expected.ours.test(ourError)) return `Python says ${ourError}\nthe peer says ${theirError}`;
  if (!expected.theirs.test(theirError)) return `the peer says ${theirError}`;
  return undefined;
}

/** Runs a cell. Answers undefined when all is right, else what is wrong. */
export async function runCell(cell: Cell, python: PythonSide): Promise<string | undefined> {
  const { feature, peer, peerSide } = cell;
  const { ours, theirs } = await meet(cell, python);
  const side = peerSide === "client" ? "server" : "client";
  const outcome: Outcome = {
    ours,
    theirs,
    side,
    exchange: exchangeWith(peer, feature, side),
    isEcho: peer.isEchoServer === true,
    protocol: peer.protocol,
  };
  const problem =
    feature.refusal === undefined
      ? (checkConnection(feature, outcome) ?? feature.check?.(outcome))
      : checkRefusal(cell, outcome);
  return problem === undefined ? undefined : `${problem}\n${JSON.stringify({ ours, theirs }, undefined, 1)}`;
}
