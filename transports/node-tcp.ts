/**
 * TCP by Node's own sockets. This file imports `node:net` and `node:dns`; browser bundles never reach it, since
 * `createNodeTransport` in node.ts loads it on demand.
 */
import * as dns from "node:dns";
import * as net from "node:net";
import { BufferedStream, FailedStream } from "./buffered-stream.ts";
import { openNodeDatagrams } from "./node-datagrams.ts";
import { lookupError, nodeError } from "./node-errors.ts";
import { holdPort } from "./node-listener.ts";
import type {
  Address,
  ByteStream,
  DatagramOptions,
  HoldOptions,
  HostDatagrams,
  HostPort,
  Transport,
} from "./stream.ts";
import { TransportError } from "./stream.ts";

/**
 * Received bytes that wait for a reader. Above this the socket is no longer read, so that the kernel's window closes and
 * the peer has to wait: a slow reader costs at most this and one further read of 64 KiB for each stream.
 */
export const RECEIVE_HIGH_WATER: number = 1024 * 1024;
/** Reading resumes when no more than this is waiting. */
const RECEIVE_LOW_WATER: number = 256 * 1024;
/** Bytes accepted by `write` and not yet taken by the kernel. At this `write` answers 0. */
const SEND_HIGH_WATER: number = 512 * 1024;
/** How long a closed stream may go on sending what was queued to a peer that does not read. */
const CLOSE_LINGER_MS: number = 60_000;

/** Node's sockets as a {@link Transport}: client and server, with half-close and reset. */
export class NodeTransport implements Transport {
  readonly name = "node";
  readonly resolvesNames = true;
  #streams = new Set<NodeTcpStream>();
  #ports = new Set<HostPort>();
  #datagrams = new Set<HostDatagrams>();
  #isClosed = false;

  async lookup(host: string, family: 0 | 4 | 6): Promise<readonly { family: 4 | 6; host: string }[]> {
    let found: dns.LookupAddress[];
    try {
      found = await dns.promises.lookup(host, { all: true, family, order: "verbatim" });
    } catch (error) {
      throw lookupError(host, error);
    }
    const addresses = found.map(
      ({ address, family }) => ({ host: address, family: family === 6 ? 6 : 4 }) as const,
    );
    const fitting = addresses.filter((address) => family === 0 || address.family === family);
    if (fitting.length === 0) {
      throw new TransportError("EAI_NONAME", `${host} has no IPv${family} address.`);
    }
    return fitting;
  }

  async reverse(address: string): Promise<string> {
    const found = await dns.promises.lookupService(address, 0).catch(() => undefined);
    // Without a name getnameinfo(3) answers the number.
    return found === undefined || net.isIP(found.hostname) !== 0 ? "" : found.hostname;
  }

