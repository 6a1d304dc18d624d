/** gateway/deploy/ as it is: two gateways behind nginx, and what clients see when one of them stops. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { createServer, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../vendor/cache.ts";
import { testPki } from "../peers/certs.ts";
import { accepts, freePort, ServerProcess } from "../peers/child.ts";
import { nginxProcess } from "../peers/nginx.ts";

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const deployed = (name: string) => readFileSync(join(ROOT, "gateway", "deploy", name), "utf8");
const CLI = join(ROOT, "dist", "cli.js");

let folder: string;
let gateways: { readonly port: number; readonly process: ServerProcess }[];
let publicPort: number;
let target: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-balancer-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { chain, key } = (await testPki()).leaf("good");
  target = await startEchoOverTls(chain, key);
  gateways = await Promise.all([startGateway(), startGateway()]);
  publicPort = await startBalancer(
    chain,
    key,
    gateways.map(({ port }) => port),
  );
});

/** A TLS server that sends back what it gets. */
async function startEchoOverTls(cert: string, key: string): Promise<number> {
  const sockets = new Set<TLSSocket>();
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** A gateway by the configuration file that is shipped; the target of the test is on loopback. */
async function startGateway(): Promise<{ port: number; process: ServerProcess }> {
  const port = await freePort();
  const config = join(ROOT, "gateway", "deploy", "gateway.json");
  const process_ = new ServerProcess(process.execPath, [
    ...[CLI, "gateway", "--config", config, "--port", String(port)],
    ...["--target-ports", String(target), "--danger-allow-addresses", "127.0.0.1"],
  ]);
  stack.defer(() => process_.stop());
  await process_.untilReady((output) => (output.includes('"event":"listening"') ? true : undefined));
  return { port, process: process_ };
}

/** nginx by the file that is shipped, with this machine's ports and certificate. */
async function startBalancer(chain: string, key: string, ports: readonly number[]): Promise<number> {
  const port = await freePort();
  const site = deployed("nginx.conf")
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`)
    .replace(/^ *listen \[::\]:443 ssl;\n/m, "")
    .replace(/ssl_certificate .*;/, `ssl_certificate ${chain};`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`)
    .replace("127.0.0.1:6001", `127.0.0.1:${ports[0]}`)
    .replace("127.0.0.1:6002", `127.0.0.1:${ports[1]}`);
  const nginx = nginxProcess(folder, "", site);
  stack.defer(() => nginx.stop());
  await nginx.untilReady(() => accepts(port));
  return port;
}

interface Client {
  ask(): Promise<string>;
  leave(): Promise<number | null>;
}

async function startClient(): Promise<Client> {
  const script = fileURLToPath(new URL("./balancer-client.ts", import.meta.url));
  const { ca } = await testPki();
  const child = spawn(process.execPath, [script, `wss://localhost:${publicPort}/`, ca, String(target)], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    stdio: ["pipe", "pipe", "inherit"],
  });
  stack.defer(() => void child.kill());
  const reader: Interface = createInterface(child.stdout);
  const lines = reader[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    return done === true ? "the client has ended" : value;
  };
  expect(await next()).toBe("connected");
  return {
    ask: () => {
      child.stdin.write("ping\n");
      return next();
    },
    leave: async () => {
      const gone = once(child, "exit");
      child.stdin.end();
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}

async function streams(port: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  return answer === undefined
    ? "gone"
    : [answer.status, ((await answer.json()) as { streams: number }).streams];
}

it("behind nginx each client's connection is TLS to the target, and the gateways share the clients", async () => {
  const first = await startClient();
  const second = await startClient();
  expect(await Promise.all(gateways.map(({ port }) => streams(port)))).toEqual([
    [200, 1],
    [200, 1],
  ]);
  expect(await first.ask()).toBe("ping");
  expect(await second.ask()).toBe("ping");

  const [stopping, staying] = gateways as [(typeof gateways)[0], (typeof gateways)[0]];
  const ended = once(stopping.process.child, "exit");
  stopping.process.child.kill("SIGTERM");
  await stopping.process.untilReady((output) => (output.includes('"event":"stopping"') ? true : undefined));

  // What was connected goes on; who comes now is given to the other.
  expect(await first.ask()).toBe("ping");
  expect(await second.ask()).toBe("ping");
  const third = await startClient();
  expect(await third.ask()).toBe("ping");
  expect(await streams(staying.port)).toEqual([200, 2]);

  // When its last client has left, the stopping gateway ends by itself.
  expect(await first.leave()).toBe(0);
  expect(await second.leave()).toBe(0);
  expect(await ended).toEqual([0, null]);
  expect(await third.ask()).toBe("ping");
  expect(await third.leave()).toBe(0);
});

it("the balancer gives the public nothing but the gateway", async () => {
  const { ca } = await testPki();
  const get = async (path: string): Promise<string> => {
    const curl = spawn("curl", [
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "--cacert",
      ca,
      `https://localhost:${publicPort}${path}`,
    ]);
    let text = "";
    curl.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    await once(curl, "close");
    return text;
  };
  expect(await get("/healthz")).toBe("404");
  expect(await get("/")).toBe("426");
});
