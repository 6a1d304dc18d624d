import * as net from "node:net";
import { nodeError } from "./node-errors.ts";
import type { Address, ByteStream, Listener, TransportError } from "./stream.ts";

/**
 * Node takes connections off the kernel's queue by itself, whether or not anyone accepts here, so the queue of a program
 * that does not accept is ours to bound: at least this many wait, further ones are reset.
 */
const MIN_PENDING_CONNECTIONS: number = 128;

/**
 * Starts listening and answers when the address is bound.
 * @param toStream makes a stream of an accepted socket
 * @throws {TransportError} (as rejection) EADDRINUSE, EADDRNOTAVAIL, EACCES …
 */
export async function nodeListen(
  host: string,
  port: number,
  backlog: number,
  toStream: (socket: net.Socket) => ByteStream,
): Promise<Listener> {
  // Connections stay unread until accepted: what the peer sends meanwhile waits in the kernel.
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(nodeError(error, `listen on ${host}:${port}`));
    server.once("error", onError);
    server.listen({ host, port, backlog: Math.max(backlog, 1), exclusive: true }, () => {
      server.removeListener("error", onError);
      resolve();
    });
  });
  return new NodeListener(server, Math.max(backlog + 1, MIN_PENDING_CONNECTIONS), toStream);
}

class NodeListener implements Listener {
  readonly address: Address;
  #error: TransportError | undefined;
  #server: net.Server;
  #pending: net.Socket[] = [];
  #listeners = new Set<() => void>();
  #toStream: (socket: net.Socket) => ByteStream;
  #isClosed = false;

  constructor(server: net.Server, maxPending: number, toStream: (socket: net.Socket) => ByteStream) {
    const bound = server.address() as net.AddressInfo;
    this.address = { family: bound.family === "IPv6" ? 6 : 4, host: bound.address, port: bound.port };
    this.#server = server;
    this.#toStream = toStream;
    server.on("connection", (socket) => {
      if (this.#isClosed || this.#pending.length >= maxPending) {
        socket.resetAndDestroy();
        return;
      }
      // A socket that fails before it is accepted must not take the process down; accept() hands it over as it is.
      socket.on("error", ignore);
      this.#pending.push(socket);
      this.#changed();
    });
    server.on("error", (error) => {
      this.#error = nodeError(error, `listening on ${this.address.host}:${this.address.port}`);
      this.#changed();
    });
  }

  get error(): TransportError | undefined {
    return this.#error;
  }

  get isReadable(): boolean {
    return this.#pending.length > 0 || this.#error !== undefined;
  }

  accept(): ByteStream | "would-block" {
    const socket = this.#pending.shift();
    if (socket !== undefined) {
      const stream = this.#toStream(socket);
      socket.removeListener("error", ignore);
      return stream;
    }
    if (this.#error !== undefined) throw this.#error;
    return "would-block";
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.close();
    for (const socket of this.#pending.splice(0)) socket.resetAndDestroy();
    this.#changed();
  }

  subscribe(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) {
      if (this.#listeners.has(listener)) listener();
    }
  }
}

function ignore(): void {}
