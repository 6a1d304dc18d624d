/** A TLS server written in Python, on the built command line, and what the machine's own programs make of it. */
import { type ChildProcessWithoutNullStreams, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testPki } from "../e2e/peers/certs.ts";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const curl = promisify(execFile);
const missing = spawnSync("curl", ["--version"]).status === 0 ? "" : ": the `curl` command is missing";

/** Serves until Ctrl-C. */
const SERVER = `
import http.server, socket, ssl, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = f"{self.path} over {self.connection.version()}\\n".encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body[::-1])
    def log_message(self, *args):
        pass

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
bound = socket.socket()
bound.bind(("127.0.0.1", 0))
print(server.server_port, bound.getsockname()[1], flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    server.server_close()
`;

describe.skipIf(missing !== "")(`an HTTPS server in Python${missing}`, { timeout: 150_000 }, () => {
  let folder: string;
  let child: ChildProcessWithoutNullStreams;
  let port: string;
  let boundPort: number;
  let ca: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-https-"));
    const pki = await testPki();
    ca = pki.ca;
    writeFileSync(join(folder, "server.py"), SERVER);
    child = spawn(process.execPath, [CLI, "server.py", pki.leaf("good").bundle], { cwd: folder });
    child.stderr.pipe(process.stderr);
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    [port = "", boundPort = 0] = [line.split(" ")[0], Number(line.split(" ")[1])];
  }, 120_000);
  afterAll(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  test("is one for curl, verified, with TLS 1.2 and 1.3, and keeps connections", async () => {
    const get = async (...more: string[]): Promise<string> =>
      (
        await curl("curl", [
          "-sS",
          "--max-time",
          "60",
          "--cacert",
          ca,
          ...more,
          `https://localhost:${port}/path`,
        ])
      ).stdout;
    expect(await get("--tlsv1.3")).toBe("/path over TLSv1.3\n");
    expect(await get("--tls-max", "1.2")).toBe("/path over TLSv1.2\n");
    const twice = await get("-w", "%{num_connects}\n", `https://localhost:${port}/other`);
    expect(twice).toBe("/other over TLSv1.3\n1\n/path over TLSv1.3\n0\n");
    await expect(curl("curl", ["-sS", `https://localhost:${port}/`])).rejects.toMatchObject({
      stderr: expect.stringMatching(/certificate/i) as unknown,
    });
  });

  test("serves many of curl's connections at once, with bodies both ways", async () => {
    const body = "0123456789abcdef".repeat(20_000);
    writeFileSync(join(folder, "body"), body);
    const post = async (): Promise<boolean> => {
      const { stdout } = await curl(
        "curl",
        [
          "-sS",
          "-k",
          "-H",
          "Expect:",
          "--data-binary",
          `@${join(folder, "body")}`,
          `https://127.0.0.1:${port}/`,
        ],
        { maxBuffer: 2 * body.length },
      );
      return stdout === [...body].reverse().join("");
    };
    expect(await Promise.all(Array.from({ length: 6 }, post))).toEqual(Array(6).fill(true));
  });

  test("does not let in who connects to a socket that is bound and does not listen", async () => {
    const client = createConnection(boundPort, "127.0.0.1");
    const [error] = (await once(client, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ECONNRE(SET|FUSED)$/);
  });

  test("is gone when the program ends", async () => {
    child.kill("SIGINT");
    const [status] = (await once(child, "close")) as [number];
    expect(status).toBe(0);
    await expect(curl("curl", ["-sS", "-k", `https://127.0.0.1:${port}/`])).rejects.toMatchObject({
      code: 7,
    });
  });
});
