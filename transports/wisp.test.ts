import { once } from "node:events";
import * as net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { type Gateway, type GatewayOptions, type LogEntry, startGateway } from "../gateway/index.ts";
import type { ByteStream, Transport, TransportError } from "./stream.ts";
import {
  closedPort,
  eventually,
  opened,
  pattern,
  readAll,
  readExactly,
  startEcho,
  startPeer,
  until,
  withDeadline,
  writeAll,
} from "./test-peers.ts";
import { createWispTransport, type WispTransportOptions } from "./wisp.ts";
import {
  CloseReason,
  decodeInfo,
  decodePacket,
  encodeClose,
  encodeContinue,
  encodeData,
  encodeInfo,
  PASSWORD_EXTENSION,
  PacketType,
} from "./wisp-packet.ts";
import { FOREIGN_UNREAD_LIMIT, MAX_DATA_LENGTH, SEND_HIGH_WATER } from "./wisp-stream.ts";

const LOOPBACK: GatewayOptions = { port: 0, dangerAllowAddresses: ["127.0.0.1"], dangerAnyPort: true };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function gatewayOn(options: GatewayOptions = LOOPBACK): Promise<Gateway> {
  const gateway = await startGateway(options);
  cleanups.push(() => gateway[Symbol.asyncDispose]());
  return gateway;
}

function transportTo(url: string, options?: WispTransportOptions): Transport {
  const transport = createWispTransport(url, options);
  cleanups.push(() => transport.close());
  return transport;
}

/** The error that a connection ends with. */
async function failureOf(stream: ByteStream): Promise<TransportError> {
  await until(stream, () => stream.error !== undefined, "a failure");
  return stream.error as TransportError;
}

describe("the gateway's address", () => {
  it.each(["ftp://gateway.example/", "gateway.example", "", "//"])("refuses %j", (url) => {
    expect(() => createWispTransport(url)).toThrowError(TypeError);
  });

  it("may leave out the final slash and be written as http", async () => {
    const { url } = await gatewayOn();
    await using echo = await startEcho();
    const transport = transportTo(url.replace(/^ws/, "http").replace(/\/$/, ""));
    await opened(transport.connect("127.0.0.1", echo.port));
  });
});

describe("a gateway that is not there", () => {
  it("ends every connection with ECONNREFUSED, naming the gateway and what to do", async () => {
    const url = `ws://127.0.0.1:${await closedPort()}/`;
    const transport = transportTo(url);
    const streams = [transport.connect("a.example", 443), transport.connect("b.example", 443)];
    for (const stream of streams) {
      const error = await failureOf(stream);
      expect(error.code).toBe("ECONNREFUSED");
      expect(error.message).toContain(url);
      expect(error.message).toContain("npx pyodide-ssl gateway");
    }
  });

  it("ends connections with ETIMEDOUT when it accepts and says nothing", async () => {
    await using silent = await startPeer();
    const transport = transportTo(`ws://127.0.0.1:${silent.port}/`, { connectTimeoutMs: 200 });
    const error = await failureOf(transport.connect("a.example", 443));
    expect(error.code).toBe("ETIMEDOUT");
    expect(error.message).toContain("0.2 s");
  });

  it("ends connections with ETIMEDOUT when it never finishes Wisp's handshake", async () => {
    const server = await fakeGateway(() => {});
    const transport = transportTo(server.url, { connectTimeoutMs: 300 });
    expect((await failureOf(transport.connect("a.example", 443))).code).toBe("ETIMEDOUT");
  });

  it("is tried anew with the next connection", async () => {
    const port = await closedPort();
    const transport = transportTo(`ws://127.0.0.1:${port}/`);
    await failureOf(transport.connect("127.0.0.1", 1));
    await gatewayOn({ ...LOOPBACK, port });
    await using echo = await startEcho();
    const stream = await opened(transport.connect("127.0.0.1", echo.port));
    await writeAll(stream, pattern(10));
    expect(await readExactly(stream, 10)).toEqual(pattern(10));
  });
});

