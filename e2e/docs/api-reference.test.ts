import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SETTINGS } from "../../gateway/settings.ts";
import { API_FOLDER, filesOf, writeApiReference } from "../../scripts/docs.ts";

it("docs/api says what the TSDoc says, and everything public has some (`npm run docs` writes it)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-docs-"));
  try {
    await writeApiReference(folder);
    expect(filesOf(API_FOLDER)).toEqual(filesOf(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("the gateway's settings are described in the API reference as `--help` describes them", () => {
  const reference = filesOf(API_FOLDER).get("pyodide-ssl/gateway.md");
  const missing = Object.values(SETTINGS).filter(({ help }) => reference?.includes(help) !== true);
  expect(missing).toEqual([]);
});
