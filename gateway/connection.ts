import type { WebSocket } from "ws";
import type { Resolve } from "./connect-target.ts";
import { CONFIRMATION_ID, LINK_ID, LINK_NAME, LinkPayload, offeredExtensions } from "./extensions.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Policy } from "./policy.ts";
import { HEADROOM, type ReadBuffers } from "./read-buffers.ts";
import type { GatewaySettings } from "./settings.ts";
import { GatewayStream, packetCredits, type StreamHost } from "./stream.ts";
import {
  type ClosePayload,
  type ConnectPayload,
  type ContinuePayload,
  type DataPayload,
  packetTypes,
  parsePacket,
  ServerConnectionBase,
  type WispBuffer,
} from "./wisp-js.ts";

const TCP = 1;
/** Malformed packets that are forgiven before the connection is ended. */
const MAX_BAD_PACKETS = 8;

/** What all connections of one gateway share. */
export interface GatewayContext {
  readonly settings: GatewaySettings;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly log: Log;
  readonly resolve: Resolve;
  readonly readBuffers: ReadBuffers;
  /** A graceful stop has begun: no new streams. */
  readonly isStopping: boolean;
}

/** One client's WebSocket: wisp-js's protocol engine with our streams. */
export class GatewayConnection extends ServerConnectionBase implements StreamHost {
  readonly settings: GatewaySettings;
  readonly policy: Policy;
  readonly resolve: Resolve;
  readonly readBuffers: ReadBuffers;
  readonly client: string;
  #context: GatewayContext;
  #socket: WebSocket;
  #live = new Map<number, GatewayStream>();
  #badPackets = 0;
  #missedPongs = 0;
  #wasFull = false;
  #receiveWindow: number | undefined;
  #confirmsConnects = false;

  constructor(socket: WebSocket, version: 1 | 2, client: string, context: GatewayContext) {
    super(socket, context.settings.path, {
      wisp_version: version,
      wisp_extensions: offeredExtensions(context.settings.streamBufferBytes),
      ping_interval: context.settings.pingIntervalSeconds,
    });
    this.settings = context.settings;
    this.policy = context.policy;
    this.resolve = context.resolve;
    this.readBuffers = context.readBuffers;
    this.client = client;
    this.#context = context;
    this.#socket = socket;
  }

  get streamCount(): number {
    return this.#live.size;
  }

  get receiveWindow(): number | undefined {
    return this.#receiveWindow;
  }

  get confirmsConnects(): boolean {
    return this.#confirmsConnects;
  }

