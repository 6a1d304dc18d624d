import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { runInPage } from "./page-python.ts";
import { startFountain } from "./peers/fountain.ts";
import { describeInBrowser, sharedHarness, sharedPython } from "./suite.ts";

const UPLOAD_BYTE_LENGTH = 20 * 1024 * 1024;
/** What the systems on the way keep in their sockets' buffers, the gateway and the page (4 MiB) together. */
const MOST_ON_THE_WAY = 24_000_000;

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

  test("a reader that is slow holds the server back, and gets everything in the end", async () => {
    const byteLength = 64_000_000;
    await using fountain = await startFountain(harness().peers.pki.leaf("good"), byteLength);
    const beginning = await python().run(`
import socket, ssl
from http.client import HTTPSConnection
context = ssl.create_default_context()
slow = context.wrap_socket(socket.create_connection(("localhost", ${fountain.port})), server_hostname="localhost")
total = len(slow.recv(1000))
# Others are served meanwhile: what the server could send would arrive.
other = HTTPSConnection("${harness().address("good")}", context=context)
for _ in range(100):
    other.request("GET", "/")
    other.getresponse().read()
other.close()
total
`);
    expect(beginning).toBe(1000);
    expect(fountain.sent()).toBeLessThan(MOST_ON_THE_WAY);
    const rest = await python().run(`
buffer = bytearray(1 << 18)
with slow:
    while length := slow.recv_into(buffer):
        total += length
total
`);
    expect(rest).toBe(byteLength);
  });

  test("a session that the program offers is resumed by the next connection of its context, and none otherwise", async () => {
    const result = await python().run(
      `
import json, socket, ssl

def talk(context, session=None):
    with socket.create_connection(("localhost", port)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
            tls.sendall(b"GET /tls HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
            answer = b""
            while data := tls.recv(65536):
                answer += data
            seen = json.loads(answer.partition(b"\\r\\n\\r\\n")[2])
            return tls.session, [tls.version(), tls.session_reused, seen["reused"]]

outcomes = []
for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
    context = ssl.create_default_context()
    context.minimum_version = context.maximum_version = version
    session, first = talk(context)
    outcomes += [first, talk(context)[1], talk(context, session)[1]]
outcomes
`,
      { port: harness().peers.port("good") },
    );
    expect(result).toEqual([
      ["TLSv1.3", false, "."],
      ["TLSv1.3", false, "."],
      ["TLSv1.3", true, "r"],
      ["TLSv1.2", false, "."],
      ["TLSv1.2", false, "."],
      ["TLSv1.2", true, "r"],
    ]);
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
