import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { ByteStream, Transport, TransportError } from "../transports/stream.ts";
import {
  eventually,
  opened,
  pattern,
  readAll,
  readExactly,
  sha256,
  startEcho,
  startPeer,
  until,
  withDeadline,
  writeAll,
} from "../transports/test-peers.ts";
import { createWispTransport } from "../transports/wisp.ts";
import {
  CloseReason,
  decodeClose,
  decodeContinue,
  decodePacket,
  encodeConnect,
  encodeContinue,
  encodeData,
  encodeInfo,
  encodeLinkPayload,
  LINK_EXTENSION,
  type Packet,
  PacketType,
} from "../transports/wisp-packet.ts";
import { type Gateway, type GatewayOptions, type LogEntry, lineLog, startGateway } from "./index.ts";

/** The tests' targets are on loopback and on any port, which a gateway refuses unless told. */
const LOOPBACK: GatewayOptions = { port: 0, dangerAllowAddresses: ["127.0.0.1"], dangerAnyPort: true };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(
  options: GatewayOptions = LOOPBACK,
): Promise<{ gateway: Gateway; log: LogEntry[]; transport: Transport }> {
  const log: LogEntry[] = [];
  const gateway = await startGateway({ onLog: (entry) => log.push(entry), ...options });
  const transport = createWispTransport(gateway.url);
  cleanups.push(
    () => gateway[Symbol.asyncDispose](),
    () => transport.close(),
  );
  return { gateway, log, transport };
}

async function failureOf(stream: ByteStream): Promise<TransportError> {
  await until(stream, () => stream.error !== undefined, "a failure");
  return stream.error as TransportError;
}

/** A client by hand, for what a well-behaved one does not do. */
async function rawClient(
  url: string,
  headers: Record<string, string> = {},
  protocols: string[] | string = [],
): Promise<RawClient> {
  const socket = new WebSocket(url, protocols, { headers });
  socket.binaryType = "arraybuffer";
  const packets: Packet[] = [];
  socket.on("message", (message) => {
    const packet = decodePacket(message as ArrayBuffer);
    if (packet !== undefined) packets.push(packet);
  });
  socket.on("error", () => {});
  const closed = once(socket, "close").then(([code, reason]) => ({
    code: code as number,
    reason: String(reason),
  }));
  cleanups.push(() => socket.terminate());
  await withDeadline(once(socket, "open"), "the WebSocket");
  return { socket, packets, closed };
}
interface RawClient {
  readonly socket: WebSocket;
  readonly packets: Packet[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

function closeReasons({ packets }: RawClient): number[] {
  return packets
    .filter(({ type }) => type === PacketType.close)
    .map(({ payload }) => decodeClose(payload).reason);
}

describe("the address that is connected to", () => {
  it("is the one that was checked: a resolver that changes its mind is asked once", async () => {
    await using echo = await startEcho();
    let asked = 0;
    const { transport, log } = await start({
      ...LOOPBACK,
      resolve: async () => [{ address: ++asked === 1 ? "127.0.0.1" : "127.0.0.2" }],
    });
    await opened(transport.connect("rebinding.example", echo.port));
    expect(asked).toBe(1);
    expect(log.find(({ event }) => event === "stream-open")).toMatchObject({ address: "127.0.0.1" });
  });

  it.each(["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1"])(
    "is refused when a public name resolves to %s",
    async (address) => {
      const { transport, log } = await start({ port: 0, resolve: async () => [{ address }] });
      const error = await failureOf(transport.connect("rebinding.example", 443));
      expect(error.code).toBe("EACCES");
      expect(error.message).toContain("private or reserved address");
      expect(log.some(({ event }) => event === "stream-open")).toBe(false);
    },
  );

  it("is never a refused one of several", async () => {
    await using echo = await startEcho();
    const { transport, log } = await start({
      ...LOOPBACK,
      resolve: async () => [{ address: "127.0.0.9" }, { address: "10.0.0.1" }, { address: "127.0.0.1" }],
    });
    await opened(transport.connect("several.example", echo.port));
    expect(log.find(({ event }) => event === "stream-open")).toMatchObject({ address: "127.0.0.1" });
  });

  it.each([
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "127.0.0.1",
    "::1",
    "::ffff:7f00:1",
    "0",
  ])("is refused when loopback is written as %s", async (host) => {
    const { transport } = await start({ port: 0 });
    expect(["EACCES", "EAI_NONAME"]).toContain((await failureOf(transport.connect(host, 443))).code);
  });
});

describe("a target that does not answer", () => {
  it("ends the stream with ETIMEDOUT when the name does not resolve in time", async () => {
    const { transport } = await start({
      port: 0,
      connectTimeoutSeconds: 1,
      resolve: () => new Promise(() => {}),
    });
    const error = await failureOf(transport.connect("slow.example", 443));
    expect(error.code).toBe("ETIMEDOUT");
    expect(error.message).toContain("slow.example:443 did not answer within 1 s");
  });

  it("ends the stream with ETIMEDOUT when the connection does not come about in time", async () => {
    const port = await startDeafListener();
    const { transport } = await start({ ...LOOPBACK, connectTimeoutSeconds: 1 });
    const filling = Array.from({ length: 4 }, () => {
      const socket = net.connect({ host: "127.0.0.1", port });
      socket.on("error", () => {});
      cleanups.push(() => socket.destroy());
      return socket;
    });
    await withDeadline(once(filling[0] as net.Socket, "connect"), "the first connection");
    const failures = Array.from({ length: 3 }, () => failureOf(transport.connect("127.0.0.1", port)));
    expect((await Promise.any(failures)).code).toBe("ETIMEDOUT");
  });

  it("ends the stream with EAI_AGAIN when the resolver is in trouble", async () => {
    const resolve = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("later"), { code: "EAI_AGAIN" }));
    const { transport } = await start({ port: 0, resolve });
    expect((await failureOf(transport.connect("host.example", 443))).code).toBe("EAI_AGAIN");
  });
});

