import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPython } from "pyodide-ssl";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestPki, testPki } from "../../e2e/peers/certs.ts";
import { Tool, versionOf } from "./peers/tool.ts";
import { digestOf, pattern } from "./settings.ts";

const FILE_BYTE_LENGTH = 1024 * 1024;
/** As in threaded_servers.py. */
const TOGETHER = 4;

/** A Python server's run, and the port that it printed. */
interface Running {
  readonly port: number;
  /** What it answers when it has ended. */
  readonly ended: Promise<unknown>;
}

describe("a threaded server in Python", () => {
  let python: Awaited<ReturnType<typeof createPython>>;
  let pki: TestPki;
  let curl: string | undefined;
  let onPort: (port: number) => void = () => {};

  beforeAll(async () => {
    pki = await testPki();
    curl = await versionOf("curl", ["--version"]);
    python = await createPython({
      mountHost: true,
      stdout: (text) => {
        const port = /port (\d+)/.exec(text)?.[1];
        if (port !== undefined) onPort(Number(port));
      },
    });
    await python.files.mkdir("/lib/interop", { recursive: true });
    const source = readFileSync(join(import.meta.dirname, "python", "threaded_servers.py"));
    await python.files.writeFile("/lib/interop/threaded_servers.py", source);
    await python.files.writeFile("/lib/interop/file.txt", pattern(FILE_BYTE_LENGTH));
    await python.run("import sys; sys.path.insert(0, '/lib/interop')");
  });

  afterAll(async () => {
    await python?.terminate();
  });

  async function start(call: string): Promise<Running> {
    const port = new Promise<number>((resolve) => {
      onPort = resolve;
    });
    const { chain, key } = pki.leaf("good-ec");
    const globals = { chain, key };
    const ended = python.run(`import threaded_servers; threaded_servers.${call}`, { globals });
    // A server that fails before it listens must not leave the test waiting.
    return { port: await Promise.race([port, ended.then(() => 0)]), ended };
  }

  async function ask(port: number, path: string, ...parameters: string[]): Promise<string> {
    await using tool = new Tool("curl", [
      ...["--silent", "--show-error", "--cacert", pki.ca, "--connect-to", `::127.0.0.1:${port}`],
      ...parameters,
      `https://localhost:${port}${path}`,
    ]);
    tool.endInput();
    await tool.end();
    return tool.output;
  }

  test("answers several curls at once, of HTTP and of TLS by version, and sends a file", async ({ skip }) => {
    if (curl === undefined) return skip("curl is not installed on this machine");
    const { port, ended } = await start("serve_https(chain, key, '/lib/interop/file.txt')");
    const together = Array.from({ length: TOGETHER }, () => ask(port, "/together"));
    expect(await Promise.all(together)).toEqual(Array(TOGETHER).fill("HTTP/1.1 /together over TLSv1.3"));
    expect(await ask(port, "/old", "--tls-max", "1.2")).toBe("HTTP/1.1 /old over TLSv1.2");
    expect(await ask(port, "/mirror", "--data", "drawer")).toBe("reward");
    expect(digestOf(await ask(port, "/file"))).toEqual(digestOf(pattern(FILE_BYTE_LENGTH)));
    // Who does not trust the server is no harm to the next.
    expect(await ask(port, "/", "--cacert", pki.otherCa)).toContain("SSL certificate problem");
    expect(await ask(port, "/stop")).toContain("/stop");
    expect(await ended).toEqual([TOGETHER + 4, TOGETHER + 4]);
  });

  test("turns to TLS in the middle, for curl and for s_client", async ({ skip }) => {
    if (curl === undefined) return skip("curl is not installed on this machine");
    const { port, ended } = await start("serve_smtp(chain, key, 2)");
    await using mail = new Tool("curl", [
      ...[
        "--silent",
        "--show-error",
        "--ssl-reqd",
        "--cacert",
        pki.ca,
        "--connect-to",
        `::127.0.0.1:${port}`,
      ],
      ...["--mail-from", "a@example.test", "--mail-rcpt", "b@example.test", "--crlf", "--upload-file", "-"],
      `smtp://localhost:${port}`,
    ]);
    mail.write("Subject: hello\n\nfrom curl\n");
    mail.endInput();
    await mail.end();
    expect(mail.output).toBe("");
    await using client = new Tool("openssl", [
      ...[
        "s_client",
        "-connect",
        `127.0.0.1:${port}`,
        "-starttls",
        "smtp",
        "-CAfile",
        pki.ca,
        "-quiet",
        "-crlf",
      ],
      ...["-verify_return_error", "-verify_hostname", "localhost"],
    ]);
    client.write("DATA\nfrom s_client\n.\nQUIT\n");
    await client.untilText("221 bye");
    await client.end();
    expect(await ended).toEqual([
      ["TLSv1.3", "Subject: hello\r\n\r\nfrom curl\r\n"],
      ["TLSv1.3", "from s_client\r\n"],
    ]);
  });
});