describe("a gateway that is lost", () => {
  it("gives what arrived, then ECONNRESET on every stream, and a new one serves the next connection", async () => {
    const first = await startGateway(LOOPBACK);
    await using peer = await startPeer((socket) => socket.write("partial"));
    const transport = transportTo(first.url);
    const streams = [transport.connect("127.0.0.1", peer.port), transport.connect("127.0.0.1", peer.port)];
    for (const stream of streams) await until(stream, () => stream.readableLength === 7, "the first bytes");
    first.kill();
    for (const stream of streams) {
      const error = await failureOf(stream);
      expect(error.code).toBe("ECONNRESET");
      expect(error.message).toContain(`the connection to the gateway ${first.url} was lost`);
      expect(Buffer.from(stream.read(100) as Uint8Array).toString()).toBe("partial");
      expect(() => stream.read(1)).toThrowError(error);
    }
    await first.stop();
    await gatewayOn({ ...LOOPBACK, port: first.port });
    const again = await opened(transport.connect("127.0.0.1", peer.port));
    expect((await readExactly(again, 7)).toString()).toBe("partial");
  });
});

describe("a gateway that says no", () => {
  it("ends a connection with EACCES and names the rule", async () => {
    const { url } = await gatewayOn({ port: 0 });
    const transport = transportTo(url);
    const toPort = await failureOf(transport.connect("host.example", 25));
    expect(toPort.code).toBe("EACCES");
    expect(toPort.message).toContain("port 25 is not among the gateway's target ports (443)");
    const toAddress = await failureOf(transport.connect("127.0.0.1", 443));
    expect(toAddress.code).toBe("EACCES");
    expect(toAddress.message).toContain("private or reserved address");
  });

  it("ends connections with EACCES and the reason when the whole client is not welcome", async () => {
    const { url } = await gatewayOn({ ...LOOPBACK, requireOrigin: true });
    const error = await failureOf(transportTo(url).connect("host.example", 443));
    expect(error.code).toBe("EACCES");
    expect(error.message).toContain("a request without Origin is not allowed");
  });

  it("says that it wants a password, which this client has none of", async () => {
    const server = await fakeGateway((send) => {
      send(encodeInfo([{ id: PASSWORD_EXTENSION, payload: Uint8Array.of(1) }]));
    });
    const error = await failureOf(transportTo(server.url).connect("host.example", 443));
    expect(error.code).toBe("EACCES");
    expect(error.message).toContain("credentials");
  });
});

describe("streams that wait for no word of the gateway's", () => {
  it("carry bytes as others do", async () => {
    const { url } = await gatewayOn();
    await using echo = await startEcho();
    const transport = transportTo(url, { optimisticConnect: true });
    const stream = transport.connect("127.0.0.1", echo.port);
    await writeAll(await opened(stream), pattern(100_000));
    expect(await readExactly(stream, 100_000)).toEqual(pattern(100_000));
  });

  it("are open before the target has been reached, and end with its errno", async () => {
    const { url } = await gatewayOn();
    const transport = transportTo(url, { optimisticConnect: true });
    const stream = await opened(transport.connect("127.0.0.1", await closedPort()));
    stream.write(Buffer.from("hello"));
    expect((await failureOf(stream)).code).toBe("ECONNREFUSED");
    expect(() => stream.read(1)).toThrowError(expect.objectContaining({ code: "ECONNREFUSED" }));
  });
});

describe("the WebSocket", () => {
  it("is one for all streams, opened with the first and closed when unused", async () => {
    const log: LogEntry[] = [];
    const { url } = await gatewayOn({ ...LOOPBACK, onLog: (entry) => log.push(entry) });
    await using echo = await startEcho();
    const transport = transportTo(url, { idleCloseMs: 0 });
    expect(log.some(({ event }) => event === "client-open")).toBe(false);
    const streams = Array.from({ length: 5 }, () => transport.connect("127.0.0.1", echo.port));
    for (const stream of streams) await opened(stream);
    expect(log.filter(({ event }) => event === "client-open")).toHaveLength(1);
    for (const stream of streams) stream.close();
    await eventually(() => log.some(({ event }) => event === "client-close"), "the WebSocket's end");
    await opened(transport.connect("127.0.0.1", echo.port));
    expect(log.filter(({ event }) => event === "client-open")).toHaveLength(2);
  });

  it("takes no connections after close", async () => {
    const { url } = await gatewayOn();
    const transport = createWispTransport(url);
    const stream = transport.connect("127.0.0.1", 1);
    transport.close();
    expect(stream.state).toBe("closed");
    expect(transport.connect("127.0.0.1", 1).error?.code).toBe("ENETDOWN");
  });

  it("is opened without a subprotocol where the server knows none", async () => {
    const server = await fakeGateway((send) => send(encodeContinue(0, 10)), { refusesSubprotocol: true });
    await opened(transportTo(server.url).connect("host.example", 443));
  });

  it("survives packets that make no sense", async () => {
    const server = await fakeGateway((send) => {
      send(Uint8Array.of(1, 2));
      send(encodeData(77, Uint8Array.of(1)));
      send(encodeClose(78, CloseReason.voluntary));
      send(Uint8Array.of(9, 0, 0, 0, 0, 1));
      send(encodeContinue(0, 10));
    });
    await opened(transportTo(server.url).connect("host.example", 443));
  });
});

