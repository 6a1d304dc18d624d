import { expect, test } from "vitest";
import type { ExceptionReport } from "./page-python.ts";
import { describeInBrowser, sharedHarness, sharedPython } from "./suite.ts";

const HANDSHAKE = `
import socket, ssl
context = ssl.create_default_context()
with socket.create_connection(("localhost", port), timeout=timeout) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        pass
`;

/** What ssl.py and socket.py raise natively for the same peers; see conformance/oracle/scenarios/not_tls.py. */
const PEERS: readonly (readonly [peer: string, expected: Partial<ExceptionReport>])[] = [
  ["plain-http", { type: "SSLError", module: "ssl", library: "SSL", reason: "WRONG_VERSION_NUMBER" }],
  ["garbage", { type: "SSLError", module: "ssl", library: "SSL", reason: "WRONG_VERSION_NUMBER" }],
  ["close-in-handshake", { type: "SSLEOFError", module: "ssl", reason: "UNEXPECTED_EOF_WHILE_READING" }],
  ["reset-in-handshake", { type: "ConnectionResetError", errnoName: "ECONNRESET" }],
  ["refused", { type: "ConnectionRefusedError", errnoName: "ECONNREFUSED" }],
  ["client-certificate-1.2", { type: "SSLError", reason: "SSLV3_ALERT_HANDSHAKE_FAILURE" }],
];

describeInBrowser("a connection that fails", () => {
  const harness = sharedHarness();
  const python = sharedPython(harness);

  test.for(PEERS)("%s raises what it raises natively", async ([peer, expected]) => {
    expect(await python().raised(HANDSHAKE, { port: harness().peers.port(peer), timeout: 20 })).toMatchObject(
      expected,
    );
  });

  test.for([
    ["tls-1.3", "maximum_version", "TLSv1_2"],
    ["tls-1.2", "minimum_version", "TLSv1_3"],
  ] as const)("no version in common with %s is a protocol alert", async ([peer, attribute, version]) => {
    const code = `
import socket, ssl
context = ssl.create_default_context()
context.${attribute} = ssl.TLSVersion.${version}
with socket.create_connection(("localhost", port)) as plain:
    context.wrap_socket(plain, server_hostname="localhost")
`;
    expect(await python().raised(code, { port: harness().peers.port(peer) })).toMatchObject({
      type: "SSLError",
      library: "SSL",
      reason: "TLSV1_ALERT_PROTOCOL_VERSION",
    });
  });

  test("no cipher in common is a handshake alert", async () => {
    const code = `
import socket, ssl
context = ssl.create_default_context()
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
with socket.create_connection(("localhost", port)) as plain:
    context.wrap_socket(plain, server_hostname="localhost")
`;
    expect(await python().raised(code, { port: harness().peers.port("chacha20") })).toMatchObject({
      type: "SSLError",
      reason: "SSLV3_ALERT_HANDSHAKE_FAILURE",
    });
  });

  test("an unknown name is a gaierror", async () => {
    const code = `import socket; socket.create_connection(("does-not-exist.invalid", 443), timeout=20)`;
    const report = await python().raised(code);
    expect(report).toMatchObject({ type: "gaierror", module: "socket" });
  });

  test("an unknown name is a ConnectionError of requests", async () => {
    const code = `import requests; requests.get("https://does-not-exist.invalid/", timeout=20)`;
    expect(await python().raised(code)).toMatchObject({
      type: "ConnectionError",
      module: "requests.exceptions",
    });
  });

  test("a handshake that is never answered ends after the time asked, as TimeoutError", async () => {
    const result = await python().run(
      `
import socket, ssl, time
context = ssl.create_default_context()
start = time.monotonic()
try:
    with socket.create_connection(("localhost", port), timeout=0.5) as plain:
        context.wrap_socket(plain, server_hostname="localhost")
except TimeoutError as error:
    seen = [type(error).__name__, time.monotonic() - start >= 0.49]
seen
`,
      { port: harness().peers.port("never-answers") },
    );
    expect(result).toEqual(["TimeoutError", true]);
  });

  test("an answer that never comes is a ReadTimeout of requests", async () => {
    const code = `import requests; requests.get(url, timeout=0.5)`;
    const url = `https://${harness().address("good")}/silent`;
    expect(await python().raised(code, { url })).toMatchObject({
      type: "ReadTimeout",
      module: "requests.exceptions",
    });
  });

  test("a connect that is never answered is a ConnectTimeout of requests", async () => {
    // The socket that listens there accepts nothing: a full backlog answers no SYN. TEST-NET-1 (RFC 5737) is unreachable.
    const code = `import requests; requests.get("https://192.0.2.1/", timeout=(0.5, 20))`;
    expect((await python().raised(code)).type).toMatch(/^(ConnectTimeout|ConnectionError)$/);
  });

  test("a body cut off without close_notify is an error where it is asked for", async () => {
    const code = `
import socket, ssl
context = ssl.create_default_context()
with socket.create_connection(("localhost", port)) as plain:
    with context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as tls:
        tls.sendall(b"GET /big.bin HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
        while tls.recv(65536):
            pass
`;
    expect(await python().raised(code, { port: harness().peers.port("truncated") })).toMatchObject({
      type: "SSLEOFError",
      module: "ssl",
      reason: "UNEXPECTED_EOF_WHILE_READING",
    });
  });

  test("a body cut off is noticed by requests", async () => {
    const code = `import requests; len(requests.get(url).content)`;
    const url = `https://${harness().address("truncated")}/big.bin`;
    expect(await python().raised(code, { url })).toMatchObject({
      type: "ChunkedEncodingError",
      module: "requests.exceptions",
    });
  });
});
