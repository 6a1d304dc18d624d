import { expect, test } from "vitest";
import { startTestGateway } from "./harness.ts";
import { refusedPort } from "./peers/plain-tcp.ts";

const CONNECT = `import socket; socket.create_connection(("localhost", port), timeout=20)`;

import { describeInBrowser, sharedHarness } from "./suite.ts";

describeInBrowser("trouble with the gateway", () => {
  const harness = sharedHarness();

  test("no gateway configured is an error that says so", async () => {
    await using python = await harness().startPython({});
    const report = await python.raised(
      `import socket; socket.create_connection(("192.0.2.1", 443), timeout=20)`,
    );
    expect(report).toMatchObject({ type: "OSError", errnoName: "ENETUNREACH" });
    expect(report.message).toContain("No gateway is configured");
    // Loopback is there without a gateway, and nobody listens on it.
    const refused = await python.raised(CONNECT, { port: harness().peers.port("good") });
    expect(refused).toMatchObject({ type: "ConnectionRefusedError", errnoName: "ECONNREFUSED" });
  });

  test("a gateway that is not running is an error that names it", async () => {
    const { port } = await refusedPort();
    const gateway = `ws://127.0.0.1:${port}/`;
    await using python = await harness().startPython({ gateway, ca: harness().ca });
    const report = await python.raised(CONNECT, { port: harness().peers.port("good") });
    expect(report.message).toContain(`127.0.0.1:${port}`);
    const wrapped = await python.raised(`import requests; requests.get(url)`, {
      url: `https://${harness().address("good")}/`,
    });
    expect(wrapped).toMatchObject({ type: "ConnectionError", module: "requests.exceptions" });
  });

  test("a target that the gateway refuses is EACCES, with the reason", async () => {
    const strict = await startTestGateway({ dangerAllowPrivate: false });
    try {
      await using python = await harness().startPython({ gateway: strict.url, ca: harness().ca });
      const report = await python.raised(CONNECT, { port: harness().peers.port("good") });
      expect(report).toMatchObject({ type: "PermissionError", errnoName: "EACCES" });
    } finally {
      await strict.stop();
    }
  });

  test("with optimistic connects TLS works as ever, and a server that is not there is told by the handshake", async () => {
    await using python = await harness().startPython({
      gateway: harness().gateway.url,
      optimisticConnect: true,
      ca: harness().ca,
    });
    const handshake = `
import socket, ssl
with socket.create_connection(("localhost", port), timeout=20) as plain:
    seen.append("connected")
    with ssl.create_default_context().wrap_socket(plain, server_hostname="localhost") as tls:
        seen.append(tls.version())
`;
    const good = await python.run(`seen = []${handshake}\nseen`, { port: harness().peers.port("tls-1.3") });
    expect(good).toEqual(["connected", "TLSv1.3"]);
    const { port } = await refusedPort();
    const refused = await python.run(
      `
seen = []
try:${handshake.replaceAll("\n", "\n    ")}
except ConnectionRefusedError as error:
    seen.append(error.errno)
import errno
[seen[0], len(seen), errno.errorcode[seen[-1]]]
`,
      { port },
    );
    expect(refused).toEqual(["connected", 2, "ECONNREFUSED"]);
  });

  test("a gateway that dies during a download ends it with a ConnectionError, and a new one is used afterwards", async () => {
    const first = await startTestGateway();
    await using python = await harness().startPython({ gateway: first.url, ca: harness().ca });
    const url = `https://${harness().address("good")}`;
    const started = await python.run(
      `
import requests
session = requests.Session()
response = session.get(url + "/big.bin", stream=True)
chunks = response.iter_content(65536)
len(next(chunks))
`.replaceAll("url +", `${JSON.stringify(url)} +`),
    );
    expect(started).toBe(65536);
    const { port } = first;
    first.kill();
    const report = await python.raised("sum(len(chunk) for chunk in chunks)");
    expect(report.type).toMatch(/^(ChunkedEncodingError|ConnectionError)$/);
    expect(report.module).toBe("requests.exceptions");
    const second = await startTestGateway({ port });
    try {
      expect(await python.run(`requests.get("${url}/").status_code`)).toBe(200);
    } finally {
      await second.stop();
    }
  });
});
