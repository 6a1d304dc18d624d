import * as net from "node:net";
import { nodeError } from "./node-errors.ts";
import type { Address, Arrival, ByteStream, HoldOptions, HostPort, TransportError } from "./stream.ts";

/** The kernel's own queue, from which Node takes connections by itself. */
const KERNEL_BACKLOG = 511;

/** What a held port asks of its transport. */
export interface PortOwner {
  /** Makes a stream of an accepted socket. */
  toStream(socket: net.Socket): ByteStream;
  onClose(port: HostPort): void;
}

/**
 * Takes a port of the machine's and answers when it is taken. Node can't bind without listening: until someone wants the
 * connections they are reset.
 * @throws {TransportError} (as rejection) EADDRINUSE, EADDRNOTAVAIL, EACCES …
 */
export async function holdPort(
  host: string,
  port: number,
  options: HoldOptions,
  owner: PortOwner,
): Promise<HostPort> {
  // Connections stay unread until accepted: what the peer sends meanwhile waits in the kernel.
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(nodeError(error, `bind ${host}:${port}`));
    server.once("error", onError);
    const { isIpv6Only = false, sharesPort = false } = options;
    const how = { host, port, backlog: KERNEL_BACKLOG, exclusive: true, ipv6Only: isIpv6Only };
    server.listen(sharesPort ? { ...how, reusePort: true } : how, () => {
      server.removeListener("error", onError);
      resolve();
    });
  });
  return new NodePort(server, owner);
}

class NodePort implements HostPort {
  readonly address: Address;
  readonly #server: net.Server;
  readonly #owner: PortOwner;
  #onArrival: ((arrival: Arrival) => boolean) | undefined;
  #onFailure: ((error: TransportError) => void) | undefined;
  #isClosed = false;

  constructor(server: net.Server, owner: PortOwner) {
    const bound = server.address() as net.AddressInfo;
    this.address = { family: bound.family === "IPv6" ? 6 : 4, host: bound.address, port: bound.port };
    this.#server = server;
    this.#owner = owner;
    server.on("connection", (socket) => this.#arrived(socket));
    server.on("error", (error) => {
      this.#onFailure?.(nodeError(error, `listening on ${this.address.host}:${this.address.port}`));
    });
  }

  start(onArrival: (arrival: Arrival) => boolean, onFailure: (error: TransportError) => void): void {
    this.#onArrival = onArrival;
    this.#onFailure = onFailure;
  }

  stop(): void {
    this.#onArrival = undefined;
    this.#onFailure = undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.stop();
    this.#server.close();
    this.#owner.onClose(this);
  }

  #arrived(socket: net.Socket): void {
    // A socket that fails before it is accepted must not take the process down; accept() hands it over as it is.
    socket.on("error", ignore);
    const isTaken = this.#onArrival?.({
      accept: () => {
        const stream = this.#owner.toStream(socket);
        socket.removeListener("error", ignore);
        return stream;
      },
      reset: () => socket.resetAndDestroy(),
    });
    if (!isTaken) socket.resetAndDestroy();
  }
}

function ignore(): void {}