  async openDatagrams(options: DatagramOptions): Promise<HostDatagrams> {
    if (this.#isClosed) throw new TransportError("ENETDOWN", "The transport was closed.");
    const socket = await openNodeDatagrams(options, (closed) => this.#datagrams.delete(closed));
    this.#datagrams.add(socket);
    if (this.#isClosed) socket.close();
    return socket;
  }

  connect(host: string, port: number, from?: Address): ByteStream {
    if (this.#isClosed) return new FailedStream("ENETDOWN", "The transport was closed.");
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      return new FailedStream("EINVAL", `${port} is not a port number.`);
    }
    const stream = new NodeTcpStream(this.#streams);
    if (net.isIP(host) !== 0) stream.connectTo([host], port, from);
    else {
      this.lookup(host, 0).then(
        (addresses) =>
          stream.connectTo(
            addresses.map((address) => address.host),
            port,
            from,
          ),
        (error: unknown) => stream.fail(lookupError(host, error)),
      );
    }
    return stream;
  }

  async hold(host: string, port: number, options: HoldOptions = {}): Promise<HostPort> {
    if (this.#isClosed) throw new TransportError("ENETDOWN", "The transport was closed.");
    const held = await holdPort(host, port, options, {
      toStream: (socket) => {
        const stream = new NodeTcpStream(this.#streams);
        stream.adopt(socket);
        return stream;
      },
      onClose: (closed) => this.#ports.delete(closed),
    });
    if (this.#isClosed) {
      held.close();
      throw new TransportError("ENETDOWN", "The transport was closed.");
    }
    this.#ports.add(held);
    return held;
  }

  close(): void {
    this.#isClosed = true;
    for (const port of [...this.#ports]) port.close();
    for (const socket of [...this.#datagrams]) socket.close();
    for (const stream of [...this.#streams]) stream.abort();
  }
}

/** One TCP connection. `registry` holds it for as long as the operating system's socket exists. */
export class NodeTcpStream extends BufferedStream {
  #socket: net.Socket | undefined;
  #registry: Set<NodeTcpStream>;
  #localAddress: Address | undefined;
  #remoteAddress: Address | undefined;
  #isReading = true;
  #hasShutDown = false;
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(registry: Set<NodeTcpStream>) {
    super();
    this.#registry = registry;
    registry.add(this);
  }

  override get localAddress(): Address | undefined {
    return this.#localAddress;
  }

  override get remoteAddress(): Address | undefined {
    return this.#remoteAddress;
  }

  /** Tries the addresses in order until one answers, as `socket.create_connection` does. The last error is the stream's. */
  connectTo(hosts: readonly string[], port: number, from?: Address): void {
    const [host, ...others] = hosts;
    if (host === undefined || this.isReleased) return;
    // Node's own connection racing (autoSelectFamily) is for names; a numeric host is connected to as it is.
    const socket = new net.Socket({ allowHalfOpen: true });
    this.#socket = socket;
    const onFailure = (error: Error): void => {
      socket.removeListener("connect", onConnect);
      socket.destroy();
      if (others.length > 0 && !this.isReleased) this.connectTo(others, port, from);
      else this.fail(nodeError(error, `connect to ${formatEndpoint(host, port)}`));
    };
    const onConnect = (): void => {
      socket.removeListener("error", onFailure);
      this.adopt(socket);
    };
    socket.once("error", onFailure);
    socket.once("connect", onConnect);
    try {
      socket.connect(from ? { host, port, localAddress: from.host, localPort: from.port } : { host, port });
    } catch (error) {
      onFailure(error as Error);
    }
  }

  /** Takes over a connected socket. */
  adopt(socket: net.Socket): void {
    this.#socket = socket;
    this.#localAddress = toAddress(socket.localAddress, socket.localFamily, socket.localPort);
    this.#remoteAddress = toAddress(socket.remoteAddress, socket.remoteFamily, socket.remotePort);
    // Who is above writes whole records or whole requests: waiting for more to fill a segment only adds latency.
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.receive(chunk);
      if (this.readableLength >= RECEIVE_HIGH_WATER && this.#isReading) {
        this.#isReading = false;
        socket.pause();
      }
    });
    socket.on("end", () => this.ended());
    socket.on("error", (error) => this.fail(nodeError(error, `connection to ${this.#describePeer()}`)));
    socket.on("close", () => {
      clearTimeout(this.#lingerTimer);
      this.#registry.delete(this);
      this.closed();
    });
    this.opened();
    socket.resume();
  }

  /** Ends the stream with a failure. */
  fail(error: TransportError): void {
    this.#socket?.destroy();
    if (this.#localAddress === undefined) this.#registry.delete(this);
    this.failed(error);
  }

  override shutdownWrite(): void {
    if (this.state === "connecting") {
      this.abort();
      return;
    }
    if (this.state !== "open" || this.#hasShutDown) return;
    this.#hasShutDown = true;
    this.#socket?.end();
    this.changed();
  }

  protected override canAccept(): boolean {
    return this.#hasShutDown || (this.#socket?.writableLength ?? 0) < SEND_HIGH_WATER;
  }

  protected override send(bytes: Uint8Array): number {
    const socket = this.#socket;
    if (this.#hasShutDown || socket === undefined || !socket.writable) {
      throw new TransportError(
        "EPIPE",
        `The sending side of the connection to ${this.#describePeer()} was ended.`,
      );
    }
    const accepted = Math.min(bytes.length, SEND_HIGH_WATER - socket.writableLength);
    if (accepted <= 0) return 0;
    socket.write(bytes.slice(0, accepted), () => this.changed());
    return accepted;
  }

  protected override consumed(): void {
    if (this.#isReading || this.readableLength > RECEIVE_LOW_WATER) return;
    this.#isReading = true;
    this.#socket?.resume();
  }

  protected override finish(): void {
    const socket = this.#socket;
    if (socket === undefined || socket.connecting) {
      this.reset();
      return;
    }
    socket.resume();
    socket.destroySoon();
    this.#lingerTimer = setTimeout(() => socket.resetAndDestroy(), CLOSE_LINGER_MS);
    this.#lingerTimer.unref();
  }

  protected override reset(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#localAddress === undefined) this.#registry.delete(this);
    if (socket === undefined || socket.destroyed) return;
    if (socket.connecting) socket.destroy();
    else socket.resetAndDestroy();
  }

  #describePeer(): string {
    const peer = this.#remoteAddress;
    return peer === undefined ? "the peer" : formatEndpoint(peer.host, peer.port);
  }
}

function toAddress(
  host: string | undefined,
  family: string | undefined,
  port: number | undefined,
): Address | undefined {
  if (host === undefined || port === undefined) return undefined;
  return { family: family === "IPv6" ? 6 : 4, host, port };
}

function formatEndpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
