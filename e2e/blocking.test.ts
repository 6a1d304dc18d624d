import { expect, test } from "vitest";
import { runInPage } from "./page-python.ts";
import { describeInBrowser, sharedHarness } from "./suite.ts";

describeInBrowser("waiting in a page", () => {
  const harness = sharedHarness();

  test("install() puts sockets and TLS into a Pyodide of the page's own", async () => {
    const tab = await harness().openTab();
    const result = await runInPage(
      tab,
      `const { loadPyodide } = await import("/pyodide/pyodide.mjs");
       globalThis.pyodide = await loadPyodide();
       await pyodideSsl.install(pyodide, { gateway, ca });
       return pyodide.runPythonAsync(\`
import urllib.request
urllib.request.urlopen("\${url}").read().decode()
\`);`,
      { gateway: harness().gateway.url, ca: harness().ca, url: `https://${harness().address("good")}/` },
    );
    expect(result).toBe("hello from nginx\n");
  });

  test("asyncio's streams do TLS through the gateway, many at once, and see a refused certificate", async () => {
    await using python = await harness().startPython();
    const seen = await python.run(`
import asyncio, ssl
async def ask(port):
    reader, writer = await asyncio.open_connection("localhost", port, ssl=ssl.create_default_context())
    writer.write(b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.endswith(b"hello from nginx\\n")

async def main():
    answers = await asyncio.gather(*(ask(${harness().peers.port("good")}) for _ in range(10)))
    try:
        await ask(${harness().peers.port("expired")})
    except ssl.SSLCertVerificationError as error:
        answers.append(error.verify_message)
    return answers

await main()`);
    expect(seen).toEqual([...Array<boolean>(10).fill(true), "certificate has expired"]);
    await expect.poll(() => harness().gateway.streams, { timeout: 20_000 }).toBe(0);
  });

  test("where blocking is impossible, the error names the cause and the ways out", async () => {
    const tab = await harness().openTab();
    const message = await runInPage(
      tab,
      `const { loadPyodide } = await import("/pyodide/pyodide.mjs");
       const pyodide = await loadPyodide();
       await pyodideSsl.install(pyodide, { gateway, ca });
       try {
         pyodide.runPython(\`
import socket
socket.create_connection(("localhost", \${port}))
\`);
       } catch (error) {
         return error.message;
       }
       return "no error";`,
      { gateway: harness().gateway.url, ca: harness().ca, port: harness().peers.port("good") },
    );
    expect(message).toContain("BlockingImpossibleError");
    expect(message).toContain("runPythonAsync");
    await tab.close();
  });

  test("interrupt() ends a blocked recv with KeyboardInterrupt, and Python goes on", async () => {
    await using python = await harness().startPython();
    // The worker hears of the interrupt only while Python is suspended: that is, inside recv.
    const outcome = await runInPage(
      python.tab,
      `const blocked = python.run(code);
       while (!output.includes("blocking now")) await new Promise((resolve) => setTimeout(resolve, 10));
       python.interrupt();
       return blocked.then(() => "no error", (error) => error.type);`,
      {
        code: `
import socket, ssl
context = ssl.create_default_context()
plain = socket.create_connection(("localhost", ${harness().peers.port("reversing")}))
tls = context.wrap_socket(plain, server_hostname="localhost")
print("blocking now", flush=True)
tls.recv(1)
`,
      },
    );
    expect(outcome).toBe("KeyboardInterrupt");
    expect(await python.run("tls.sendall(b'olleh\\n'); tls.recv(6).decode()")).toBe("hello\n");
  });

  test("terminate() during a request rejects the call, and later ones, and ends the connection", async () => {
    await using python = await harness().startPython();
    const outcome = await runInPage(
      python.tab,
      `const blocked = python.run(code);
       while (!output.includes("asking now")) await new Promise((resolve) => setTimeout(resolve, 10));
       const ended = blocked.then(() => "no error", (error) => [error.name, error.code, error.reason]);
       await python.terminate();
       const later = python.run("1").then(() => "no error", (error) => [error.name, error.code, error.reason]);
       return [await ended, await later];`,
      {
        code: `
import requests
print("asking now", flush=True)
requests.get("https://${harness().address("good")}/silent")
`,
      },
    );
    const lost = ["WorkerLostError", "WORKER_LOST", "terminated"];
    expect(outcome).toEqual([lost, lost]);
    await expect.poll(() => harness().gateway.streams, { timeout: 20_000 }).toBe(0);
  });
});
