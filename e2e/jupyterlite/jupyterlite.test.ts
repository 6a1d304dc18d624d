/** A real JupyterLite in Chromium: notebooks whose first cell does real TLS, by the site's configuration or by the wheel. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright";
import { startGateway } from "pyodide-ssl/gateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wheelName } from "../../scripts/wheel.ts";
import { PLACES, ROOT } from "../../vendor/cache.ts";
import { CHROMIUM, missingChromium } from "../browser.ts";
import { GATEWAY_OPTIONS, GREETING, type HttpsSite, startHttpsSite } from "../package/https-site.ts";
import { testPki } from "../peers/certs.ts";
import { Lab } from "./notebook.ts";
import { startJupyterLite } from "./site.ts";

function missing(): string | undefined {
  if (existsSync(PLACES.jupyterlite) && existsSync(PLACES.notebookWheel)) return missingChromium();
  return "the site is not there (npm run vendor -- jupyterlite)";
}

/** Kept by CI for people to look at. */
const SCREENSHOTS = join(ROOT, "artifacts");

const stack = new AsyncDisposableStack();
let site: HttpsSite;
let gateway: string;
let browser: Browser;

describe.skipIf(missing() !== undefined)(
  `JupyterLite${missing() === undefined ? "" : `: ${missing()}`}`,
  () => {
    beforeAll(async () => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      site = stack.use(await startHttpsSite());
      const running = await startGateway(GATEWAY_OPTIONS);
      stack.defer(() => running.stop());
      gateway = running.url;
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
      });
      stack.defer(() => browser.close());
    });
    afterAll(() => stack.disposeAsync());

    async function serve(options: Parameters<typeof startJupyterLite>[0]): Promise<string> {
      const server = await startJupyterLite(options);
      stack.defer(() => server.stop());
      return `http://127.0.0.1:${server.port}/`;
    }

    it("does real TLS from the first cell where jupyter-lite.json names our module, also after a restart and in a second notebook", async () => {
      const pki = await testPki();
      const client = readFileSync(pki.leaf("client").bundle, "utf8");
      const url = `https://localhost:${site.port}/`;
      const cells = [
        `import requests\nprint(requests.get(${JSON.stringify(url)}).text)`,
        `import urllib.request\nprint(urllib.request.urlopen(${JSON.stringify(url)}).read().decode())`,
        `with open("client.pem", "w") as file:
    file.write(${JSON.stringify(client)})
print(requests.get(${JSON.stringify(url)}, cert="client.pem").text)`,
        `import socket, ssl
context = ssl.create_default_context()
with socket.create_connection(("localhost", ${site.port})) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        print(tls.version(), tls.cipher()[0] in [cipher["name"] for cipher in context.get_ciphers()])`,
        `import threading
listener = socket.create_server(("localhost", 0))
def serve():
    connection, _ = listener.accept()
    with connection:
        connection.sendall(connection.recv(100).upper())
thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(listener.getsockname()) as connection:
    connection.sendall(b"both ends in one notebook")
    print(connection.recv(100).decode())
thread.join()
listener.close()`,
        `requests.get("https://other.test:${site.port}/")`,
      ];
      const seen = [
        `${GREETING}\n`,
        `${GREETING}\n`,
        `${GREETING}, Test Client\n`,
        "TLSv1.3 True\n",
        "BOTH ENDS IN ONE NOTEBOOK\n",
        expect.stringMatching(
          /requests\.exceptions\.SSLError.*certificate verify failed: Hostname mismatch, certificate is not valid for 'other\.test'/,
        ) as unknown,
      ];
      const siteUrl = await serve({
        pyodideUrl: "./pyodide-ssl/jupyterlite.js",
        pyodideSsl: { gateway, ca: site.ca, pyodideUrl: "../pyodide/pyodide.mjs" },
      });
      const context = await browser.newContext();
      const lab = await Lab.open(context, siteUrl);
      await lab.openNotebook("first.ipynb", cells);
      expect(await lab.runAll(), lab.console.join("\n")).toEqual(seen);
      await lab.page.screenshot({ path: join(SCREENSHOTS, "jupyterlite.png") });
      await lab.restart();
      await lab.openNotebook("second.ipynb", cells.slice(0, 1));
      expect(await lab.runAll(), lab.console.join("\n")).toEqual([`${GREETING}\n`]);
      await lab.show("first.ipynb");
      expect(await lab.runAll(), lab.console.join("\n")).toEqual(seen);
      await context.close();
    });

    it("does real TLS after the wheel is installed in a notebook", async () => {
      const url = `https://localhost:${site.port}/`;
      const siteUrl = await serve({});
      const context = await browser.newContext();
      const lab = await Lab.open(context, siteUrl);
      await lab.openNotebook("wheel.ipynb", [
        `import micropip, http.client, ssl
before = ssl.OPENSSL_VERSION
await micropip.install(${JSON.stringify(siteUrl + wheelName())})
import pyodide_ssl
pyodide_ssl.install(gateway=${JSON.stringify(gateway)}, ca=${JSON.stringify(site.ca)})
print(before, "->", ssl.OPENSSL_VERSION[:11])`,
        `import requests\nprint(requests.get(${JSON.stringify(url)}).text)`,
        `pyodide_ssl.uninstall()\nprint(ssl.OPENSSL_VERSION)`,
      ]);
      expect(await lab.runAll(), lab.console.join("\n")).toEqual([
        "OpenSSL (stub) -> OpenSSL 3.5\n",
        `${GREETING}\n`,
        "OpenSSL (stub)\n",
      ]);
      await lab.page.screenshot({ path: join(SCREENSHOTS, "jupyterlite-wheel.png") });
      await context.close();
    });
  },
);