describe("limits", () => {
  it("refuse one stream too many with EMFILE, and make room when one ends", async () => {
    await using echo = await startEcho();
    const { gateway, transport } = await start({ ...LOOPBACK, maxStreamsPerConnection: 2 });
    const first = await opened(transport.connect("127.0.0.1", echo.port));
    await opened(transport.connect("127.0.0.1", echo.port));
    const error = await failureOf(transport.connect("127.0.0.1", echo.port));
    expect(error.code).toBe("EMFILE");
    expect(error.message).toContain("more than 2 streams on one connection");
    first.close();
    await eventually(() => gateway.streams === 1, "the stream's place");
    await opened(transport.connect("127.0.0.1", echo.port));
  });

  it("refuse streams that are opened too fast", async () => {
    await using echo = await startEcho();
    const { transport } = await start({ ...LOOPBACK, newStreamsBurst: 3, newStreamsPerSecond: 1 });
    const streams = Array.from({ length: 5 }, () => transport.connect("127.0.0.1", echo.port));
    for (const stream of streams.slice(0, 3)) await opened(stream);
    expect((await failureOf(streams[4] as ByteStream)).message).toContain("new streams a second");
  });

  it("refuse one WebSocket too many from one client, and say so", async () => {
    const { gateway, transport } = await start({ ...LOOPBACK, maxConnectionsPerClient: 1 });
    const first = await rawClient(gateway.url);
    const error = await failureOf(transport.connect("127.0.0.1", 1));
    expect(error.code).toBe("ECONNREFUSED");
    expect(error.message).toContain("too many connections from your address");
    first.socket.close();
    await eventually(() => gateway.connections === 0, "the first one's place");
    await rawClient(gateway.url);
  });

  it("end a stream without traffic", async () => {
    await using peer = await startPeer();
    const { transport } = await start({ ...LOOPBACK, idleTimeoutSeconds: 1 });
    const error = await failureOf(transport.connect("127.0.0.1", peer.port));
    expect(error.code).toBe("ETIMEDOUT");
    expect(error.message).toContain("nothing was sent for 1 s");
  });

  it("end a stream whose client ignores how much the gateway can buffer", async () => {
    await using peer = await startPeer((socket) => socket.pause());
    const { gateway } = await start({ ...LOOPBACK, streamBufferBytes: 65_536 });
    const client = await rawClient(gateway.url);
    client.socket.send(encodeConnect(1, "127.0.0.1", peer.port));
    const chunk = new Uint8Array(65_536);
    await eventually(() => {
      client.socket.send(encodeData(1, chunk));
      return closeReasons(client).length > 0;
    }, "the stream's end");
    expect(closeReasons(client)).toEqual([CloseReason.throttled]);
  });

  it("end a WebSocket that sends a message larger than allowed", async () => {
    const { gateway } = await start({ ...LOOPBACK, maxMessageBytes: 65_600 });
    const client = await rawClient(gateway.url);
    client.socket.send(encodeData(1, new Uint8Array(70_000)));
    expect((await withDeadline(client.closed, "the end")).code).toBe(1009);
  });

  it("end a WebSocket whose client does not finish the handshake", async () => {
    const { gateway } = await start({ ...LOOPBACK, handshakeTimeoutSeconds: 1 });
    const socket = new WebSocket(gateway.url, "wisp-v2");
    socket.on("error", () => {});
    await withDeadline(once(socket, "close"), "the end");
    await eventually(() => gateway.connections === 0, "its place");
  });
});

