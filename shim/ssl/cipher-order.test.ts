import { beforeAll, expect, it } from "vitest";
import { type Bench, openBench } from "./bench.fixture.ts";
import type { SslContext } from "./index.ts";
import { connected } from "./tls-pair.fixture.ts";

const SSL_OP_CIPHER_SERVER_PREFERENCE = 1n << 22n;
const DEFAULT = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

/** A server that leaves the choice of the cipher to its clients, as nginx does when nothing else is set. */
function obligingServer(): SslContext {
  const server = bench.serverContext();
  server.options &= ~SSL_OP_CIPHER_SERVER_PREFERENCE;
  return server;
}

const suitesOf = (context: SslContext): (string | null)[] =>
  context
    .getCiphers()
    .map(({ name }) => name)
    .filter((name) => name?.startsWith("TLS_"));

it("a client whose ciphers nobody has set offers ChaCha20-Poly1305 first in TLS 1.3", () => {
  using client = bench.clientContext();
  using server = obligingServer();
  using both = connected(client, server);
  expect(both.client.cipher()?.[0]).toBe("TLS_CHACHA20_POLY1305_SHA256");
});

it("what a context lists stays OpenSSL's order, before and after it has connected", () => {
  using client = bench.clientContext();
  using server = obligingServer();
  expect(suitesOf(client)).toEqual(DEFAULT);
  using _ = connected(client, server);
  expect(suitesOf(client)).toEqual(DEFAULT);
});

it("a server with an order of its own chooses by that", () => {
  using client = bench.clientContext();
  using server = bench.serverContext();
  using both = connected(client, server);
  expect(both.client.cipher()?.[0]).toBe("TLS_AES_256_GCM_SHA384");
});

it("a program that has set ciphers gets OpenSSL's order", () => {
  using client = bench.clientContext();
  using server = obligingServer();
  client.setCiphers("DEFAULT");
  using both = connected(client, server);
  expect(both.client.cipher()?.[0]).toBe("TLS_AES_256_GCM_SHA384");
});

it("TLS 1.2's order is untouched", () => {
  using client = bench.clientContext();
  using server = obligingServer();
  client.maximumVersion = 0x303;
  using both = connected(client, server);
  expect(both.client.cipher()?.[0]).toBe("ECDHE-RSA-AES256-GCM-SHA384");
});
