/** What tests of other people's pages need: an HTTPS site to ask, a gateway that reaches it, and Chromium. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright";
import { startGateway } from "pyodide-ssl/gateway";
import { ROOT } from "../vendor/cache.ts";
import { CHROMIUM, CHROMIUM_ARGUMENTS } from "./browser.ts";
import { GATEWAY_OPTIONS, type HttpsSite, startHttpsSite } from "./package/https-site.ts";

/** Pictures for people to look at; an ignored folder. */
export const SCREENSHOTS: string = join(ROOT, "artifacts");

export interface SiteAndBrowser {
  readonly site: HttpsSite;
  /** The gateway's address. */
  readonly gateway: string;
  readonly browser: Browser;
}

/** Starts them; `stack` stops them. */
export async function startSiteAndBrowser(stack: AsyncDisposableStack): Promise<SiteAndBrowser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const site = stack.use(await startHttpsSite());
  const gateway = await startGateway(GATEWAY_OPTIONS);
  stack.defer(() => gateway.stop());
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_ARGUMENTS] });
  stack.defer(() => browser.close());
  return { site, gateway: gateway.url, browser };
}
