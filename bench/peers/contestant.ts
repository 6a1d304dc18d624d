/** A peer's page, open for the whole run, and the requests that are timed in it. */
import { type BrowserPage, openPage } from "./browser.ts";
import type { GatewayName, Peer, Servers } from "./harness.ts";

/** Runs in the page before its own scripts: begins when the page sets `window.bench`, as the peers' pages expect. */
function prepare(settings: { wispUrl: string; caPem: string }): void {
  type Bench = { init(given: typeof settings): Promise<void>; get(url: string): Promise<number> };
  const begun = Promise.withResolvers<Bench>();
  begun.promise.catch(() => {});
  addEventListener("error", ({ message }) => begun.reject(new Error(message)));
  Object.defineProperty(globalThis, "bench", {
    set(bench: Bench) {
      Promise.resolve(bench.init(settings)).then(() => begun.resolve(bench), begun.reject);
    },
  });
  /** Milliseconds for `count` requests, after a pause before each. */
  const timed = async (url: string, byteLength: number, count: number, pauseMs: number): Promise<number> => {
    const bench = await begun.promise;
    let took = 0;
    for (let done = 0; done < count; done++) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const start = performance.now();
      const received = await bench.get(url);
      took += performance.now() - start;
      if (received !== byteLength) throw new Error(`${received} bytes instead of ${byteLength}`);
    }
    return took;
  };
  Object.assign(globalThis, { timed });
}

/** What a request needs. */
export interface Requests {
  readonly url: string;
  readonly byteLength: number;
  readonly count: number;
  readonly pauseMs?: number;
}

/** One page. */
export class Contestant implements AsyncDisposable {
  readonly peer: Peer;
  readonly page: BrowserPage;

  private constructor(peer: Peer, page: BrowserPage) {
    this.peer = peer;
    this.page = page;
  }

  static async open(peer: Peer, servers: Servers, gateway: GatewayName): Promise<Contestant> {
    const settings = JSON.stringify({ wispUrl: servers.gateways[gateway], caPem: servers.caPem });
    return new Contestant(peer, await openPage(servers.pageOf(peer), `(${prepare.toString()})(${settings})`));
  }

  /** Milliseconds for all of them, one after the other; and the page's processor time. */
  async time({ url, byteLength, count, pauseMs = 0 }: Requests): Promise<{ ms: number; cpuMs: number }> {
    const before = await this.page.cpuMs();
    const call = `timed(${[JSON.stringify(url), byteLength, count, pauseMs].join(", ")})`;
    const ms = (await withDeadline(this.page.evaluate(call))) as number;
    return { ms, cpuMs: (await this.page.cpuMs()) - before };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.page[Symbol.asyncDispose]() as Promise<void>;
  }
}

const DEADLINE_MS = 60_000;

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
