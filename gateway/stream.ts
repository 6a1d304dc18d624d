import type { Socket } from "node:net";
import { ConnectError, connectTarget, type Resolve } from "./connect-target.ts";
import type { Policy } from "./policy.ts";
import { HEADROOM, nextReadLength, type ReadBuffers } from "./read-buffers.ts";
import type { GatewaySettings } from "./settings.ts";

/** How long a target that does not read keeps a socket whose client has left. */
const LINGER_MS = 30_000;
/** Wisp's credits count packets. A client's usual packet is a TLS record or less, so many bytes. */
const ASSUMED_PACKET_LENGTH = 16 * 1024;
/**
 * What a client of plain Wisp may make a stream hold, as a multiple of `streamBufferBytes`: its packets may be four times
 * as large as assumed, and a confirmed connect grants again what may be under way already.
 */
const PLAIN_WISP_ALLOWANCE = 8;

/** What a stream needs of its WebSocket. */
export interface StreamHost {
  readonly settings: GatewaySettings;
  readonly policy: Policy;
  readonly resolve: Resolve;
  readonly readBuffers: ReadBuffers;
  /** Whether the client takes a CONTINUE as "connected". */
  readonly confirmsConnects: boolean;
  /** Byte credits for each new stream; undefined when the client does not speak the link extension. */
  readonly receiveWindow: number | undefined;
  /** Whether the WebSocket's buffer has room. When not, `pump` is called once it has. */
  readonly hasRoom: boolean;
  /** Sends a copy. */
  sendData(id: number, bytes: Uint8Array): void;
  /** Sends the `length` bytes behind the buffer's headroom as they stand there, and gives the buffer back. */
  sendBuffer(id: number, buffer: Buffer, length: number): void;
  sendContinue(id: number, amount: number): void;
  sendClose(id: number, reason: number, detail: string): void;
  onStreamOpen(stream: GatewayStream, address: string): void;
  /** The stream is over; called once. `detail` is a reason for the log. */
  onStreamClose(stream: GatewayStream, reason: number, detail: string): void;
}

/** Packets that a client of plain Wisp may have under way to one stream. */
export function packetCredits(settings: GatewaySettings): number {
  return Math.max(4, Math.floor(settings.streamBufferBytes / ASSUMED_PACKET_LENGTH));
}

/** One stream: the TCP socket on one side, DATA packets on the other, and flow control both ways. */
export class GatewayStream {
  readonly id: number;
  readonly target: { readonly host: string; readonly port: number };
  readonly startedAt: number = Date.now();
  bytesUp = 0;
  bytesDown = 0;
  #host: StreamHost;
  #socket: Socket | undefined;
  #abort = new AbortController();
  #connectTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** Towards the target: what came before the connection stood, and what the socket has not taken yet. */
  #early: Uint8Array[] = [];
  #hasClientEnded = false;
  #unsentBytes = 0;
  #unsentPackets = 0;
  /** With the extension: bytes that have gone out since the last grant. */
  #bytesToGrant = 0;
  /** Without: packets that the client may still send before it knows of a further grant. */
  #packetsGranted: number;

  /** Towards the client: bytes it can take (Infinity without the extension), and what was read and has to wait. */
  #credits: number;
  #pending: { buffer: Buffer; from: number; to: number } | undefined;
  /** What the socket reads into, behind the headroom. */
  #reading: Buffer | undefined;
  #lastRead = 0;
  #hasTargetEnded = false;
  #hasToldEnd = false;
  /** How the stream ends once `pending` has gone out. */
  #ending: { reason: number; detail: string } | undefined;

  constructor(host: StreamHost, id: number, target: { host: string; port: number }) {
    this.#host = host;
    this.id = id;
    this.target = target;
    this.#credits = host.receiveWindow ?? Number.POSITIVE_INFINITY;
    this.#packetsGranted = packetCredits(host.settings);
  }

