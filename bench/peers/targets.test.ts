import { expect, test } from "vitest";
import { targetTable } from "./targets.ts";

const peer = (figures: Record<string, number>) => ({
  summary: Object.fromEntries(Object.entries(figures).map(([name, median]) => [name, { median }])),
});

test("A figure is compared with the best peer's, and what has no counterpart is left out", () => {
  const table = targetTable({
    peers: {
      libcurl: peer({ "MB/s, 16 MB, ec-aes": 30, "CPU ms per MB, ec-aes, page": 20 }),
      epoxy2: peer({ "MB/s, 16 MB, ec-aes": 40, "CPU ms per MB, ec-aes, page": 24 }),
      ours: peer({ "MB/s, 1 MB, ec-aes": 90, "MB/s, 16 MB, ec-aes": 50, "CPU ms per MB, ec-aes, page": 10 }),
    },
  });
  const rows = table
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
  expect(rows).toEqual([
    ["download of 16 MB, AES-128-GCM: MB/s", "50.0", "40.0 (epoxy2)", "1.25", "≥ 1.5", "no"],
    ["processor time of the page, AES-128-GCM: ms a MB", "10.0", "20.0 (libcurl)", "0.50", "≤ 1.0", "yes"],
  ]);
});
