/** No secret decides which memory is touched or which way the code takes: the same steps for every key and every text. */
import { describe, expect, test } from "vitest";
import { JoinedPair } from "../../shim/openssl/handshake.fixture.ts";
import { constants } from "../../shim/openssl/index.ts";
import { Evp, type Job } from "../simd/evp.fixture.ts";
import { Stream } from "../simd/oracle.fixture.ts";
import { canTrace, compileTraced, Tracer } from "./traced.fixture.ts";

const module = canTrace ? await compileTraced() : undefined;

/** Keys and texts to compare: all bits clear, all set, and random ones. */
const SECRETS = 6;

/** For what these connections don't call. */
const NO_CALLBACKS = {
  password: () => undefined,
  servername: () => undefined,
  message: () => {},
  keylog: () => {},
  receive: () => 0,
  addAnchors: () => 0,
  dropAnchors: () => undefined,
};

/** The first step in which two lists differ; -1 when they are the same. */
function firstDifference(a: Int32Array, b: Int32Array): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i >> 1;
  return -1;
}

function secret(length: number, round: number, random: Stream): Uint8Array {
  if (round < 2) return new Uint8Array(length).fill(round === 0 ? 0 : 255);
  return random.bytes(length);
}

/** The steps of one message in an OpenSSL of its own. */
function trace(traced: WebAssembly.Module, job: Job): Int32Array {
  const tracer = new Tracer(traced);
  const evp = new Evp(tracer.openssl);
  tracer.begin();
  expect(evp.run(job)).not.toBeNull();
  return tracer.end();
}

/** Keys and texts of a cipher, of the same lengths; to be decrypted they are encrypted by this OpenSSL first. */
function jobs(
  traced: WebAssembly.Module,
  cipher: string,
  keyLength: number,
  length: number,
  encrypt: boolean,
): Job[] {
  const random = new Stream(length + keyLength);
  const isAead = /GCM|CCM|Poly1305/.test(cipher);
  const iv = random.bytes(isAead ? 12 : cipher.startsWith("DES") ? 8 : 16);
  const aad = isAead ? { aad: random.bytes(13) } : {};
  const plain = new Evp(new Tracer(traced).openssl);
  return Array.from({ length: SECRETS }, (_, round) => {
    const key = secret(keyLength, round, random);
    const job: Job = { cipher, key, iv, encrypt: true, text: secret(length, round, random), ...aad };
    if (encrypt) return job;
    const sealed = plain.run(job);
    if (sealed === null) throw new Error(`${cipher} could not be run`);
    return { ...job, encrypt: false, text: sealed.text, ...(isAead && { tag: sealed.tag }) };
  });
}

function differences(
  traced: WebAssembly.Module,
  cipher: string,
  keyLength: number,
  length: number,
  encrypt: boolean,
): number[] {
  const [first, ...others] = jobs(traced, cipher, keyLength, length, encrypt).map((job) =>
    trace(traced, job),
  );
  if (first === undefined) return [];
  expect(first.length).toBeGreaterThan(length / 16);
  return others.map((other) => firstDifference(first, other)).filter((step) => step >= 0);
}

const CIPHERS: readonly (readonly [cipher: string, keyLength: number])[] = [
  ...[16, 24, 32].flatMap((length) =>
    ["GCM", "CCM", "CBC", "CTR", "ECB"].map((mode) => [`AES-${length * 8}-${mode}`, length] as const),
  ),
  ["ChaCha20-Poly1305", 32],
  ["ChaCha20", 32],
];

/** Suites of both versions whose keys come from a secret that both ends have before. */
const CONNECTIONS = [
  ["TLSv1.3", "TLS_AES_128_GCM_SHA256", 32],
  ["TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", 32],
  ["TLSv1.2", "PSK-AES256-GCM-SHA384", 48],
  ["TLSv1.2", "PSK-CHACHA20-POLY1305", 32],
  ["TLSv1.2", "PSK-AES128-CBC-SHA256", 32],
] as const;

/**
 * A whole connection in an OpenSSL of its own: handshake, key schedule, records both ways, and keys anew. Everything is the same
 * each time but the pre-shared key, from which all others come, and the texts.
 */
function traceConnection(
  traced: WebAssembly.Module,
  version: (typeof CONNECTIONS)[number][0],
  suite: string,
  psk: Uint8Array,
  text: (length: number) => Uint8Array,
): Int32Array {
  const tracer = new Tracer(traced);
  const { openssl } = tracer;
  const { fn, memory } = openssl;
  openssl.callbacks = {
    ...NO_CALLBACKS,
    // OpenSSL's memory gets the bytes, and the array is wiped.
    pskClient: () => ({ identity: new TextEncoder().encode("who"), psk: psk.slice() }),
    pskServer: () => psk.slice(),
  };
  using client = openssl.own(fn.SSL_CTX_new(fn.TLS_client_method()), fn.SSL_CTX_free);
  using server = openssl.own(fn.SSL_CTX_new(fn.TLS_server_method()), fn.SSL_CTX_free);
  fn.glue_SSL_CTX_enable_psk_client_callback(client.ptr, 1);
  fn.glue_SSL_CTX_enable_psk_server_callback(server.ptr, 1);
  for (const { ptr } of [client, server]) {
    fn.SSL_CTX_set_num_tickets(ptr, 0);
    memory.scoped((scope) => {
      if (version === "TLSv1.3") return fn.SSL_CTX_set_ciphersuites(ptr, scope.cString(suite));
      fn.SSL_CTX_set_max_proto_version(ptr, constants.TLS1_2_VERSION);
      return fn.SSL_CTX_set_cipher_list(ptr, scope.cString(suite));
    });
  }
  using pair = new JoinedPair(openssl, client.ptr, server.ptr);
  tracer.begin();
  expect(pair.shakeHands().client.ret).toBe(1);
  for (const length of [1, 64, 1_000, 16_384]) {
    pair.carry(pair.client, pair.server, text(length));
    pair.carry(pair.server, pair.client, text(length));
  }
  if (version === "TLSv1.3") {
    fn.SSL_key_update(pair.server.ptr, 0);
    pair.carry(pair.server, pair.client, text(100));
  }
  const steps = tracer.end();
  expect(memory.readCString(fn.SSL_get_version(pair.client.ptr))).toBe(version);
  return steps;
}

describe.skipIf(module === undefined)("the steps of openssl.wasm", () => {
  const traced = module as WebAssembly.Module;

  test.each(CIPHERS)("%s takes the same ones for every key and text, both ways", (cipher, keyLength) => {
    for (const length of [16, 1_424]) {
      for (const encrypt of [true, false]) {
        expect(
          differences(traced, cipher, keyLength, length, encrypt),
          `${length} bytes, ${encrypt}`,
        ).toEqual([]);
      }
    }
  });

  test("a cipher with tables that its secrets index takes others: the comparison sees it", () => {
    expect(differences(traced, "DES-EDE3-CBC", 24, 80, true)).not.toEqual([]);
  });

  test.each(CONNECTIONS)(
    "%s with %s takes the same ones for every key and text",
    (version, suite, digestLength) => {
      const random = new Stream(digestLength);
      const traces = Array.from({ length: SECRETS }, (_, round) =>
        traceConnection(traced, version, suite, secret(digestLength, round, random), (length) =>
          secret(length, round, random),
        ),
      );
      const [first, ...others] = traces;
      expect(first?.length).toBeGreaterThan(100_000);
      const steps = others.map((other) => firstDifference(first as Int32Array, other));
      expect(steps.filter((step) => step >= 0)).toEqual([]);
    },
  );
});