  /** Resolves, connects, and then carries bytes until one side ends. Never rejects: an outcome is told by CLOSE. */
  async open(): Promise<void> {
    const { settings, policy, resolve } = this.#host;
    const { host, port } = this.target;
    const seconds = settings.connectTimeoutSeconds;
    this.#connectTimer = setTimeout(() => {
      this.#abort.abort(
        new ConnectError(0x43, "ETIMEDOUT", `${host}:${port} did not answer within ${seconds} s`),
      );
    }, seconds * 1000);
    try {
      const onread = {
        buffer: () => this.#nextBuffer(),
        callback: (length: number) => this.#onRead(length),
      };
      const socket = await connectTarget({ host, port, policy, resolve, onread, signal: this.#abort.signal });
      if (this.#isOver) socket.destroy();
      else this.#onConnected(socket);
    } catch (error) {
      if (error instanceof ConnectError) this.end(error.reason, `${error.code} ${error.message}`);
      else this.end(0x03, "ECONNRESET the gateway could not make the connection");
    } finally {
      clearTimeout(this.#connectTimer);
    }
  }

  /** DATA from the client. An empty packet ends its side, where the link extension says so. */
  onData(bytes: Uint8Array): void {
    if (this.#hasClientEnded || this.#isOver) return;
    this.#idleTimer?.refresh();
    if (bytes.length === 0) {
      if (this.#host.receiveWindow === undefined) return;
      this.#hasClientEnded = true;
      this.#socket?.end();
      return;
    }
    this.bytesUp += bytes.length;
    this.#unsentBytes += bytes.length;
    this.#unsentPackets++;
    this.#packetsGranted--;
    if (this.#unsentBytes > this.#maxUnsentBytes) {
      this.#socket?.resetAndDestroy();
      this.end(0x49, "ENOBUFS the client sent more than the gateway said it could buffer");
      return;
    }
    if (this.#socket === undefined) this.#early.push(bytes);
    else this.#write(this.#socket, bytes);
  }

  /** CONTINUE from the client (link extension): it has read so many bytes more. */
  onCredits(bytes: number): void {
    this.#credits += bytes;
    this.pump();
  }

  /** CLOSE from the client, or the end of its WebSocket. What it sent before is still delivered, unless it resets. */
  onClientClose(reason: number): void {
    const isReset = reason === 0x03 || reason === 0x81;
    this.#finish(reason, isReset ? "the client reset the stream" : "the client closed the stream", isReset);
  }

  /** Ends the stream and tells the client why. */
  end(reason: number, detail: string): void {
    if (this.#isOver) return;
    this.#host.sendClose(this.id, reason, detail);
    this.#finish(reason, detail, false);
  }

  /** Sends what waits for the client, as far as credits and the WebSocket have room. */
  pump(): void {
    while (this.#pending !== undefined && this.#credits > 0 && this.#host.hasRoom)
      this.#sendPending(this.#pending);
    if (this.#pending !== undefined || this.#isOver) return;
    if (this.#ending !== undefined) this.end(this.#ending.reason, this.#ending.detail);
    else if (this.#hasTargetEnded) this.#tellEnd();
    else if (this.#socket?.isPaused() && this.#credits > 0 && this.#host.hasRoom) this.#socket.resume();
  }

  #sendPending(pending: { buffer: Buffer; from: number; to: number }): void {
    const { buffer, from, to } = pending;
    const length = Math.min(to - from, this.#credits);
    this.#credits -= length;
    this.bytesDown += length;
    const isAll = length === to - from;
    if (isAll) this.#pending = undefined;
    if (isAll && from === HEADROOM) {
      this.#host.sendBuffer(this.id, buffer, length);
      return;
    }
    // A part goes as a copy: the headers of the next ones have no room before them.
    this.#host.sendData(this.id, buffer.subarray(from, from + length));
    pending.from += length;
    if (isAll) this.#host.readBuffers.give(buffer);
  }

  /** Node asks for a buffer when the socket is made, and after each read. */
  #nextBuffer(): Buffer {
    const previous = this.#reading;
    // What a stream that is over still gets is dropped: it may all go to one place.
    if (previous === undefined || !this.#isOver) {
      const length = nextReadLength(previous === undefined ? 0 : previous.length - HEADROOM, this.#lastRead);
      this.#reading = this.#host.readBuffers.take(length);
    }
    return (this.#reading as Buffer).subarray(HEADROOM);
  }

  /** Bytes of the target's stand in the buffer. Answers whether to go on reading. */
  #onRead(length: number): boolean {
    const buffer = this.#reading;
    this.#lastRead = length;
    if (buffer === undefined || this.#isOver) return true;
    this.#idleTimer?.refresh();
    this.#pending = { buffer, from: HEADROOM, to: HEADROOM + length };
    this.pump();
    if (this.#pending !== undefined || this.#credits <= 0 || !this.#host.hasRoom) this.#socket?.pause();
    return true;
  }

  #onConnected(socket: Socket): void {
    this.#socket = socket;
    const { settings } = this.#host;
    this.#idleTimer = setTimeout(() => {
      // Not finishLater: a client that does not read must not keep the stream either.
      this.end(0x47, `ETIMEDOUT nothing was sent for ${settings.idleTimeoutSeconds} s`);
    }, settings.idleTimeoutSeconds * 1000);
    this.#host.onStreamOpen(this, socket.remoteAddress ?? "");
    if (this.#host.confirmsConnects) this.#confirm();
    socket.on("end", () => {
      this.#hasTargetEnded = true;
      this.pump();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#ending = {
        reason: 0x03,
        detail: `${error.code ?? "ECONNRESET"} the connection to the target was lost`,
      };
    });
    socket.on("close", () => {
      if (this.#reading !== undefined) this.#host.readBuffers.give(this.#reading);
      this.#reading = undefined;
      const ending = this.#ending;
      if (ending === undefined) this.#finishLater(0x02, "");
      else this.#finishLater(ending.reason, ending.detail);
    });
    for (const bytes of this.#early.splice(0)) this.#write(socket, bytes);
    if (this.#hasClientEnded) socket.end();
    socket.resume();
  }

  #write(socket: Socket, bytes: Uint8Array): void {
    socket.write(bytes, () => {
      this.#unsentBytes -= bytes.length;
      this.#unsentPackets--;
      this.#bytesToGrant += bytes.length;
      this.#idleTimer?.refresh();
      if (this.#isOver) return;
      if (this.#host.receiveWindow === undefined) this.#grantPackets();
      else this.#grantBytes();
    });
  }

  get #maxUnsentBytes(): number {
    const { streamBufferBytes } = this.#host.settings;
    return this.#host.receiveWindow === undefined
      ? streamBufferBytes * PLAIN_WISP_ALLOWANCE
      : streamBufferBytes;
  }

  /** "The connection stands." With the extension it grants nothing; in plain Wisp it can't but set the credits anew. */
  #confirm(): void {
    if (this.#host.receiveWindow !== undefined) {
      this.#host.sendContinue(this.id, 0);
      return;
    }
    this.#packetsGranted = packetCredits(this.#host.settings);
    this.#host.sendContinue(this.id, this.#packetsGranted);
  }

  /** Gives back what has gone out, in quarters of the buffer: a message for each, not for every packet. */
  #grantBytes(): void {
    if (this.#bytesToGrant < this.#host.settings.streamBufferBytes / 4) return;
    this.#host.sendContinue(this.id, this.#bytesToGrant);
    this.#bytesToGrant = 0;
  }

  /**
   * A CONTINUE of plain Wisp replaces the client's credits and says nothing of the packets under way. Granting before all
   * of those have come would let them pile up without bound, so it waits until the client has used up what it had.
   */
  #grantPackets(): void {
    const credits = packetCredits(this.#host.settings);
    if (this.#packetsGranted > 0 || this.#unsentPackets > credits / 2) return;
    this.#packetsGranted = credits - this.#unsentPackets;
    this.#host.sendContinue(this.id, this.#packetsGranted);
  }

  /** The target ended its side. Wisp itself has no half-close: without our extension the whole stream ends. */
  #tellEnd(): void {
    if (this.#hasToldEnd) return;
    this.#hasToldEnd = true;
    if (this.#host.receiveWindow === undefined) this.end(0x02, "");
    else this.#host.sendData(this.id, new Uint8Array(0));
  }

  #finishLater(reason: number, detail: string): void {
    this.#ending = { reason, detail };
    this.pump();
  }

  #finish(reason: number, detail: string, isReset: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#idleTimer);
    this.#abort.abort();
    if (this.#pending !== undefined) this.#host.readBuffers.give(this.#pending.buffer);
    this.#pending = undefined;
    this.#early = [];
    const socket = this.#socket;
    if (socket !== undefined && !socket.destroyed) {
      // What the target still says is dropped; what the client said is still delivered.
      socket.resume();
      if (isReset) socket.resetAndDestroy();
      else {
        socket.destroySoon();
        const timer = setTimeout(() => socket.resetAndDestroy(), LINGER_MS);
        timer.unref();
        socket.once("close", () => clearTimeout(timer));
      }
    }
    this.#host.onStreamClose(this, reason, detail);
  }
}
