/** This package on Node against nginx: TLS beside a plain socket in the same Python. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testPki } from "../../e2e/peers/certs.ts";
import { accepts, freePort } from "../../e2e/peers/child.ts";
import { nginxProcess } from "../../e2e/peers/nginx.ts";
import type { Server } from "./harness.ts";
import type { NodeReply, NodeRequests } from "./node-client.ts";

/** Python in a process of its own, and nginx. */
export interface NodeSide extends AsyncDisposable {
  /** Milliseconds for `count` requests of a file on a kept connection. */
  time(server: Server, path: "/small" | "/large", count: number): Promise<number>;
}

const CIPHERSUITES = { "ec-aes": "TLS_AES_128_GCM_SHA256", "ec-chacha": "TLS_CHACHA20_POLY1305_SHA256" };

/** @param byteLength of `/large` */
export async function startNode(byteLength: number): Promise<NodeSide> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-bench-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "small"), "x".repeat(100));
  writeFileSync(join(folder, "large"), "");
  truncateSync(join(folder, "large"), byteLength);
  const pki = await testPki();
  const leaf = pki.leaf("good-ec");
  const ports = { "ec-aes": await freePort(), "ec-chacha": await freePort(), plain: await freePort() };
  const tls = (name: keyof typeof CIPHERSUITES): string => `server {
    listen 127.0.0.1:${ports[name]} ssl;
    ssl_certificate ${leaf.chain};
    ssl_certificate_key ${leaf.key};
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites ${CIPHERSUITES[name]};
  }`;
  const nginx = nginxProcess(
    folder,
    `error_log ${folder}/error.log;`,
    `root ${folder};
  keepalive_requests 1000000;
  keepalive_timeout 1h;
  server { listen 127.0.0.1:${ports.plain}; }
  ${tls("ec-aes")}
  ${tls("ec-chacha")}`,
  );
  stack.defer(() => nginx.stop());
  await nginx.untilReady(async () => {
    const answers = await Promise.all(Object.values(ports).map((port) => accepts(port)));
    return answers.every((answer) => answer === true) ? true : undefined;
  });
  const child = fork(join(import.meta.dirname, "node-client.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  stack.defer(() => child.disconnect());
  const ask = async (message: NodeRequests): Promise<number> => {
    child.send(message);
    const [reply] = (await once(child, "message")) as [NodeReply];
    if ("error" in reply) throw new Error(reply.error);
    return reply.ms;
  };
  await once(child, "message");
  const ca = readFileSync(pki.ca, "utf8");
  const held = stack.move();
  return {
    time: (server, path, count) => ask({ isTls: server !== "plain", port: ports[server], path, count, ca }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
