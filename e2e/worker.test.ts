/** What `createPython()` does in a page when things go wrong, and how Python talks to the page. No network is needed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BrowserTab, startChromium, type TestBrowser } from "./browser.ts";
import { startSite } from "./harness.ts";
import { runInPage } from "./page-python.ts";
import { describeInBrowser } from "./suite.ts";

/** In the page: what a promise rejects with, as data. */
const REJECTION = `const rejection = (promise) => promise.then(
  () => "no error", ({ name, code, stage, reason, message }) => ({ name, code, stage, reason, message }));`;

describeInBrowser("a worker in a page", () => {
  let site: Awaited<ReturnType<typeof startSite>>;
  let browser: TestBrowser;
  let tab: BrowserTab;

  beforeAll(async () => {
    site = await startSite();
    browser = await startChromium();
    tab = await browser.open(site.url);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await site?.stop();
  });

  test.each([
    ["worker", { workerUrl: "/nowhere/worker.js" }, "/nowhere/worker.js"],
    ["pyodide", { pyodideUrl: "/nowhere/pyodide.mjs" }, "/nowhere/pyodide.mjs"],
    ["openssl", { pyodideUrl: "/pyodide/pyodide.mjs", assetsUrl: "/nowhere/" }, "/nowhere/"],
    ["packages", { pyodideUrl: "/pyodide/pyodide.mjs", packages: ["/nowhere.whl"] }, "/nowhere.whl"],
  ])("that can't start for its %s says so, and what is missing", async (stage, options, what) => {
    const error = await runInPage(tab, `${REJECTION} return rejection(pyodideSsl.createPython(options));`, {
      options,
    });
    expect(error).toMatchObject({ name: "PythonStartError", code: "START_FAILED", stage });
    expect((error as { message: string }).message).toContain(what);
  });

  test("that closes itself rejects the call in flight and later ones", async () => {
    const outcomes = await runInPage(
      tab,
      `${REJECTION}
         const python = await pyodideSsl.createPython({ pyodideUrl: "/pyodide/pyodide.mjs" });
         const call = rejection(python.run("import js, asyncio; js.close(); await asyncio.sleep(1000)"));
         return [await call, await rejection(python.run("1")), (await python.closed).reason];`,
    );
    const lost = { name: "WorkerLostError", code: "WORKER_LOST", reason: "exited" };
    expect(outcomes).toMatchObject([lost, lost, "exited"]);
  });

  test("asks the page for lines, tells its progress, and prints to a stream", async () => {
    const outcome = await runInPage(
      tab,
      `const stages = [];
         const python = await pyodideSsl.createPython({
           pyodideUrl: "/pyodide/pyodide.mjs",
           stdin: async () => "ada\\n",
           onProgress: ({ stage }) => stages.push(stage),
         });
         const reader = python.stdout.getReader();
         const name = await python.run("name = input('who? '); print('hello', name); name");
         let text = "";
         while (!text.includes("\\n")) text += (await reader.read()).value;
         await python.terminate();
         return { name, text, stages };`,
    );
    expect(outcome).toEqual({
      name: "ada",
      text: "who? hello ada\n",
      stages: ["worker", "pyodide", "openssl", "ready"],
    });
  });

  test("is woken by interrupt() from a sleep, though nothing is shared between the threads", async () => {
    const outcome = await runInPage(
      tab,
      `let text = "";
         const python = await pyodideSsl.createPython({
           pyodideUrl: "/pyodide/pyodide.mjs",
           stdout: (piece) => { text += piece; },
         });
         const call = python.run("import time\\nprint('asleep')\\ntime.sleep(1000)").catch((error) => error.type);
         while (!text.includes("asleep")) await new Promise((resolve) => setTimeout(resolve, 5));
         python.interrupt();
         const outcome = [crossOriginIsolated, await call, await python.run("1 + 1")];
         await python.terminate();
         return outcome;`,
    );
    expect(outcome).toEqual([false, "KeyboardInterrupt", 2]);
  });
});
