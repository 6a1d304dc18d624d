/** What this package is to reach against the other ways a page has to TLS, and how far it is: ratios within one run. */
import { markdownTable, threeDigits } from "../statistics.ts";

/** `results.json` of the peers' harness, as far as it is looked at. */
export interface PeersResults {
  readonly peers: Readonly<
    Record<string, { readonly summary: Readonly<Record<string, { readonly median: number }>> }>
  >;
}

interface Target {
  readonly label: string;
  /** The harness's name of the figure. */
  readonly figure: string;
  /** Whom it is compared with: the best of these. */
  readonly peers: readonly string[];
  readonly isMoreBetter: boolean;
  /** The ratio to that peer: at least, or at most. */
  readonly ratio: number;
}

const ALL = ["libcurl", "epoxy", "epoxy2"];

/** @param megabytes the largest download of the run */
function targets(megabytes: number): Target[] {
  const suites = [
    ["AES-128-GCM", "ec-aes"],
    ["ChaCha20-Poly1305", "ec-chacha"],
  ] as const;
  return [
    ...suites.map(([name, suite]) => ({
      label: `download of ${megabytes} MB, ${name}: MB/s`,
      figure: `MB/s, ${megabytes} MB, ${suite}`,
      peers: ALL,
      isMoreBetter: true,
      ratio: 1.5,
    })),
    ...suites.map(([name, suite]) => ({
      label: `processor time of the page, ${name}: ms a MB`,
      figure: `CPU ms per MB, ${suite}, page`,
      peers: ALL,
      isMoreBetter: false,
      ratio: 1,
    })),
    {
      label: "request on a new connection: ms",
      figure: "new-connection request ms, ec-aes",
      peers: ["epoxy2"],
      isMoreBetter: false,
      ratio: 1,
    },
    {
      label: "new connections a second",
      figure: "new connections/s, ec-aes",
      peers: ["epoxy2"],
      isMoreBetter: true,
      ratio: 1,
    },
  ];
}

/** The table: figures, ratio and target. Figures that a run has not are left out. */
export function targetTable({ peers }: PeersResults): string {
  const figureOf = (peer: string, figure: string): number | undefined => peers[peer]?.summary[figure]?.median;
  const megabytes = Math.max(
    ...Object.keys(peers["ours"]?.summary ?? {}).map((figure) =>
      Number(/^MB\/s, (\d+) MB,/.exec(figure)?.[1] ?? 0),
    ),
  );
  const rows = targets(megabytes).flatMap(({ label, figure, peers: names, isMoreBetter, ratio }) => {
    const ours = figureOf("ours", figure);
    const others = names
      .map((name) => ({ name, value: figureOf(name, figure) }))
      .filter((other): other is { name: string; value: number } => other.value !== undefined)
      .sort((a, b) => (isMoreBetter ? b.value - a.value : a.value - b.value));
    const [best] = others;
    if (ours === undefined || best === undefined) return [];
    const reached = ours / best.value;
    const isMet = isMoreBetter ? reached >= ratio : reached <= ratio;
    const target = `${isMoreBetter ? "≥" : "≤"} ${ratio.toFixed(1)}`;
    return [
      [
        label,
        threeDigits(ours),
        `${threeDigits(best.value)} (${best.name})`,
        threeDigits(reached),
        target,
        isMet ? "yes" : "no",
      ],
    ];
  });
  return markdownTable(["", "ours", "best peer", "ratio", "target", "met"], rows);
}
