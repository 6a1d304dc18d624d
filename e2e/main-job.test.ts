import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeInBrowser, sharedHarness, sharedPython } from "./suite.ts";

describeInBrowser("unmodified requests in a page", () => {
  const harness = sharedHarness();
  const python = sharedPython(harness);

  test("the page is not cross-origin isolated, and its Python has real sockets", async () => {
    expect(await python().tab.evaluate("globalThis.crossOriginIsolated")).toBe(false);
    expect(
      await python().run(
        "import ssl; [ssl.__file__ is not None, ssl.OPENSSL_VERSION.startswith('OpenSSL 3.5')]",
      ),
    ).toEqual([true, true]);
  });

  test("GET gives status, text and HTTP version, verified", async () => {
    const result = await python().run(`
import requests
r = requests.get("https://${harness().address("good")}/")
[r.status_code, r.raw.version, r.text]
`);
    expect(result).toEqual([200, 11, "hello from nginx\n"]);
  });

  test("nothing but the request reaches the server: host name by SNI, protocol 1.3", async () => {
    const result = await python().run(`
import requests
r = requests.get("https://one.example.test:${harness().peers.port("good")}/tls").json()
[r["protocol"], r["name"]]
`);
    expect(result).toEqual(["TLSv1.3", "one.example.test"]);
  });

  test("POST of JSON comes back as it was sent", async () => {
    const result = await python().run(`
import requests
r = requests.post("https://${harness().address("good")}/echo?q=1", json={"name": "Zoë", "list": [1, 2]})
a = r.json()
[a["method"], a["path"], a["body"], a["headers"]["content-type"]]
`);
    expect(result).toEqual([
      "POST",
      "/echo?q=1",
      '{"name": "Zo\\u00eb", "list": [1, 2]}',
      "application/json",
    ]);
  });

  test("a client certificate with an encrypted key is accepted by the server", async () => {
    const { pki } = harness().peers;
    await python().writeFile("/tmp/client.pem", readFileSync(pki.leaf("client").chain, "utf8"));
    await python().writeFile("/tmp/client.key", readFileSync(pki.leaf("client").encryptedKey, "utf8"));
    const result = await python().run(`
import http.client, json, ssl
context = ssl.create_default_context()
context.load_cert_chain("/tmp/client.pem", "/tmp/client.key", "correct horse battery staple")
connection = http.client.HTTPSConnection("localhost", ${harness().peers.port("client-certificate")}, context=context)
connection.request("GET", "/tls")
answer = json.loads(connection.getresponse().read())
connection.close()
[answer["verified"], answer["client"]]
`);
    expect(result).toEqual(["SUCCESS", "CN=Test Client,O=pyodide-ssl tests,C=ZZ"]);
  });

  test("urllib.request and a raw socket with a context work beside requests", async () => {
    const result = await python().run(`
import socket, ssl, urllib.request
with urllib.request.urlopen("https://${harness().address("good")}/") as response:
    first = response.read().decode()
context = ssl.create_default_context()
with socket.create_connection(("localhost", ${harness().peers.port("good")})) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        received = b""
        while chunk := tls.recv(4096):
            received += chunk
        version = tls.version()
[first, received.split(b"\\r\\n")[0].decode(), version]
`);
    expect(result).toEqual(["hello from nginx\n", "HTTP/1.1 200 OK", "TLSv1.3"]);
  });

  test("without the ca option the test root is not trusted, and Mozilla's roots are there", async () => {
    await using other = await harness().startPython({ gateway: harness().gateway.url });
    const report = await other.raised(`
import requests
requests.get("https://${harness().address("good")}/")
`);
    expect(report).toMatchObject({ type: "SSLError", module: "requests.exceptions" });
    expect(await other.run("import ssl; len(ssl.create_default_context().get_ca_certs()) > 100")).toBe(true);
  });

  test("the page is told of connections: host, version, cipher, chain", async () => {
    await python().run(
      `import requests; requests.get("https://${harness().address("tls-1.3")}/").status_code`,
    );
    const events = JSON.stringify(await python().tab.evaluate("globalThis.connections"));
    expect(events).toContain("TLSv1.3");
    expect(events).toContain("Test Intermediate CA");
  });
});
