/** What this package is to reach against the other ways a page has to TLS, and how far it is: ratios within rounds. */
import { markdownTable, median, threeDigits } from "../statistics.ts";

/** What one round measured: by figure, then by who. A measurement that failed is left out. */
export type Round = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** This package without TLS: a plain socket in the same Python, by the same way. */
export const PLAIN = "plain";

/** Names of figures. */
export const FIGURES = {
  download: (suite: string) => `download, ${suite}: MB/s`,
  pageCpu: (suite: string) => `processor time of the page, ${suite}: ms a MB`,
  request: "request on a new connection: ms",
  connections: "new connections a second",
  small: "small requests a second, kept connection",
  smallNode: "small requests a second, kept connection, Node",
  node: (suite: string) => `Node, download from nginx, ${suite}: MB/s`,
} as const;

export const AES = "AES-128-GCM";
export const CHACHA = "ChaCha20-Poly1305";

interface Target {
  readonly figure: string;
  /** Whom it is compared with: the best of these. */
  readonly others: readonly string[];
  readonly isMoreBetter: boolean;
  /** The ratio to that one: at least, or at most. */
  readonly ratio: number;
}

const ALL = ["libcurl", "epoxy", "epoxy2"];

const atLeast = (figure: string, others: readonly string[], ratio: number): Target => {
  return { figure, others, isMoreBetter: true, ratio };
};
const atMost = (figure: string, others: readonly string[], ratio: number): Target => {
  return { figure, others, isMoreBetter: false, ratio };
};

const TARGETS: readonly Target[] = [
  atLeast(FIGURES.download(AES), ALL, 1.5),
  atLeast(FIGURES.download(CHACHA), ALL, 1.5),
  atLeast(FIGURES.download(AES), [PLAIN], 0.8),
  atLeast(FIGURES.download(CHACHA), [PLAIN], 0.9),
  atMost(FIGURES.pageCpu(AES), ALL, 1),
  atMost(FIGURES.pageCpu(CHACHA), ALL, 1),
  atMost(FIGURES.request, ["epoxy2"], 1),
  atLeast(FIGURES.connections, ["epoxy2"], 1),
  atLeast(FIGURES.small, [PLAIN], 0.85),
  atLeast(FIGURES.smallNode, [PLAIN], 0.85),
  atLeast(FIGURES.node(AES), [PLAIN], 0.45),
  atLeast(FIGURES.node(CHACHA), [PLAIN], 0.6),
];

/** The table: medians, and the median of the rounds' ratios with the smallest and the largest. What a run has not is left out. */
export function targetTable(rounds: readonly Round[]): string {
  const rows = TARGETS.flatMap((target) => {
    const { figure, others, isMoreBetter, ratio } = target;
    const [best] = others
      .map((name) => ({ name, values: valuesOf(rounds, figure, name) }))
      .filter(({ values }) => values.length > 0)
      .map(({ name, values }) => ({ name, value: median(values) }))
      .sort((a, b) => (isMoreBetter ? b.value - a.value : a.value - b.value));
    const ours = valuesOf(rounds, figure, "ours");
    const ratios = best ? ratiosTo(rounds, figure, best.name) : [];
    if (!best || ours.length === 0 || ratios.length === 0) return [];
    const reached = median(ratios);
    const isMet = isMoreBetter ? reached >= ratio : reached <= ratio;
    return [
      [
        figure,
        threeDigits(median(ours)),
        `${threeDigits(best.value)} (${best.name})`,
        `${reached.toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
        `${isMoreBetter ? "≥" : "≤"} ${ratio}`,
        isMet ? "yes" : "no",
      ],
    ];
  });
  return markdownTable(["", "ours", "compared with", "ratio", "target", "met"], rows);
}

/** Every figure of everyone, medians. */
export function figureTable(rounds: readonly Round[]): string {
  const figures = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  const isThere = (name: string): boolean =>
    figures.some((figure) => valuesOf(rounds, figure, name).length > 0);
  const names = [...ALL, "ours", PLAIN].filter(isThere);
  const rows = figures.map((figure) => [
    figure,
    ...names.map((name) => {
      const values = valuesOf(rounds, figure, name);
      return values.length === 0 ? "–" : threeDigits(median(values));
    }),
  ]);
  return markdownTable(["", ...names], rows);
}

function valuesOf(rounds: readonly Round[], figure: string, name: string): number[] {
  return rounds.map((round) => round[figure]?.[name]).filter((value) => value !== undefined);
}

/** Ratios within a round: what else the machine does changes from one to the next. */
function ratiosTo(rounds: readonly Round[], figure: string, name: string): number[] {
  return rounds.flatMap((round) => {
    const [ours, other] = [round[figure]?.["ours"], round[figure]?.[name]];
    return ours === undefined || other === undefined ? [] : [ours / other];
  });
}