describe("flow control towards a gateway", () => {
  it("never has more packets under way than the gateway has room for", async () => {
    const received: number[] = [];
    let streamId = 0;
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 3)),
      {},
      (message) => {
        const packet = decodePacket(message);
        streamId = packet?.streamId ?? 0;
        if (packet?.type === PacketType.data) received.push(packet.payload.length);
      },
    );
    const stream = await opened(transportTo(server.url).connect("host.example", 443));
    let accepted = 0;
    while (stream.isWritable) accepted += stream.write(new Uint8Array(100_000));
    expect(accepted).toBeLessThanOrEqual(3 * MAX_DATA_LENGTH + SEND_HIGH_WATER);
    await eventually(() => received.length === 3, "three packets");
    server.send(encodeContinue(streamId, 2));
    await until(stream, () => stream.isWritable, "room");
    await eventually(() => received.length === 5, "two more packets");
    expect(Math.max(...received)).toBeLessThanOrEqual(MAX_DATA_LENGTH);
  });

  it("joins small writes while it waits for room", async () => {
    const received: Uint8Array[] = [];
    let streamId = 0;
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 1)),
      {},
      (message) => {
        const packet = decodePacket(message);
        streamId = packet?.streamId ?? 0;
        if (packet?.type === PacketType.data) received.push(packet.payload);
      },
    );
    const stream = await opened(transportTo(server.url).connect("host.example", 443));
    for (let index = 0; index < 50; index++) stream.write(Uint8Array.of(index));
    await eventually(() => received.length === 1, "the first packet");
    server.send(encodeContinue(streamId, 1));
    await eventually(() => received.length === 2, "the second packet");
    expect(received[1]).toHaveLength(49);
  });
});

describe("bytes that more follows", () => {
  async function packetsOf(write: (stream: ByteStream) => void): Promise<string[]> {
    const received: string[] = [];
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 10)),
      {},
      (message) => {
        const packet = decodePacket(message);
        if (packet?.type === PacketType.data) received.push(Buffer.from(packet.payload).toString());
      },
    );
    const stream = await opened(transportTo(server.url).connect("host.example", 443));
    write(stream);
    await eventually(() => received.join("").endsWith("."), "everything");
    return received;
  }

  it("go out with those, in one packet", async () => {
    const packets = await packetsOf((stream) => {
      stream.write(Buffer.from("one "), true);
      stream.write(Buffer.from("two "), true);
      stream.write(Buffer.from("three "));
      stream.write(Buffer.from("four."));
    });
    expect(packets).toEqual(["one two three ", "four."]);
  });

  it("go out by themselves when nothing follows", async () => {
    expect(await packetsOf((stream) => stream.write(Buffer.from("alone."), true))).toEqual(["alone."]);
  });

  it("go out before the end of the stream", async () => {
    const packets = await packetsOf((stream) => {
      stream.write(Buffer.from("the last words."), true);
      stream.close();
    });
    expect(packets).toEqual(["the last words."]);
  });
});

describe("a stream that is closed", () => {
  async function packetsOf(
    act: (stream: ByteStream, transport: Transport) => void,
    count: number,
  ): Promise<string[]> {
    const names = new Map<number, string>(Object.entries(PacketType).map(([name, type]) => [type, name]));
    const received: string[] = [];
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 10)),
      {},
      (message) => {
        const packet = decodePacket(message);
        if (packet?.streamId) received.push(`${names.get(packet.type)} ${packet.streamId}`);
      },
    );
    const transport = transportTo(server.url);
    act(await opened(transport.connect("host.example", 443)), transport);
    await eventually(() => received.length === count, `${count} packets`);
    return received;
  }

  it("lets what the program does next go first", async () => {
    const packets = await packetsOf((stream, transport) => {
      stream.close();
      transport.connect("host.example", 443);
    }, 3);
    expect(packets).toEqual(["connect 1", "connect 2", "close 1"]);
  });

  it("is closed in the gateway, too, when the transport ends at once", async () => {
    const packets = await packetsOf((stream, transport) => {
      stream.close();
      transport.close();
    }, 2);
    expect(packets).toEqual(["connect 1", "close 1"]);
  });
});

