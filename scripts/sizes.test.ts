import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../vendor/cache.ts";
import { loadedBytes } from "./sizes.ts";

/** In brotli: what a page loads of this package until the first response. Change it in the commit that changes the size. */
const RECORDED = JSON.parse(readFileSync(join(import.meta.dirname, "sizes.json"), "utf8")) as Record<
  string,
  number
>;

/** How much more than recorded is no matter, in percent. */
const TOLERANCE = 2;

const dist = join(ROOT, "dist");

test.skipIf(!existsSync(join(dist, "assets")))(
  "what a page loads is no larger than scripts/sizes.json says",
  () => {
    const now = loadedBytes(dist);
    const grown = Object.entries(now).filter(
      ([file, bytes]) => bytes > ((RECORDED[file] ?? 0) * (100 + TOLERANCE)) / 100,
    );
    expect(Object.fromEntries(grown)).toEqual({});
  },
  120_000,
);