describe("credits", () => {
  it("are granted to a client of plain Wisp only when none of its packets can be under way", async () => {
    await using echo = await startEcho();
    const { gateway } = await start();
    const client = await rawClient(gateway.url);
    const grants = (): (number | undefined)[] =>
      client.packets
        .filter(({ type }) => type === PacketType.continue)
        .map(({ payload }) => decodeContinue(payload));
    const echoed = (): number =>
      client.packets
        .filter(({ type }) => type === PacketType.data)
        .reduce((sum, { payload }) => sum + payload.length, 0);
    await eventually(() => grants().length === 1, "the first credits");
    const credits = grants()[0] ?? 0;
    client.socket.send(encodeConnect(1, "127.0.0.1", echo.port));
    for (let index = 1; index < credits; index++) client.socket.send(encodeData(1, Uint8Array.of(index)));
    await eventually(() => echoed() === credits - 1, "the echo of all but one");
    expect(grants()).toEqual([credits]);
    client.socket.send(encodeData(1, Uint8Array.of(0)));
    await eventually(() => grants().length === 2, "new credits");
    expect(grants()).toEqual([credits, credits]);
  });

  it("are bytes with the link extension: one byte more ends the stream", async () => {
    await using peer = await startPeer();
    const { gateway } = await start({ ...LOOPBACK, streamBufferBytes: 65_536 });
    const client = await rawClient(gateway.url, {}, "wisp-v2");
    client.socket.send(encodeInfo([{ id: LINK_EXTENSION, payload: encodeLinkPayload(1000) }]));
    // Everything before the name resolves and the connection stands is buffered: nothing can have gone out meanwhile.
    client.socket.send(encodeConnect(1, "127.0.0.1", peer.port));
    client.socket.send(encodeConnect(2, "127.0.0.1", peer.port));
    client.socket.send(encodeData(1, new Uint8Array(65_536)));
    client.socket.send(encodeData(2, new Uint8Array(65_537)));
    await eventually(() => closeReasons(client).length > 0, "the end of the second stream");
    const closed = client.packets.filter(({ type }) => type === PacketType.close);
    expect(closed.map(({ streamId }) => streamId)).toEqual([2]);
    expect(decodeClose(closed[0]?.payload ?? new Uint8Array(0)).detail).toContain("ENOBUFS");
  });

  it("of the client are kept to: not a byte more, until it grants more", async () => {
    const bytes = pattern(10_000);
    await using peer = await startPeer((socket) => socket.end(bytes));
    const { gateway } = await start();
    const client = await rawClient(gateway.url, {}, "wisp-v2");
    client.socket.send(encodeInfo([{ id: LINK_EXTENSION, payload: encodeLinkPayload(3000) }]));
    client.socket.send(encodeConnect(1, "127.0.0.1", peer.port));
    const received = (): Buffer =>
      Buffer.concat(
        client.packets.filter(({ type }) => type === PacketType.data).map(({ payload }) => payload),
      );
    await eventually(() => received().length >= 3000, "the first window");
    // A second stream's whole life passes without another byte of the first.
    client.socket.send(encodeConnect(2, "127.0.0.1", 1));
    await eventually(() => closeReasons(client).length > 0, "the refused stream");
    expect(received()).toHaveLength(3000);
    client.socket.send(encodeContinue(1, 1));
    await eventually(() => received().length > 3000, "one byte more");
    expect(received()).toHaveLength(3001);
    client.socket.send(encodeContinue(1, 10_000));
    await eventually(() => received().length === bytes.length, "the rest");
    expect(sha256(received())).toBe(sha256(bytes));
  });
});

