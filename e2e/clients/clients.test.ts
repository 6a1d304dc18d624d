/**
 * Clients that people use, unmodified, against real servers: the programs of `examples/` give what docs/clients.md shows, and
 * what native CPython gives; certificates that must be refused are; servers that die or are silent end no program in a hang.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLACES } from "../../vendor/cache.ts";
import { nativePython } from "../../vendor/native-python.ts";
import { missingChromium } from "../browser.ts";
import { documentedExample } from "./documents.ts";
import {
  EXAMPLE_NAMES,
  EXAMPLES,
  type ExampleServer,
  exampleText,
  missingFor,
  startServer,
} from "./examples.ts";
import { type ClientHost, type Outcome, runNatively, startChromiumHost, startNodeHost } from "./hosts.ts";
import { startInBetween } from "./postgresql-in-between.ts";
import type { Sandbox } from "./sandbox.ts";
import { startProFtpd } from "./servers/proftpd.ts";

const missing = existsSync(PLACES.clientsZip)
  ? undefined
  : "the packages are missing (npm run vendor clients)";
const native = nativePython();

const HOSTS = [
  ["Node", startNodeHost, undefined],
  ["Chromium", startChromiumHost, missingChromium()],
] as const;

/** How each client says that the certificate is not to be trusted. */
const REFUSALS = {
  postgresql: "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]",
  mariadb: "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on",
  redis_cache: "redis.exceptions.ConnectionError: Error 1 connecting to",
  redis_asyncio: "redis.exceptions.ConnectionError: Error 1 connecting to",
  mqtt: "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]",
  mail: "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]",
  ftps: "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]",
} as const;

const program = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");

const servers = new Map<string, ExampleServer>();
const stack = new AsyncDisposableStack();

function server(name: string): ExampleServer {
  const found = servers.get(name);
  if (found === undefined) throw new Error(`no server for ${name} is running`);
  return found;
}

/** Titles of what can't run here say why. */
function title(name: (typeof EXAMPLE_NAMES)[number]): string {
  return missingFor(name) ?? EXAMPLES[name].says;
}

beforeAll(async () => {
  if (missing !== undefined) return;
  const names = EXAMPLE_NAMES.filter((name) => missingFor(name) === undefined);
  const start = async (
    name: string,
    starter: (typeof EXAMPLES)[keyof typeof EXAMPLES]["start"],
  ): Promise<void> => {
    servers.set(name, stack.use(await startServer(name, starter)));
  };
  await Promise.all(names.map((name) => start(name, EXAMPLES[name].start)));
  if (names.includes("ftps"))
    await start("session-reuse", (sandbox: Sandbox) => startProFtpd(sandbox, { sessionReuse: true }));
});
afterAll(() => stack.disposeAsync());

/** What native CPython does: asked once, as it does the same for each host. */
const natively = new Map<string, Promise<Outcome>>();
async function expectAsNative(key: string, outcome: Outcome, run: () => Promise<Outcome>): Promise<void> {
  if (native === undefined) return;
  const known = natively.get(key) ?? run();
  natively.set(key, known);
  expect(outcome).toEqual(await known);
}

describe.each(HOSTS)("clients in %s", (_host, startHost, missingHost) => {
  const skipped = missing ?? missingHost;
  describe.skipIf(skipped !== undefined)(skipped ?? "", () => {
    let host: ClientHost;
    beforeAll(async () => {
      host = await startHost();
    });
    afterAll(() => host[Symbol.asyncDispose]());

    describe.each(EXAMPLE_NAMES)("%s", (name) => {
      describe.skipIf(missingFor(name) !== undefined)(title(name), () => {
        it("prints what the documentation shows, as it does natively", async () => {
          const { environment } = server(name);
          const outcome = await host.run(exampleText(name), environment);
          expect(outcome).toEqual({ printed: documentedExample(name).output, raised: null });
          if (native !== undefined)
            expect(await runNatively(native, exampleText(name), environment)).toEqual(outcome);
        });

        it.each([
          [
            "a certificate of an authority that nobody trusts",
            {},
            "wrong",
            "unable to get local issuer certificate",
          ],
          [
            "a certificate of another name",
            { SERVER: "127.0.0.1" },
            "right",
            "certificate is not valid for '127.0.0.1'",
          ],
        ] as const)("refuses %s in the client's own words", async (what, change, trust, reason) => {
          const environment = { ...server(name).environment, ...change };
          const outcome = await host.run(exampleText(name), environment, trust);
          expect(outcome.printed).toBe("");
          expect(outcome.raised).toContain(REFUSALS[name]);
          expect(outcome.raised).toContain(reason);
          await expectAsNative(`${name} ${what}`, outcome, () =>
            runNatively(native as NonNullable<typeof native>, exampleText(name), environment, trust),
          );
        });
      });
    });

    describe.skipIf(missingFor("postgresql") !== undefined)("PostgreSQL", () => {
      it("lets nobody in between in, not even with a certificate that the client trusts", async () => {
        const { environment } = server("postgresql");
        await using between = await startInBetween(Number(environment["PORT"]));
        const outcome = await host.run(exampleText("postgresql"), {
          ...environment,
          PORT: String(between.port),
        });
        expect(outcome.raised).toContain("pg8000.exceptions.DatabaseError");
        expect(outcome.raised).toContain("SCRAM channel binding check failed");
      });

      it("that dies during a query gives the client's error for a lost connection", async () => {
        const { environment } = server("postgresql");
        const outcome = host.run(program("dying_server.py"), environment);
        const findBackend = async (): Promise<string | undefined> =>
          /backend (\d+);/.exec(await host.output())?.[1];
        await expect.poll(findBackend, { timeout: 60_000 }).toBeDefined();
        const backend = await findBackend();
        // PostgreSQL shows in its process's name what it does.
        const isAsked = (): boolean => readFileSync(`/proc/${backend}/cmdline`, "utf8").includes("SELECT");
        await expect.poll(isAsked, { timeout: 60_000 }).toBe(true);
        process.kill(Number(backend), "SIGKILL");
        expect((await outcome).raised).toMatch(/^pg8000\.exceptions\.InterfaceError: network error/);
      });
    });

    it.skipIf(missingFor("mariadb") !== undefined)(
      "a server that says nothing ends with the client's own timeout, as natively",
      async () => {
        const { environment } = server("mariadb");
        const outcome = await host.run(program("silent_server.py"), environment);
        expect(outcome.raised).toMatch(
          /^pymysql\.err\.OperationalError: \(2013, 'Lost connection to MySQL server during query/,
        );
        await expectAsNative("silent", outcome, () =>
          runNatively(native as NonNullable<typeof native>, program("silent_server.py"), environment),
        );
      },
    );

    it.skipIf(missingFor("ftps") !== undefined)(
      "an FTP server that demands session reuse refuses ftplib as natively, and is satisfied by resuming the session",
      async () => {
        const { environment } = server("session-reuse");
        // Whether ftplib hears of it while it writes or afterwards is the server's speed: the error's class is not compared.
        const refusedThenSent = /^FTP_TLS: \w+: .*\nwith the session of the control connection: 100000\n$/;
        const text = program("session_reuse.py");
        const outcome = await host.run(text, environment);
        expect(outcome).toEqual({ printed: expect.stringMatching(refusedThenSent) as string, raised: null });
        if (native === undefined) return;
        expect((await runNatively(native, text, environment)).printed).toMatch(refusedThenSent);
      },
    );
  });
});

it.each(EXAMPLE_NAMES)("docs/clients.md shows examples/%s.py as it is", (name) => {
  expect(documentedExample(name).program).toBe(exampleText(name));
});
