import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { runInPage } from "./page-python.ts";
import { describeInBrowser, sharedHarness, sharedPython } from "./suite.ts";

const UPLOAD_BYTE_LENGTH = 20 * 1024 * 1024;

describeInBrowser("much data and many connections", () => {
  const harness = sharedHarness();
  const python = sharedPython(harness);

  test("a 100 MB download has the SHA-256 that the server's file has", async () => {
    const result = await python().run(
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
      { url: `https://${harness().address("good")}/big.bin` },
    );
    expect(result).toEqual([harness().peers.big.byteLength, harness().peers.big.sha256]);
  });

  test("a 20 MB upload arrives whole", async () => {
    const block = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
    const hash = createHash("sha256");
    for (let sent = 0; sent < UPLOAD_BYTE_LENGTH; sent += block.length) hash.update(block);
    const result = await python().run(
      `
import requests
data = bytes(range(256)) * (byte_length // 256)
requests.post(url, data=data).json()
`,
      { url: `https://${harness().address("good")}/upload`, byte_length: UPLOAD_BYTE_LENGTH },
    );
    expect(result).toEqual({ byteLength: UPLOAD_BYTE_LENGTH, sha256: hash.digest("hex") });
  });

  test("200 requests on one session use one connection", async () => {
    const before = harness().gateway.streams;
    const result = await python().run(
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
      { url: `https://${harness().address("good")}` },
    );
    expect(result).toEqual([1, true]);
    await expect.poll(() => harness().gateway.streams, { timeout: 20_000 }).toBe(before);
  });

  test("200 connections one after another leave nothing behind", async () => {
    // In the page's own Pyodide, where the installation tells what is alive.
    const tab = await harness().openTab();
    const result = (await runInPage(
      tab,
      `const { loadPyodide } = await import("/pyodide/pyodide.mjs");
       const pyodide = await loadPyodide();
       const installation = await pyodideSsl.install(pyodide, { gateway, ca });
       pyodide.unpackArchive(await (await fetch("/python-packages.zip")).arrayBuffer(), "zip", {
         extractDir: "/lib/python3.14/site-packages",
       });
       const connect = (count) => pyodide.runPythonAsync(\`
import gc, requests
def connect(count):
    return [requests.get("\${url}", headers={"Connection": "close"}).status_code for _ in range(count)]
passed = connect(\${count}).count(200)
gc.collect()
passed
\`);
       // The first ones fill what stays: parsed roots, imported modules, OpenSSL's tables.
       await connect(10);
       const before = installation.liveCounts();
       const passed = await connect(200);
       return { passed, before, after: installation.liveCounts() };`,
      { gateway: harness().gateway.url, ca: harness().ca, url: `https://${harness().address("good")}/` },
    )) as { passed: number; before: Record<string, number>; after: Record<string, number> };
    expect(result.passed).toBe(200);
    expect(result.after).toEqual(result.before);
    expect(result.after).toMatchObject({ sockets: 0, connections: 0, waits: 0 });
    await tab.close();
    await expect.poll(() => harness().gateway.streams, { timeout: 20_000 }).toBe(0);
  });
});