describe("a client that does not keep to the protocol", () => {
  it("is let go after a few malformed packets", async () => {
    const { gateway } = await start();
    const client = await rawClient(gateway.url);
    for (let index = 0; index < 20; index++) client.socket.send(Uint8Array.of(1, 2));
    expect((await withDeadline(client.closed, "the end")).code).toBe(1002);
  });

  it("can neither take stream 0, nor a stream's id twice, nor credits it was not offered", async () => {
    await using echo = await startEcho();
    const { gateway } = await start();
    const client = await rawClient(gateway.url);
    for (const id of [0, 1, 1]) client.socket.send(encodeConnect(id, "127.0.0.1", echo.port));
    client.socket.send(encodeData(1, pattern(10)));
    await eventually(() => client.packets.some(({ type }) => type === PacketType.data), "the echo");
    expect(gateway.streams).toBe(1);
    expect(echo.sockets).toHaveLength(1);
  });

  it("gets no UDP", async () => {
    const { gateway } = await start();
    const client = await rawClient(gateway.url);
    const connect = encodeConnect(1, "127.0.0.1", 53);
    connect[5] = 2;
    client.socket.send(connect);
    await eventually(() => closeReasons(client).length > 0, "the refusal");
    expect(closeReasons(client)).toEqual([CloseReason.blocked]);
  });

  it("that sends something else than INFO first is refused", async () => {
    const { gateway } = await start();
    const socket = new WebSocket(gateway.url, "wisp-v2");
    await once(socket, "open");
    socket.send(encodeData(1, pattern(10)));
    await withDeadline(once(socket, "close"), "the end");
    await eventually(() => gateway.connections === 0, "its place");
  });

  it("that sends a broken extension is refused", async () => {
    const { gateway } = await start();
    const socket = new WebSocket(gateway.url, "wisp-v2");
    await once(socket, "open");
    socket.send(encodeInfo([{ id: 0xd7, payload: Uint8Array.of(1) }]));
    await withDeadline(once(socket, "close"), "the end");
    await eventually(() => gateway.connections === 0, "its place");
  });
});

describe("who may use the gateway", () => {
  it("is decided by the Origin header, and a refusal says why", async () => {
    const { gateway, log } = await start({ ...LOOPBACK, origins: ["https://app.example"] });
    await rawClient(gateway.url, { origin: "https://app.example" });
    await rawClient(gateway.url, { origin: "http://localhost:3000" });
    const refused = await rawClient(gateway.url, { origin: "https://evil.example" });
    expect(await withDeadline(refused.closed, "the refusal")).toEqual({
      code: 1008,
      reason: "origin https://evil.example is not allowed; see --origins",
    });
    expect(refused.packets).toEqual([]);
    expect(log.filter(({ event }) => event === "client-refused")).toHaveLength(1);
    expect(gateway.connections).toBe(2);
  });

  it("has the address that a trusted proxy says, and no other proxy", async () => {
    const { gateway, log } = await start({ ...LOOPBACK, trustedProxies: ["127.0.0.0/8", "10.0.0.0/8"] });
    await rawClient(gateway.url, { "x-forwarded-for": "6.6.6.6, 198.51.100.9, 10.0.0.3" });
    await rawClient(gateway.url, { "x-forwarded-for": "nonsense" });
    const { gateway: untrusting, log: secondLog } = await start();
    await rawClient(untrusting.url, { "x-forwarded-for": "198.51.100.9" });
    const clients = [...log, ...secondLog]
      .filter(({ event }) => event === "client-open")
      .map(({ client }) => client);
    expect(clients).toEqual(["198.51.100.9", "127.0.0.1", "127.0.0.1"]);
  });
});

describe("plain HTTP", () => {
  it("answers /healthz with what is going on, and says what the gateway is elsewhere", async () => {
    const { gateway } = await start();
    await rawClient(gateway.url);
    const base = gateway.url.replace(/^ws/, "http");
    const health = await fetch(`${base}healthz`);
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({ status: "ok", connections: 1, streams: 0 });
    expect((await fetch(base)).status).toBe(426);
    expect((await fetch(`${base}other`)).status).toBe(404);
  });

  it("refuses a WebSocket on another path", async () => {
    const { gateway } = await start({ ...LOOPBACK, path: "/wisp/" });
    expect(gateway.url).toMatch(/\/wisp\/$/);
    await rawClient(gateway.url);
    const socket = new WebSocket(gateway.url.replace("/wisp/", "/"));
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain("404");
  });

  it("is HTTPS with a certificate", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gateway-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const [tlsCert, tlsKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=localhost",
    ];
    execFileSync("openssl", [...request, "-keyout", tlsKey, "-out", tlsCert], { stdio: "pipe" });
    const { gateway } = await start({ ...LOOPBACK, tlsCert, tlsKey });
    expect(gateway.url).toMatch(/^wss:/);
    const agent = new https.Agent({ rejectUnauthorized: false });
    const [response] = (await once(
      https.get(`${gateway.url.replace("wss", "https")}healthz`, { agent }),
      "response",
    )) as [http.IncomingMessage];
    response.resume();
    agent.destroy();
    expect(response.statusCode).toBe(200);
  });
});