describe("a gateway that can't be told to wait", () => {
  it("costs no more than the documented memory: then the stream ends with ENOBUFS", async () => {
    let streamId = 0;
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 10)),
      {},
      (message) => {
        streamId = decodePacket(message)?.streamId ?? 0;
      },
    );
    const stream = await opened(transportTo(server.url).connect("host.example", 443));
    await eventually(() => streamId !== 0, "the CONNECT");
    const chunk = new Uint8Array(4 * 1024 * 1024);
    for (let sent = 0; sent <= FOREIGN_UNREAD_LIMIT; sent += chunk.length)
      server.send(encodeData(streamId, chunk));
    const error = await failureOf(stream);
    expect(error.code).toBe("ENOBUFS");
    expect(error.message).toContain("64 MiB");
    await expect(readAll(stream)).rejects.toThrowError(error);
  });
});

describe("reasons of other gateways", () => {
  it.each([
    [CloseReason.invalidInfo, "EAI_NONAME"],
    [CloseReason.unreachable, "EHOSTUNREACH"],
    [CloseReason.noResponse, "ETIMEDOUT"],
    [CloseReason.refused, "ECONNREFUSED"],
    [CloseReason.transferTimeout, "ETIMEDOUT"],
    [CloseReason.blocked, "EACCES"],
    [CloseReason.throttled, "EMFILE"],
    [CloseReason.networkError, "ECONNRESET"],
    [CloseReason.unspecified, "ECONNRESET"],
    [0x7f, "ECONNRESET"],
  ])("%i means %s", async (reason, code) => {
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 10)),
      {},
      (message) => {
        const packet = decodePacket(message);
        if (packet?.type === PacketType.connect) server.send(encodeClose(packet.streamId, reason));
      },
    );
    const error = await failureOf(transportTo(server.url).connect("host.example", 443));
    expect(error.code).toBe(code);
  });

  it("takes a voluntary close for EOF, after which writing gives EPIPE", async () => {
    const server = await fakeGateway(
      (send) => send(encodeContinue(0, 10)),
      {},
      (message) => {
        const packet = decodePacket(message);
        if (packet?.type !== PacketType.data) return;
        server.send(encodeData(packet.streamId, packet.payload));
        server.send(encodeClose(packet.streamId, CloseReason.voluntary));
      },
    );
    const stream = await opened(transportTo(server.url).connect("host.example", 443));
    stream.write(Buffer.from("bye"));
    expect((await readAll(stream)).toString()).toBe("bye");
    expect(stream.error).toBeUndefined();
    expect(() => stream.write(Uint8Array.of(1))).toThrowError(expect.objectContaining({ code: "EPIPE" }));
  });
});

describe("names", () => {
  it("are left to the gateway", async () => {
    const transport = transportTo("ws://127.0.0.1:1/");
    expect(transport.resolvesNames).toBe(false);
    await expect(transport.lookup("host.example", 0)).rejects.toMatchObject({ code: "EAI_NONAME" });
  });

  it.each(["", "a b", "x".repeat(256)])("fail at once when they can't be any: %j", (name) => {
    expect(transportTo("ws://127.0.0.1:1/").connect(name, 443).error?.code).toBe("EAI_NONAME");
  });
});

it("refuses malformed INFO packets instead of reading past their end", () => {
  expect(decodeInfo(Uint8Array.of(2))).toBeUndefined();
  expect(decodeInfo(Uint8Array.of(2, 0, 5, 0))).toBeUndefined();
  expect(decodeInfo(Uint8Array.of(2, 0, 5, 9, 0, 0, 0, 1))).toBeUndefined();
  expect(decodeInfo(Uint8Array.of(2, 0))).toEqual([]);
});

/** A WebSocket server that says exactly what a test wants said. */
async function fakeGateway(
  greet: (send: (packet: Uint8Array) => void) => void,
  { refusesSubprotocol = false } = {},
  onMessage: (message: ArrayBuffer) => void = () => {},
): Promise<{ url: string; send(packet: Uint8Array): void }> {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    ...(refusesSubprotocol && { handleProtocols: () => false as const }),
  });
  await withDeadline(once(server, "listening"), "the fake gateway");
  let send: (packet: Uint8Array) => void = () => {};
  server.on("connection", (socket) => {
    socket.binaryType = "arraybuffer";
    send = (packet) => socket.send(packet);
    socket.on("message", (message) => onMessage(message as ArrayBuffer));
    greet(send);
  });
  cleanups.push(async () => {
    for (const client of server.clients) client.terminate();
    server.close();
    await once(server, "close");
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}/`,
    send: (packet) => send(packet),
  };
}
