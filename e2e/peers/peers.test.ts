import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AllPeers, startAllPeers } from "./all-peers.ts";
import { accepts } from "./child.ts";
import { startNginx } from "./nginx.ts";
import { startRecordingProxy } from "./plain-tcp.ts";

let peers: AllPeers;

beforeAll(async () => {
  peers = await startAllPeers();
});
afterAll(async () => {
  await peers?.stop();
});

async function open(peer: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const ca = readFileSync(peers.pki.ca);
  const socket = connect({
    host: "127.0.0.1",
    port: peers.port(peer),
    servername: "localhost",
    ca,
    ...options,
  });
  await once(socket, "secureConnect");
  return socket;
}

async function codeOf(peer: string): Promise<string | undefined> {
  const failure: unknown = await open(peer).then(
    (socket) => void socket.destroy(),
    (error: unknown) => error,
  );
  return (failure as NodeJS.ErrnoException | undefined)?.code;
}

test.for([
  ["good", undefined],
  ["good-ec", undefined],
  ["good-ed25519", undefined],
  ["expired", "CERT_HAS_EXPIRED"],
  ["not-yet-valid", "CERT_NOT_YET_VALID"],
  ["wrong-host", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["unknown-ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ["missing-intermediate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
] as const)("Node's own TLS says of %s: %s", async ([peer, code]) => {
  expect(await codeOf(peer)).toBe(code);
});

test("a site chooses its certificate by SNI", async () => {
  const socket = await open("good", { servername: "one.example.test" });
  expect(socket.getPeerCertificate().subject.CN).toBe("one.example.test");
  socket.destroy();
});

test("the encrypted key opens with its password only", async () => {
  const client = peers.pki.leaf("client");
  const run = promisify(execFile);
  const open = (password: string) =>
    run("openssl", ["pkey", "-in", client.encryptedKey, "-passin", `pass:${password}`, "-noout"]);
  await expect(open("correct horse battery staple")).resolves.toBeDefined();
  await expect(open("wrong")).rejects.toThrow();
});

test("a recording proxy keeps what passed in both directions", async () => {
  await using proxy = await startRecordingProxy(peers.port("echo"));
  const socket = connectTcp(proxy.port, "127.0.0.1");
  socket.write("over and back");
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  expect([answer, proxy.sent(), proxy.received()].map(String)).toEqual(Array(3).fill("over and back"));
});

test("a stopped nginx is gone, and so is what stood behind it", async () => {
  const nginx = await startNginx({ only: { leaf: peers.pki.leaf("good") } });
  expect(await accepts(nginx.ports.only)).toBe(true);
  await nginx.stop();
  expect(await accepts(nginx.ports.only)).toBeUndefined();
});

test("the port called refused refuses", async () => {
  expect(await accepts(peers.port("refused"))).toBeUndefined();
});
