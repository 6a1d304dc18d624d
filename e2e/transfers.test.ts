import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingChromium } from "./browser.ts";
import { Harness } from "./harness.ts";
import type { PagePython } from "./page-python.ts";

const missing = missingChromium();

const UPLOAD_BYTE_LENGTH = 20 * 1024 * 1024;

describe.skipIf(missing !== undefined)(
  `much data and many connections${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    let harness: Harness;
    let python: PagePython;

    beforeAll(async () => {
      harness = await Harness.start();
      python = await harness.startPython();
    });
    afterAll(async () => {
      await python?.[Symbol.asyncDispose]();
      await harness?.[Symbol.asyncDispose]();
    });

    test("a 100 MB download has the SHA-256 that the server's file has", async () => {
      const result = await python.run(
        `
import hashlib, requests
digest = hashlib.sha256()
total = 0
with requests.get(url, stream=True) as response:
    for chunk in response.iter_content(1 << 20):
        digest.update(chunk)
        total += len(chunk)
[total, digest.hexdigest()]
`,
        { url: `https://${harness.address("good")}/big.bin` },
      );
      expect(result).toEqual([harness.peers.big.byteLength, harness.peers.big.sha256]);
    });

    test("a 20 MB upload arrives whole", async () => {
      const block = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
      const hash = createHash("sha256");
      for (let sent = 0; sent < UPLOAD_BYTE_LENGTH; sent += block.length) hash.update(block);
      const result = await python.run(
        `
import requests
data = bytes(range(256)) * (byte_length // 256)
requests.post(url, data=data).json()
`,
        { url: `https://${harness.address("good")}/upload`, byte_length: UPLOAD_BYTE_LENGTH },
      );
      expect(result).toEqual({ byteLength: UPLOAD_BYTE_LENGTH, sha256: hash.digest("hex") });
    });

    test("200 requests on one session use one connection", async () => {
      const before = harness.gateway.streams;
      const result = await python.run(
        `
import requests
from urllib3.connectionpool import HTTPSConnectionPool
opened = []
original = HTTPSConnectionPool._new_conn
HTTPSConnectionPool._new_conn = lambda self: opened.append(1) or original(self)
try:
    with requests.Session() as session:
        paths = [session.get(f"{url}/echo?{number}").json()["path"] for number in range(200)]
finally:
    HTTPSConnectionPool._new_conn = original
[len(opened), paths == [f"/echo?{number}" for number in range(200)]]
`,
        { url: `https://${harness.address("good")}` },
      );
      expect(result).toEqual([1, true]);
      await expect.poll(() => harness.gateway.streams, { timeout: 20_000 }).toBe(before);
    });

    test("200 connections one after another leave nothing behind", async () => {
      const round = `
import gc, json, requests
def connect(count):
    return [requests.get(f"{url}/", headers={"Connection": "close"}).status_code for _ in range(count)]
def live():
    gc.collect()
    import _pyodide_ssl_js
    return json.loads(_pyodide_ssl_js.ssl.live())
statuses = connect(count)
[statuses.count(200), live()]
`;
      const url = `https://${harness.address("good")}`;
      // The first ones fill caches that stay: parsed roots, Python's modules, OpenSSL's algorithms.
      const [, before] = (await python.run(round, { url, count: 10 })) as [number, unknown];
      const [passed, after] = (await python.run(round, { url, count: 200 })) as [number, unknown];
      expect(passed).toBe(200);
      expect(after).toEqual(before);
      await expect.poll(() => harness.gateway.streams, { timeout: 20_000 }).toBe(0);
    });
  },
);
