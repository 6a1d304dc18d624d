/** A real JupyterLite in Chromium: notebooks whose first cell does real TLS, by the site's configuration or by the wheel. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { wheelName } from "../../scripts/wheel.ts";
import { PLACES } from "../../vendor/cache.ts";
import { missingChromium } from "../browser.ts";
import { GREETING, type HttpsSite } from "../package/https-site.ts";
import { HAS_REAL_MICROPIP } from "../pyodide-distribution.ts";
import { SCREENSHOTS, startSiteAndBrowser } from "../site-and-browser.ts";
import { type Cell, cellsOf, heldCell, plainlyCalledCell, SHOWN_BY_PLAIN_CALLS } from "./cells.ts";
import { Lab } from "./notebook.ts";
import { type JupyterLiteOptions, startJupyterLite } from "./site.ts";

function missing(): string | undefined {
  if (existsSync(PLACES.jupyterlite) && existsSync(PLACES.notebookWheel)) return missingChromium();
  return "the site is not there (npm run vendor -- jupyterlite)";
}

const WAIT = { timeout: 180_000, interval: 50 };

const stack = new AsyncDisposableStack();
let site: HttpsSite;
let gateway: string;
let browser: Browser;

describe.skipIf(missing() !== undefined)(
  `JupyterLite${missing() === undefined ? "" : `: ${missing()}`}`,
  () => {
    beforeAll(async () => {
      ({ site, gateway, browser } = await startSiteAndBrowser(stack));
    });
    afterAll(() => stack.disposeAsync());

    /** Serves a site, and opens it in a fresh profile. */
    async function open(options: JupyterLiteOptions): Promise<Lab> {
      const server = await startJupyterLite(options);
      stack.defer(() => server.stop());
      const context = await browser.newContext({ viewport: { width: 1280, height: 1400 } });
      return Lab.open(context, `http://127.0.0.1:${server.port}/`);
    }

    /** The site of docs/jupyterlite.md: its kernels need no code. */
    function openZeroCode(isIsolated: boolean): Promise<Lab> {
      return open({ zeroCode: { gateway, ca: site.ca }, isIsolated });
    }

    const picture = (lab: Lab, stage: string) =>
      lab.screenshot(join(SCREENSHOTS, `jupyterlite-${stage}.png`));

    describe("a site whose jupyter-lite.json names our module", () => {
      let lab: Lab;
      let cells: readonly Cell[];
      beforeAll(async () => {
        cells = await cellsOf(site.port);
        lab = await openZeroCode(false);
      });
      afterAll(() => lab.close());

      it("does real TLS from a notebook's first cell", async () => {
        expect(await lab.isIsolated()).toBe(false);
        await lab.openNotebook(
          "first.ipynb",
          cells.map(({ source }) => source),
        );
        expect(await lab.runAll(), lab.console.join("\n")).toEqual(cells.map(({ shows }) => shows));
        await picture(lab, "cells");
      });

      it("does it again after the kernel is restarted", async () => {
        await lab.restart();
        expect(await lab.runAll(), lab.console.join("\n")).toEqual(cells.map(({ shows }) => shows));
        await picture(lab, "restarted");
      });

      it("has two notebooks wait at the same time, each for its own answer", async () => {
        const held = heldCell(site.port);
        await lab.openNotebook("second.ipynb", [held.source]);
        await lab.startAll();
        await lab.openNotebook("third.ipynb", [held.source]);
        await lab.startAll();
        await vi.waitFor(() => expect(site.heldCount).toBe(2), WAIT);
        await picture(lab, "two-wait");
        site.release();
        for (const name of ["third.ipynb", "second.ipynb"]) {
          await lab.show(name);
          await lab.waitForOutput(GREETING);
          expect(await lab.outputs()).toEqual([held.shows]);
        }
      });

      it("interrupts what waits in a notebook, which then goes on", async () => {
        await lab.show("second.ipynb");
        await lab.startAll();
        await vi.waitFor(() => expect(site.heldCount).toBe(1), WAIT);
        await lab.interrupt();
        await lab.waitForOutput("KeyboardInterrupt");
        await lab.waitForEnd();
        expect(await lab.outputs()).toEqual([expect.stringContaining("KeyboardInterrupt")]);
        await picture(lab, "interrupted");
        expect(await lab.execute(cells[0]?.source ?? "")).toBe(`${GREETING}\n`);
      });

      it("says what to do where the kernel calls Python so that it can't wait, and that works", async () => {
        await lab.show("third.ipynb");
        expect(await lab.execute(plainlyCalledCell(site.port))).toBe("");
        expect(await lab.complete("page.")).toMatchObject({ status: "ok", matches: ["title"] });
        expect(await lab.inspect("page")).toMatchObject({ status: "ok", found: true });
        for (const target of ["plain", "thread", "task"]) await lab.openComm(target);
        const shown = () => lab.execute("import json; print(json.dumps(shown))");
        await vi.waitFor(async () => expect(await shown()).toContain("thread of a task"), WAIT);
        expect(JSON.parse(await shown()) as unknown).toEqual(SHOWN_BY_PLAIN_CALLS);
      });
    });

    it("does it all with shared memory too, where the page is cross-origin isolated", async () => {
      const isolation = { source: "import js\nprint(js.crossOriginIsolated)", shows: "True\n" };
      const cells = [isolation, ...(await cellsOf(site.port)).slice(0, -1)];
      const lab = await openZeroCode(true);
      expect(await lab.isIsolated()).toBe(true);
      await lab.openNotebook(
        "isolated.ipynb",
        [...cells, heldCell(site.port)].map(({ source }) => source),
      );
      await lab.startAll();
      await vi.waitFor(() => expect(site.heldCount).toBe(1), WAIT);
      await lab.interrupt();
      await lab.waitForOutput("KeyboardInterrupt");
      expect(await lab.outputs(), lab.console.join("\n")).toEqual([
        ...cells.map(({ shows }) => shows),
        expect.stringContaining("KeyboardInterrupt"),
      ]);
      await picture(lab, "isolated");
      await lab.close();
    });

    it(`does real TLS after the wheel is installed with %pip in a notebook (${HAS_REAL_MICROPIP ? "micropip" : "a stand-in for micropip"})`, async () => {
      const url = `https://localhost:${site.port}/`;
      const lab = await open({});
      await lab.openNotebook("wheel.ipynb", [
        `import http.client, ssl
before = ssl.OPENSSL_VERSION
%pip install ${lab.siteUrl}${wheelName()}
import pyodide_ssl
pyodide_ssl.install(gateway=${JSON.stringify(gateway)}, ca=${JSON.stringify(site.ca)})
print(before, "->", ssl.OPENSSL_VERSION[:11])`,
        `import requests\nprint(requests.get(${JSON.stringify(url)}).text)`,
        `pyodide_ssl.uninstall()\nprint(ssl.OPENSSL_VERSION)`,
      ]);
      expect(await lab.runAll(), lab.console.join("\n")).toEqual([
        "OpenSSL (stub) -> OpenSSL 3.5\n",
        `${GREETING}\n`,
        "OpenSSL (stub)\n",
      ]);
      await picture(lab, "wheel");
      await lab.close();
    });
  },
);