describe("stopping", () => {
  it("lets a transfer finish, takes no new streams, and closes idle clients at once", async () => {
    const bytes = pattern(5_000_000);
    await using peer = await startPeer();
    const { gateway, log, transport } = await start();
    const stream = await opened(transport.connect("127.0.0.1", peer.port));
    const idle = await rawClient(gateway.url);
    const socket = await peer.next();
    socket.write(bytes.subarray(0, 1000));
    await readExactly(stream, 1000);
    const stopped = gateway.stop();
    expect((await withDeadline(idle.closed, "the idle client's end")).code).toBe(1001);
    expect((await failureOf(transport.connect("127.0.0.1", peer.port))).message).toContain("stopping");
    socket.end(bytes.subarray(1000));
    expect(sha256(await readAll(stream))).toBe(sha256(bytes.subarray(1000)));
    stream.close();
    await withDeadline(stopped, "the stop");
    expect(log.map(({ event }) => event).slice(-3)).toEqual(["stream-close", "client-close", "stopped"]);
  });

  it("ends what does not end by itself when the deadline has passed", async () => {
    await using peer = await startPeer();
    const { gateway, transport } = await start({ ...LOOPBACK, stopTimeoutSeconds: 0 });
    const stream = await opened(transport.connect("127.0.0.1", peer.port));
    const failure = failureOf(stream);
    await withDeadline(gateway.stop(), "the stop");
    expect((await failure).message).toContain("the gateway is stopping");
  });

  it("leaves nothing that keeps a process alive", async () => {
    await using echo = await startEcho();
    const before = process
      .getActiveResourcesInfo()
      .filter((name) => name === "Timeout" || name.startsWith("TCP")).length;
    const { gateway, transport } = await start();
    const streams = Array.from({ length: 20 }, () => transport.connect("127.0.0.1", echo.port));
    for (const stream of streams) await opened(stream);
    transport.close();
    await gateway.stop();
    const left = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout" || name.startsWith("TCP")).length;
    await eventually(
      () => echo.sockets.every((socket) => socket.destroyed),
      "the target's sockets to be over",
    );
    // One timer is the wait's own.
    await eventually(() => left() <= before + 1, "handles to be given back");
  });
});

describe("the log", () => {
  it("has a line for a stream's begin and end, with bytes counted and none shown", async () => {
    const lines: string[] = [];
    const { text, json } = {
      text: lineLog("text", (line) => lines.push(line)),
      json: lineLog("json", (line) => lines.push(line)),
    };
    await using echo = await startEcho();
    const onLog = (entry: LogEntry): void => {
      text(entry);
      json(entry);
    };
    const { gateway, transport } = await start({ ...LOOPBACK, onLog });
    const secret = "s3cr3t-payload-0123456789";
    const stream = await opened(transport.connect("127.0.0.1", echo.port));
    await writeAll(stream, Buffer.from(secret));
    await readExactly(stream, secret.length);
    stream.close();
    await eventually(() => gateway.streams === 0, "the stream's end");
    const all = lines.join("");
    expect(all).toMatch(
      /stream-open connection=\w+ stream=1 client=127\.0\.0\.1 target=127\.0\.0\.1:\d+ address=127\.0\.0\.1\n/,
    );
    expect(all).toMatch(/stream-close .* reason=0x02 .* bytesUp=25 bytesDown=25 durationMs=\d+\n/);
    for (const form of [
      secret,
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("base64"),
    ]) {
      expect(all).not.toContain(form.slice(0, 12));
    }
    for (const line of lines.filter((line) => line.startsWith("{")))
      expect(JSON.parse(line)).toHaveProperty("event");
  });

  it("can't be forged by a host name", async () => {
    const lines: string[] = [];
    const { gateway } = await start({ ...LOOPBACK, onLog: lineLog("text", (line) => lines.push(line)) });
    const client = await rawClient(gateway.url);
    client.socket.send(encodeConnect(1, 'x"\n2026-01-01 stream-open client=1.2.3.4', 443));
    await eventually(() => closeReasons(client).length > 0, "the refusal");
    const line = lines.find((line) => line.includes("stream-refused")) ?? "";
    expect(line.trimEnd()).not.toContain("\n");
    expect(line).toContain(String.raw`target="x\"\n2026-01-01 stream-open client=1.2.3.4:443"`);
  });
});

/** A listener whose queue is full and that never accepts: its thread is blocked. Answers the port. */
async function startDeafListener(): Promise<number> {
  const code = `
    const { parentPort } = require("node:worker_threads");
    const server = require("node:net").createServer();
    server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(code, { eval: true });
  cleanups.push(() => worker.terminate());
  const [port] = (await withDeadline(once(worker, "message"), "the deaf listener")) as [number];
  return port;
}
