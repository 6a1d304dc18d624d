/** TCP servers and proxies that misbehave, or watch: for what a proper TLS server will not do on request. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Peer } from "./child.ts";

/**
 * A TCP server on loopback that ends with its connections.
 * @param allowHalfOpen whether a connection goes on after the client has ended its side
 */
export async function serveTcp(onConnection: (socket: Socket) => void, allowHalfOpen = true): Promise<Peer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    // A client that gives up resets the connection; that is its test's matter, not the server's.
    socket.on("error", () => {});
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return { port: (server.address() as { port: number }).port, stop, [Symbol.asyncDispose]: stop };
}

const PLAIN_HTTP_ANSWER =
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nConnection: close\r\n\r\nplain HTTP\r\n";

/** What the server does to each connection. */
const BEHAVIOURS = {
  /** Answers anything with an HTTP response that is not under TLS. */
  "plain-http": (socket) => void socket.once("data", () => socket.end(PLAIN_HTTP_ANSWER)),
  /** Reads the ClientHello, then ends the connection in order. */
  "close-in-handshake": (socket) => void socket.once("data", () => socket.end()),
  /** Reads the ClientHello, then resets the connection. */
  "reset-in-handshake": (socket) => void socket.once("data", () => socket.resetAndDestroy()),
  /** Reads everything and never says a word. */
  "never-answers": (socket) => void socket.resume().on("end", () => socket.end()),
  /** Answers the ClientHello with bytes that are no TLS record. */
  garbage: (socket) => void socket.once("data", () => socket.end(Buffer.alloc(64, 0xa5))),
  /** Sends back what it gets, without TLS. */
  echo: (socket) => void socket.pipe(socket),
} as const satisfies Record<string, (socket: Socket) => void>;

export type Behaviour = keyof typeof BEHAVIOURS;

/** Starts a server that does one thing to every connection. */
export function startTcpPeer(behaviour: Behaviour): Promise<Peer> {
  return serveTcp(BEHAVIOURS[behaviour]);
}

/** A port of 127.0.0.1 where nothing listens. */
export async function refusedPort(): Promise<Peer> {
  // Node has no bind without listen: take a port and let go of it. The system gives others out before this one again.
  const peer = await serveTcp(() => {});
  await peer.stop();
  return peer;
}

/** A proxy's view of the bytes that passed, in both directions. */
export interface RecordingPeer extends Peer {
  /** Bytes from clients to the target, of all connections in order of arrival. */
  sent(): Buffer;
  /** Bytes from the target to clients. */
  received(): Buffer;
  /** Connections accepted so far. */
  connections(): number;
}

/** Starts a proxy to `target` that keeps a copy of every byte. */
export async function startRecordingProxy(target: number): Promise<RecordingPeer> {
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  let connections = 0;
  const peer = await serveTcp((client) => {
    connections++;
    const server = connect(target, "127.0.0.1");
    server.on("error", () => client.destroy());
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
    client.on("data", (bytes: Buffer) => sent.push(bytes));
    server.on("data", (bytes: Buffer) => received.push(bytes));
    client.pipe(server);
    server.pipe(client);
  });
  return {
    ...peer,
    sent: () => Buffer.concat(sent),
    received: () => Buffer.concat(received),
    connections: () => connections,
  };
}

/**
 * Starts a proxy to `target` that ends each connection in order after `byteLength` bytes from the target: under TLS that
 * is a body cut off without close_notify.
 */
export function startCuttingProxy(target: number, byteLength: number): Promise<Peer> {
  return serveTcp((client) => {
    const server = connect(target, "127.0.0.1");
    let left = byteLength;
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
    server.on("data", (bytes: Buffer) => {
      if (left === 0) return;
      client.write(bytes.subarray(0, left));
      left = Math.max(0, left - bytes.length);
      if (left > 0) return;
      server.destroy();
      client.end();
    });
    server.on("end", () => client.end());
    client.pipe(server);
  });
}
