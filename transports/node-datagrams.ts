/** UDP by Node's own sockets. */
import * as dgram from "node:dgram";
import { nodeError } from "./node-errors.ts";
import type { Address, DatagramOptions, HostDatagrams } from "./stream.ts";

/**
 * Opens and binds a UDP socket.
 * @param onClose told once when it is closed
 * @throws {TransportError} (as rejection) EADDRINUSE, EADDRNOTAVAIL, EACCES …
 */
export async function openNodeDatagrams(
  options: DatagramOptions,
  onClose: (socket: HostDatagrams) => void,
): Promise<HostDatagrams> {
  const { host, port, isIpv6Only = false, sharesPort = false, reusesAddress = false, onMessage } = options;
  const isIpv6 = host.includes(":");
  const socket = dgram.createSocket({
    type: isIpv6 ? "udp6" : "udp4",
    reuseAddr: reusesAddress,
    reusePort: sharesPort,
    ...(isIpv6 ? { ipv6Only: isIpv6Only } : {}),
  });
  socket.on("message", (bytes, from) => {
    const family = from.family === "IPv6" ? 6 : 4;
    onMessage({ from: { family, host: from.address, port: from.port }, bytes: new Uint8Array(bytes) });
  });
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close();
      reject(nodeError(error, `bind ${host}:${port}`));
    };
    socket.once("error", onError);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeListener("error", onError);
      resolve();
    });
  });
  // What goes wrong later concerns a message that is lost, as datagrams may be.
  socket.on("error", () => {});
  return new NodeDatagrams(socket, onClose);
}

class NodeDatagrams implements HostDatagrams {
  readonly address: Address;
  readonly #socket: dgram.Socket;
  readonly #onClose: (socket: HostDatagrams) => void;
  #isClosed = false;

  constructor(socket: dgram.Socket, onClose: (socket: HostDatagrams) => void) {
    const { address, family, port } = socket.address();
    this.address = { family: family === "IPv6" ? 6 : 4, host: address, port };
    this.#socket = socket;
    this.#onClose = onClose;
  }

  send(bytes: Uint8Array, host: string, port: number, isBroadcast: boolean): void {
    if (this.#isClosed) return;
    this.#socket.setBroadcast(isBroadcast);
    this.#socket.send(bytes, port, host, () => {});
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#onClose(this);
  }
}
