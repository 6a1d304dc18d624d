/** The servers and the contestants of a run. */
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { chromium } from "playwright";
import { startGateway } from "pyodide-ssl/gateway";
import { testPki } from "../e2e/peers/certs.ts";
import { startNginx } from "../e2e/peers/nginx.ts";
import { type NativePython, nativePython, vendorNativePython } from "../vendor/native-python.ts";
import type { Contestant, Origin } from "./contestant.ts";
import { BENCH_GATEWAY } from "./gateway-options.ts";
import { pageContestants } from "./pages.ts";
import type { OriginName } from "./plan.ts";
import { nativeContestant, oursOnNode } from "./processes.ts";

/** The servers that contestants connect to. */
export interface Origins extends AsyncDisposable {
  readonly tls: Readonly<Record<OriginName, Origin>>;
  readonly plain: Origin;
}

/** nginx with a P-256 certificate and one cipher suite a port, without tickets; and a plain HTTP server. */
export async function startOrigins(): Promise<Origins> {
  await using stack = new AsyncDisposableStack();
  const pki = await testPki();
  const site = { leaf: pki.leaf("good-ec"), protocols: "TLSv1.3", resumption: "none" } as const;
  const nginx = stack.use(
    await startNginx({
      aes128: { ...site, ciphersuites: "TLS_AES_128_GCM_SHA256" },
      chacha20: { ...site, ciphersuites: "TLS_CHACHA20_POLY1305_SHA256" },
    }),
  );
  const plain = fork(join(import.meta.dirname, "plain-origin.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  stack.defer(() => plain.disconnect());
  const [plainPort] = (await once(plain, "message")) as [number];
  const held = stack.move();
  return {
    tls: {
      aes128: { port: nginx.ports.aes128, caFile: pki.ca },
      chacha20: { port: nginx.ports.chacha20, caFile: pki.ca },
    },
    plain: { port: plainPort, caFile: pki.ca },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Every contestant that can be had on this machine; says which can't. What is started for them goes on the stack. */
export async function makeContestants(
  stack: AsyncDisposableStack,
  say: (line: string) => void,
): Promise<Contestant[]> {
  const gateway = stack.use(await startGateway(BENCH_GATEWAY));
  const contestants: Contestant[] = [];
  const browser = await chromium
    .launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    })
    .catch((error: unknown) => {
      say(`no Chromium: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`);
    });
  if (browser) {
    stack.defer(() => browser.close());
    contestants.push(...(await pageContestants({ browser, gateway: gateway.url })));
  }
  contestants.push(oursOnNode);
  const python = await findNativePython(say);
  if (python) contestants.push(nativeContestant(python, versionsOf(python)));
  return contestants;
}

async function findNativePython(say: (line: string) => void): Promise<NativePython | undefined> {
  try {
    await vendorNativePython(say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
  const python = nativePython();
  if (!python) say("no native CPython: its column is left out");
  return python;
}

function versionsOf(python: NativePython): string {
  const code = "import sys, ssl; print('CPython', sys.version.split()[0], 'with', ssl.OPENSSL_VERSION)";
  const { stdout } = spawnSync(python.command, [...python.args, "-c", code], {
    env: python.env,
    encoding: "utf8",
  });
  return stdout.trim();
}
