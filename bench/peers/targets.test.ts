import { expect, test } from "vitest";
import { AES, FIGURES, PLAIN, targetTable } from "./targets.ts";

function cells(table: string): string[][] {
  const lines = table.split("\n").slice(2);
  return lines.map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

test("A figure is compared with the best peer's within each round, and what has no counterpart is left out", () => {
  const download = FIGURES.download(AES);
  const table = targetTable([
    { [download]: { libcurl: 30, epoxy2: 40, ours: 80 }, [FIGURES.pageCpu(AES)]: { ours: 10, epoxy: 20 } },
    // The machine was twice as slow in this one.
    { [download]: { libcurl: 15, epoxy2: 20, ours: 30 }, [FIGURES.pageCpu(AES)]: { ours: 20, epoxy: 40 } },
    { [download]: { libcurl: 30, epoxy2: 40, ours: 72 }, [FIGURES.request]: { ours: 5 } },
  ]);
  expect(cells(table)).toEqual([
    [download, "72.0", "40.0 (epoxy2)", "1.80 (1.50–2.00)", "≥ 1.5", "yes"],
    [FIGURES.pageCpu(AES), "15.0", "30.0 (epoxy)", "0.50 (0.50–0.50)", "≤ 1", "yes"],
  ]);
});

test("A round in which one of the two failed counts for neither", () => {
  const table = targetTable([
    { [FIGURES.small]: { ours: 100, [PLAIN]: 200 } },
    { [FIGURES.small]: { [PLAIN]: 10 } },
    { [FIGURES.small]: { ours: 90, [PLAIN]: 100 } },
  ]);
  expect(cells(table)).toEqual([[FIGURES.small, "95.0", "100 (plain)", "0.70 (0.50–0.90)", "≥ 0.85", "no"]]);
});