  get hasRoom(): boolean {
    if (this.#socket.bufferedAmount < this.settings.connectionBufferBytes) return true;
    this.#wasFull = true;
    return false;
  }

  /** The handshake; rejects when the client does not complete it properly and in time. */
  override async setup(): Promise<void> {
    const deadline = setTimeout(() => this.#socket.terminate(), this.settings.handshakeTimeoutSeconds * 1000);
    try {
      await this.ws.connect();
      if (this.wisp_version === 2) await this.setup_wisp_v2();
    } finally {
      clearTimeout(deadline);
    }
    this.#confirmsConnects = this.client_exts[CONFIRMATION_ID] !== undefined;
    const link = this.client_exts[LINK_ID]?.payload;
    if (link instanceof LinkPayload && link.name === LINK_NAME) this.#receiveWindow = link.receiveWindow;
    this.sendContinue(0, packetCredits(this.settings));
    this.#startPings();
  }

  /** One packet from the client. What it throws is caught by the receive loop, which goes on. */
  override route_packet(buffer: WispBuffer): void {
    try {
      const packet = parsePacket(buffer);
      const id = packet.stream_id;
      switch (packet.type) {
        case packetTypes.CONNECT:
          this.#connect(id, packet.payload as ConnectPayload);
          break;
        case packetTypes.DATA:
          // Also for streams that just ended: the client can't know yet.
          this.#live.get(id)?.onData((packet.payload as DataPayload).data.bytes);
          break;
        case packetTypes.CONTINUE:
          if (this.#receiveWindow !== undefined) {
            this.#live.get(id)?.onCredits((packet.payload as ContinuePayload).buffer_remaining);
          }
          break;
        case packetTypes.CLOSE:
          if (id === 0) this.#socket.close(1000);
          else this.#live.get(id)?.onClientClose((packet.payload as ClosePayload).reason);
          break;
        default:
          throw new TypeError("a packet that only the handshake has");
      }
    } catch (error) {
      if (++this.#badPackets > MAX_BAD_PACKETS) this.#socket.close(1002, "malformed packets");
      throw error;
    }
  }

  override async cleanup(): Promise<void> {
    if (this.ping_task !== null) clearInterval(this.ping_task);
    for (const stream of [...this.#live.values()]) stream.onClientClose(0x03);
    this.ws.close();
  }

  sendData(id: number, bytes: Uint8Array): void {
    const packet = Buffer.allocUnsafe(5 + bytes.length);
    writeHeader(packet, packetTypes.DATA, id);
    packet.set(bytes, 5);
    this.#socket.send(packet, () => this.#afterSend());
  }

  sendBuffer(id: number, buffer: Buffer, length: number): void {
    const packet = buffer.subarray(HEADROOM - 5, HEADROOM + length);
    writeHeader(packet, packetTypes.DATA, id);
    // ws writes a server's frames as they are, and tells when the system has taken them.
    this.#socket.send(packet, () => {
      this.readBuffers.give(buffer);
      this.#afterSend();
    });
  }

  sendContinue(id: number, amount: number): void {
    const packet = Buffer.allocUnsafe(9);
    writeHeader(packet, packetTypes.CONTINUE, id);
    packet.writeUInt32LE(amount, 5);
    this.#send(packet);
  }

  sendClose(id: number, reason: number, detail: string): void {
    const text = this.#receiveWindow === undefined ? "" : detail;
    const packet = Buffer.allocUnsafe(6 + Buffer.byteLength(text));
    writeHeader(packet, packetTypes.CLOSE, id);
    packet.writeUInt8(reason, 5);
    packet.write(text, 6);
    this.#send(packet);
  }

  onStreamOpen(stream: GatewayStream, address: string): void {
    this.#context.log({ event: "stream-open", ...this.#describe(stream), address });
  }

  onStreamClose(stream: GatewayStream, reason: number, detail: string): void {
    if (this.#live.get(stream.id) === stream) this.#live.delete(stream.id);
    this.#context.limits.leaveStream();
    this.#context.log({
      event: "stream-close",
      ...this.#describe(stream),
      reason: `0x${reason.toString(16).padStart(2, "0")}`,
      detail: detail || undefined,
      bytesUp: stream.bytesUp,
      bytesDown: stream.bytesDown,
      durationMs: Date.now() - stream.startedAt,
    });
    if (this.#context.isStopping && this.#live.size === 0)
      this.#socket.close(1001, "the gateway is stopping");
  }

  /** Ends the WebSocket: politely when it has no streams or `force` is set, else when its last stream has ended. */
  stop(force: boolean): void {
    if (force || this.#live.size === 0) this.#socket.close(1001, "the gateway is stopping");
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #connect(id: number, { stream_type, port, hostname }: ConnectPayload): void {
    if (id === 0 || this.#live.has(id)) throw new TypeError("a stream id that is taken");
    const host = hostname.trim();
    const refuse = (reason: number, detail: string): void => {
      this.sendClose(id, reason, detail);
      const { conn_id, client } = this;
      this.#context.log({
        event: "stream-refused",
        connection: conn_id,
        stream: id,
        client,
        target: endpoint(host, port),
        detail,
      });
    };
    if (this.#context.isStopping) return refuse(0x49, "EMFILE the gateway is stopping");
    if (stream_type !== TCP) return refuse(0x48, "EACCES only TCP streams are carried");
    if (host === "" || host.length > 255 || port === 0 || /[\s\0]/.test(host)) {
      return refuse(0x41, "EAI_NONAME not a host name and port");
    }
    const refusal = this.policy.refuseTarget(host, port);
    if (refusal !== undefined) return refuse(0x48, `EACCES blocked by the gateway's policy: ${refusal}`);
    const full = this.#context.limits.enterStream(this.client, this.#live.size);
    if (full !== undefined) return refuse(0x49, `EMFILE throttled by the gateway: ${full}`);
    const stream = new GatewayStream(this, id, { host, port });
    this.#live.set(id, stream);
    void stream.open();
  }

  #send(packet: Buffer): void {
    this.#socket.send(packet, ignoreSendError);
  }

  #afterSend(): void {
    if (!this.#wasFull || this.#socket.bufferedAmount > this.settings.connectionBufferBytes / 2) return;
    this.#wasFull = false;
    for (const stream of [...this.#live.values()]) stream.pump();
  }

  #startPings(): void {
    this.#socket.on("pong", () => {
      this.#missedPongs = 0;
    });
    this.ping_task = setInterval(() => {
      if (this.#missedPongs++ >= 2) this.#socket.terminate();
      else this.#socket.ping();
    }, this.settings.pingIntervalSeconds * 1000);
  }

  #describe({ id, target }: GatewayStream): {
    connection: string;
    stream: number;
    client: string;
    target: string;
  } {
    return {
      connection: this.conn_id,
      stream: id,
      client: this.client,
      target: endpoint(target.host, target.port),
    };
  }
}

function writeHeader(packet: Buffer, type: number, id: number): void {
  packet.writeUInt8(type, 0);
  packet.writeUInt32LE(id, 1);
}

function endpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A WebSocket that is already closing refuses; its `close` event, not this, ends the streams. */
function ignoreSendError(): void {}
