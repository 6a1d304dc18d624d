/**
 * `node bench/memory.ts [CONNECTIONS] [MEGABYTES]`: what idle TLS connections and one large download take, in the process of Python
 * and in the gateway's. Needs a built package. Server, gateway and Python are processes of their own.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { loadPyodide } from "pyodide";
import { install } from "pyodide-ssl";
import { startGateway } from "pyodide-ssl/gateway";
import { testPki } from "../e2e/peers/certs.ts";
import { BENCH_GATEWAY } from "./gateway-options.ts";

const MB = 1e6;

/** Memory that was resident, now and at most so far, in bytes. */
interface Resident {
  readonly now: number;
  readonly peak: number;
}

function resident(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** A child that runs this file as one of the servers; told its port. */
async function startChild(what: string): Promise<{ pid: number; port: number; stop(): void }> {
  const child = fork(import.meta.filename, [what], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = (await once(child, "message")) as [number];
  return { pid: child.pid ?? 0, port, stop: () => child.disconnect() };
}

async function serveOrigin(): Promise<void> {
  const leaf = (await testPki()).leaf("good-ec");
  const block = Buffer.alloc(256 * 1024, 0x5a);
  const options = { cert: readFileSync(leaf.chain), key: readFileSync(leaf.key) };
  const server = createServer(options, (request, response) => {
    let left = Number(request.url?.slice(1)) * MB;
    response.writeHead(200, { "Content-Length": left });
    const push = (): void => {
      while (left > 0) {
        const part = block.subarray(0, Math.min(left, block.length));
        left -= part.length;
        if (!response.write(part) && left > 0) return void response.once("drain", push);
      }
      response.end();
    };
    push();
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

async function serveGateway(): Promise<void> {
  const gateway = await startGateway({
    ...BENCH_GATEWAY,
    maxStreamsPerConnection: 100_000,
    maxStreams: 100_000,
  });
  process.send?.(gateway.port);
}

const PROGRAM = `
import http.client, socket, ssl
context = ssl.create_default_context(cafile="/tmp/ca.pem")
kept = []

def connect(port, count):
    for _ in range(count):
        kept.append(context.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost"))
        connection = kept[-1]
        connection.sendall(b"GET /0 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
        connection.recv(4096)

def download(port, megabytes):
    connection = http.client.HTTPSConnection("localhost", port, context=context)
    connection.request("GET", f"/{megabytes}")
    response = connection.getresponse()
    buffer = bytearray(262144)
    received = 0
    while length := response.readinto(buffer):
        received += length
    connection.close()
    assert received == megabytes * 1_000_000, received
`;

async function measure(connections: number, megabytes: number): Promise<void> {
  const [origin, gateway] = await Promise.all([startChild("origin"), startChild("gateway")]);
  try {
    const pyodide = await loadPyodide();
    await install(pyodide, { gateway: `ws://127.0.0.1:${gateway.port}/` });
    pyodide.FS.writeFile("/tmp/ca.pem", readFileSync((await testPki()).ca));
    await pyodide.runPythonAsync(PROGRAM);
    const collect = (globalThis as { gc?: () => void }).gc;
    const tell = (what: string): [Resident, Resident] => {
      collect?.();
      const both: [Resident, Resident] = [resident(process.pid), resident(gateway.pid)];
      const [python, carrier] = both.map(
        ({ now, peak }) => `${Math.round(now / MB)} MB (peak ${Math.round(peak / MB)} MB)`,
      );
      console.log(`${what}: Python's process ${python ?? ""}, gateway ${carrier ?? ""}`);
      return both;
    };
    await pyodide.runPythonAsync(`connect(${origin.port}, 10)`);
    const before = tell("after 10 connections");
    await pyodide.runPythonAsync(`download(${origin.port}, ${megabytes})`);
    tell(`after a download of ${megabytes} MB`);
    const idle = tell("before the connections");
    await pyodide.runPythonAsync(`connect(${origin.port}, ${connections})`);
    const after = tell(`with ${connections} idle connections more`);
    const each = after.map(({ now }, index) =>
      Math.round((now - (idle[index] ?? before[0]).now) / connections / 1000),
    );
    console.log(`each connection: ${each[0] ?? 0} kB in Python's process, ${each[1] ?? 0} kB in the gateway`);
  } finally {
    origin.stop();
    gateway.stop();
  }
}

process.once("disconnect", () => process.exit());
const [first = "1000", second = "1000"] = process.argv.slice(2);
if (first === "origin") await serveOrigin();
else if (first === "gateway") await serveGateway();
else {
  await measure(Number(first), Number(second));
  process.exit();
}
