/** How a file of browser tests begins: where it is skipped, and what its tests share. */
import { afterAll, beforeAll, describe } from "vitest";
import { missingChromium, startChromium, type TestBrowser } from "./browser.ts";
import { Harness } from "./harness.ts";
import type { PagePython } from "./page-python.ts";

/** A suite that is skipped where its browser is missing; the title then says why. */
export function describeInBrowser(title: string, define: () => void, missing = missingChromium()): void {
  const reason = missing === undefined ? "" : `: ${missing}`;
  describe.skipIf(missing !== undefined)(`${title}${reason}`, define);
}

/** One harness for the tests of the suite it is called in. Ask for it in a test or in a later `beforeAll`. */
export function sharedHarness(startBrowser: () => Promise<TestBrowser> = startChromium): () => Harness {
  return shared(() => Harness.start(startBrowser));
}

/** One Python in a tab of that harness, likewise. */
export function sharedPython(harness: () => Harness): () => PagePython {
  return shared(() => harness().startPython());
}

/** Vitest runs `afterAll` in reverse order: what was started last ends first. */
function shared<T extends AsyncDisposable>(start: () => Promise<T>): () => T {
  let value: T | undefined;
  beforeAll(async () => {
    value = await start();
  });
  afterAll(async () => {
    await value?.[Symbol.asyncDispose]();
  });
  return () => {
    if (value === undefined) throw new Error("asked for before it was started");
    return value;
  };
}
