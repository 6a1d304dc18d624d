/** What the tests of transports connect to: plain TCP peers and gateways. Real sockets, all on loopback, ports 0. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
// @ts-expect-error The package brings no declarations.
import * as wispJs from "@mercuryworkshop/wisp-js/server";
import type { LoopbackNetwork } from "./loopback.ts";
import type { ByteStream } from "./stream.ts";
import { type PeerSocket, StreamSocket } from "./stream-socket.fixture.ts";

/** A wait that does not end by itself is a failure; this is only how long until it is called one. */
const DEADLINE_MS = 20_000;

export interface Peer extends AsyncDisposable {
  readonly port: number;
  readonly sockets: readonly PeerSocket[];
  /** The next connection that was not handed out yet. */
  next(): Promise<PeerSocket>;
}

/** Starts a peer that listens on 127.0.0.1; `onSocket` plays it. */
export type StartPeer = (onSocket?: (socket: PeerSocket) => void) => Promise<Peer>;

/** A peer that listens inside the interpreter. */
export function loopbackPeers(network: LoopbackNetwork): StartPeer {
  return async (onSocket = () => {}) => {
    const address = { family: 4, host: "127.0.0.1", port: 0 } as const;
    const binding = network.bind({ address, isIpv6Only: false, reusesAddress: false, sharesPort: false });
    const listener = binding && network.listen(binding, 4096);
    if (!listener) throw new Error("no port is free");
    const sockets: StreamSocket[] = [];
    let handedOut = 0;
    const acceptAll = (): void => {
      for (let stream = listener.accept(); stream !== "would-block"; stream = listener.accept()) {
        const socket = new StreamSocket(stream);
        socket.on("error", () => {});
        sockets.push(socket);
        onSocket(socket);
      }
    };
    listener.subscribe(acceptAll);
    return {
      port: binding.address.port,
      sockets,
      async next() {
        await eventually(() => sockets.length > handedOut, "a connection");
        return sockets[handedOut++] as StreamSocket;
      },
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        network.release(binding);
      },
    };
  };
}

/** A peer of the machine's TCP. */
export async function startPeer(onSocket: (socket: PeerSocket) => void = () => {}): Promise<Peer> {
  const sockets: net.Socket[] = [];
  let handedOut = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    sockets,
    async next() {
      if (sockets.length <= handedOut) await withDeadline(once(server, "connection"), "a connection");
      const socket = sockets[handedOut++];
      if (socket === undefined) throw new Error("no connection");
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A peer that sends back what it gets, and ends when the other side does. */
export function startEcho(start: StartPeer = startPeer): Promise<Peer> {
  return start((socket) => socket.pipe(socket));
}

/** A port where nothing listens: it was free a moment ago. */
export async function closedPort(start: StartPeer = startPeer): Promise<number> {
  await using peer = await start();
  return peer.port;
}

/** Another project's gateway, as it comes: wisp-js's own server. `version` 1 has no handshake and knows no subprotocol. */
export async function startForeignGateway(version: 1 | 2): Promise<{ url: string } & AsyncDisposable> {
  const library = wispJs as {
    server: {
      options: Record<string, unknown>;
      routeRequest(request: http.IncomingMessage, socket: unknown, head: Buffer): void;
    };
    logging: { NONE: number; set_level(level: number): void };
  };
  Object.assign(library.server.options, {
    allow_loopback_ips: true,
    allow_private_ips: true,
    wisp_version: version,
  });
  library.logging.set_level(library.logging.NONE);
  const sockets = new Set<net.Socket>();
  const server = http.createServer();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (request, socket, head) => library.server.routeRequest(request, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Waits until `condition` holds; it is asked after each of the stream's changes. */
export async function until(
  stream: ByteStream,
  condition: () => boolean,
  what = "the stream's change",
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (condition()) resolve();
  };
  const unsubscribe = stream.subscribe(check);
  check();
  try {
    await withDeadline(promise, what);
  } finally {
    unsubscribe();
  }
}

/** Waits for a condition that tells no one of its change. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function opened(stream: ByteStream): Promise<ByteStream> {
  await until(stream, () => stream.state !== "connecting", "the connection");
  if (stream.error !== undefined) throw stream.error;
  return stream;
}

/** Reads until EOF. @throws the stream's error */
export async function readAll(stream: ByteStream, maxLength = 65536): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const bytes = stream.read(maxLength);
    if (bytes === "eof") return Buffer.concat(parts);
    if (bytes === "would-block") await until(stream, () => stream.isReadable, "bytes or EOF");
    else parts.push(bytes);
  }
}

/** Reads exactly so many bytes. */
export async function readExactly(stream: ByteStream, length: number, maxLength = 65536): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let missing = length;
  while (missing > 0) {
    const bytes = stream.read(Math.min(missing, maxLength));
    if (bytes === "eof") throw new Error(`EOF with ${missing} bytes missing`);
    if (bytes === "would-block") await until(stream, () => stream.isReadable, "bytes");
    else {
      parts.push(bytes);
      missing -= bytes.length;
    }
  }
  return Buffer.concat(parts);
}

export async function writeAll(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const accepted = stream.write(bytes.subarray(offset));
    offset += accepted;
    if (accepted === 0) await until(stream, () => stream.isWritable, "room to write");
  }
}

/** What a peer's socket hears until the other side ends; the socket can still send afterwards. */
export async function hearAll(socket: PeerSocket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => parts.push(chunk));
  await withDeadline(once(socket, "end"), "the peer's EOF");
  return Buffer.concat(parts);
}

/** Bytes that differ from place to place, so that a lost, doubled or swapped chunk shows. */
export function pattern(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function withDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
