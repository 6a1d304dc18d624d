/**
 * `npm run soak -- [--minutes 10]`: mixed traffic for a while, in one interpreter. Handshakes of every kind with both sides here,
 * requests and downloads from nginx, a threaded HTTPS server with curl as its client. Every round of it must leave the heaps
 * as they were.
 */
import { parseArgs } from "node:util";
import { testPki } from "../../e2e/peers/certs.ts";
import { startNginx } from "../../e2e/peers/nginx.ts";
import { Tool } from "../interop/peers/tool.ts";
import { type Reading, startHeaps } from "./heaps.ts";

const OBJECTS_SLACK = 200;
const ALLOCATED_SLACK_BYTES = 64 * 1024;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error("--minutes takes a number");

const TRAFFIC = `
import hashlib, http.client, http.server, ssl
context = ssl.create_default_context(cafile="/pki/root.pem")
def get(path):
    # Not urllib.request: each of its openers makes strings that the interpreter keeps.
    connection = http.client.HTTPSConnection("localhost", nginx_port, context=context, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()
def traffic():
    handshakes.run_rounds(2)
    for _ in range(20):
        get("/")
    assert hashlib.sha256(get("/big.bin")).hexdigest() == big_sha256
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *args):
        pass
def serve(count):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False
        theirs = handshakes.server()
        server.socket = theirs.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        on_port(server.server_port)
        for _ in range(count):
            server.handle_request()
`;

const pki = await testPki();
await using nginx = await startNginx({ good: { leaf: pki.leaf("good") } });
const heaps = await startHeaps();

async function curlThem(count: number): Promise<void> {
  const port = Promise.withResolvers<number>();
  onPort = port.resolve;
  const served = heaps.run(`from __main__ import serve\nserve(${count})`);
  const number = await Promise.race([port.promise, served.then(() => 0)]);
  const answers = Array.from({ length: count }, async () => {
    await using tool = new Tool("curl", [
      "-sS",
      "--cacert",
      pki.ca,
      "--connect-to",
      `::127.0.0.1:${number}`,
      `https://localhost:${number}/`,
    ]);
    tool.endInput();
    await tool.end();
    if (tool.output !== "hello") throw new Error(`curl got ${tool.output}`);
  });
  await Promise.all(answers);
  await served;
}

let onPort: (port: number) => void = () => {};
(globalThis as { soakPort?: (port: number) => void }).soakPort = (port) => onPort(port);
await heaps.run(
  `from js import soakPort as on_port\nnginx_port = ${nginx.ports.good}\nbig_sha256 = "${nginx.big.sha256}"\n${TRAFFIC}`,
);

async function round(): Promise<Reading> {
  await heaps.run("traffic()");
  await curlThem(5);
  return heaps.read();
}

for (let warmUp = 0; warmUp < 3; warmUp++) await round();
const before = await round();
const end = Date.now() + minutes * 60_000;
let after = before;
let rounds = 0;
while (Date.now() < end) {
  after = await round();
  rounds++;
}
heaps.close();
const grown = [
  after.python.objects - before.python.objects > OBJECTS_SLACK && "Python's objects",
  after.python.allocated - before.python.allocated > ALLOCATED_SLACK_BYTES && "Python's bytes",
  after.pythonMemoryBytes > before.pythonMemoryBytes && "Python's memory",
  JSON.stringify(after.live) !== JSON.stringify(before.live) &&
    `what is alive: ${JSON.stringify(after.live)}`,
].filter((what) => what !== false);
console.log(
  grown.length === 0
    ? `${rounds} rounds, ${after.handshakes - before.handshakes} handshakes with both sides here: nothing grew`
    : `grew: ${grown.join(", ")}`,
);
process.exitCode = grown.length === 0 ? 0 : 1;
