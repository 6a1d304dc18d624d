import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PYODIDE_VERSION } from "./versions.ts";

test("the Pyodide that browsers load is the one that package.json pins", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(PYODIDE_VERSION).toBe(manifest.dependencies["pyodide"]);
});
