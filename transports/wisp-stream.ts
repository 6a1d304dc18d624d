import { BufferedStream } from "./buffered-stream.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { Address } from "./stream.ts";
import { TransportError } from "./stream.ts";
import { closeError } from "./wisp-errors.ts";
import type { WispLink } from "./wisp-link.ts";
import { CloseReason, encodeClose, encodeConnect, encodeContinue, encodeData } from "./wisp-packet.ts";

/**
 * Bytes that a gateway with our link extension may send ahead of the reader, for each stream. This is the bound on
 * received, unread bytes; it also caps a stream's speed at this much per round trip.
 */
export const RECEIVE_WINDOW: number = 4 * 1024 * 1024;
/** Credits go back when this much of the window was read: a message for every half of it, not for every read. */
const GRANT_AFTER: number = RECEIVE_WINDOW / 2;
/**
 * Wisp itself cannot stop a gateway from sending. With gateways that lack our extension a stream that has this much
 * unread ends with ENOBUFS, so that memory stays bounded.
 */
export const FOREIGN_UNREAD_LIMIT: number = 64 * 1024 * 1024;
/** Bytes accepted by `write` beyond what the gateway has room for. At this `write` answers 0. */
export const SEND_HIGH_WATER: number = 512 * 1024;
/** Bytes in one DATA packet: four TLS records; every gateway takes that. */
export const MAX_DATA_LENGTH: number = 64 * 1024;
/**
 * Of messages this large, and not larger, there are several in a row, and the next ones lie in the host's queue already: the reader is
 * told when they have been taken from there, too. Larger ones are worth a turn of the reader's by themselves.
 */
const GATHERED = { least: 16 * 1024, most: 128 * 1024 } as const;
/** How long a closed stream may go on sending what was queued. */
const CLOSE_LINGER_MS: number = 60_000;

/** One stream of a {@link WispLink}. */
export class WispStream extends BufferedStream {
  readonly localAddress: undefined;
  readonly remoteAddress: Address | undefined;
  readonly host: string;
  readonly port: number;
  #link: WispLink;
  /** 0 until the CONNECT packet was sent. */
  #id = 0;
  /** What the gateway has room for: bytes with our extension, else DATA packets. */
  #credits = 0;
  #unsent = new ByteQueue();
  /** What is queued waits for what follows it: each packet is a message of the WebSocket's. */
  #isHeld = false;
  /** The reader will be told of what has arrived. */
  #isGathering = false;
  #hasShutDown = false;
  #hasSentEnd = false;
  #isFinishing = false;
  /** Bytes that the gateway was told it may send, in all. */
  #granted = RECEIVE_WINDOW;
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: WispLink, host: string, port: number, family: 0 | 4 | 6) {
    super();
    this.#link = link;
    this.host = host;
    this.port = port;
    this.remoteAddress = family === 0 ? undefined : { family, host, port };
  }

  /** The link is ready: asks for the connection. */
  begin(id: number, credits: number): void {
    this.#id = id;
    this.#credits = credits;
    this.#link.send(encodeConnect(id, this.host, this.port));
    // Later, not now: who asked for the connection has had no chance to subscribe.
    if (!this.#link.confirmsConnects) queueMicrotask(() => this.opened());
  }

  /**
   * DATA. With our extension an empty one is the end of the peer's side; when both sides are over, the gateway's CLOSE
   * follows by itself.
   */
  onData(bytes: Uint8Array): void {
    this.opened();
    if (bytes.length === 0) {
      if (this.#link.hasOurExtension) this.ended();
      return;
    }
    const isGathered = bytes.length >= GATHERED.least && bytes.length <= GATHERED.most;
    this.receive(bytes, isGathered);
    if (isGathered) this.#gather();
    if (this.readableLength <= FOREIGN_UNREAD_LIMIT) return;
    const limit = `${FOREIGN_UNREAD_LIMIT / 1024 / 1024} MiB`;
    this.#leave(CloseReason.clientError);
    this.failed(
      new TransportError(
        "ENOBUFS",
        `${this.#target()} sent ${limit} that were not read, and the gateway ${this.#link.url} can't be told to wait ` +
          "(it lacks pyodide-ssl's flow control): read faster, or use pyodide-ssl's own gateway",
      ),
    );
  }

  /**
   * CONTINUE. With our extension: room for so many bytes more. Else: room for so many packets, which says nothing of those
   * under way, so the amount replaces what was left. Where connects are confirmed, the first one is the confirmation.
   */
  onContinue(amount: number): void {
    this.#credits = this.#link.hasOurExtension ? this.#credits + amount : amount;
    this.opened();
    this.pump();
  }

  /** CLOSE: the gateway has forgotten the stream already. */
  onClose(reason: number, detail: string): void {
    this.#forget();
    if (reason === CloseReason.voluntary && this.state === "open") {
      this.ended();
      this.closed();
      return;
    }
    this.failed(closeError(reason, detail, this.#target(), this.#link.url));
  }

  /** The WebSocket is gone, or could not be had. */
  onLost(error: TransportError): void {
    this.#forget();
    this.failed(error);
  }

  /** Sends what is queued, as far as the gateway and the WebSocket have room. */
  pump(): void {
    this.#isHeld = false;
    if (this.#id === 0) return;
    const before = this.#unsent.length;
    while (this.#unsent.length > 0 && this.#credits > 0 && this.#link.canSend) {
      this.#sendPacket(this.#unsent.take(this.#nextPacketLength()));
    }
    if (this.#unsent.length === 0) {
      if (this.#isFinishing) this.#leave(CloseReason.voluntary);
      else if (this.#hasShutDown) this.#sendEnd();
    }
    if (before >= SEND_HIGH_WATER && this.#unsent.length < SEND_HIGH_WATER) this.changed();
  }

  override shutdownWrite(): void {
    if (this.state === "connecting") {
      this.abort();
      return;
    }
    if (this.state !== "open" || this.#hasShutDown) return;
    this.#hasShutDown = true;
    this.pump();
    this.changed();
  }

  protected override canAccept(): boolean {
    return this.#hasShutDown || this.#unsent.length < SEND_HIGH_WATER;
  }

  protected override send(bytes: Uint8Array, hasMore: boolean): number {
    if (this.#hasShutDown) {
      throw new TransportError("EPIPE", `The sending side of the connection to ${this.#target()} was ended.`);
    }
    const accepted = Math.min(bytes.length, SEND_HIGH_WATER - this.#unsent.length);
    if (accepted <= 0) return 0;
    if (this.#isHeld || (hasMore && this.#unsent.length === 0)) {
      this.#unsent.push(bytes.slice(0, accepted));
      if (hasMore) this.#hold();
      else this.pump();
      return accepted;
    }
    let offset = 0;
    while (this.#unsent.length === 0 && offset < accepted && this.#credits > 0 && this.#link.canSend) {
      const end = Math.min(accepted, offset + this.#nextPacketLength());
      this.#sendPacket(bytes.subarray(offset, end));
      offset = end;
    }
    this.#unsent.push(bytes.slice(offset, accepted));
    return accepted;
  }

  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#link.macroTasks.run(() => {
      this.#isGathering = false;
      this.changed();
    });
  }

  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    queueMicrotask(() => {
      if (this.#isHeld) this.pump();
    });
  }

  protected override consumed(): void {
    if (!this.#link.hasOurExtension || this.#id === 0 || this.hasEnded) return;
    const allowed = this.consumedTotal + RECEIVE_WINDOW;
    if (allowed - this.#granted < GRANT_AFTER) return;
    this.#link.send(encodeContinue(this.#id, allowed - this.#granted));
    this.#granted = allowed;
  }

  protected override finish(): void {
    if (this.#id === 0) {
      this.#forget();
      return;
    }
    this.#isFinishing = true;
    this.pump();
    if (this.#id === 0) return;
    this.#lingerTimer = setTimeout(() => this.#leave(CloseReason.clientError), CLOSE_LINGER_MS);
    (this.#lingerTimer as { unref?: () => void }).unref?.();
  }

  protected override reset(): void {
    this.#unsent.clear();
    this.#leave(CloseReason.clientError);
  }

  #nextPacketLength(): number {
    return this.#link.hasOurExtension ? Math.min(MAX_DATA_LENGTH, this.#credits) : MAX_DATA_LENGTH;
  }

  #sendPacket(bytes: Uint8Array): void {
    this.#credits -= this.#link.hasOurExtension ? bytes.length : 1;
    this.#link.send(encodeData(this.#id, bytes));
  }

  #sendEnd(): void {
    if (this.#hasSentEnd || !this.#link.hasOurExtension) return;
    this.#hasSentEnd = true;
    this.#link.send(encodeData(this.#id, new Uint8Array(0)));
  }

  #leave(reason: number): void {
    if (this.#id !== 0) this.#link.sendLater(encodeClose(this.#id, reason));
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#lingerTimer);
    this.#link.forget(this, this.#id);
    this.#id = 0;
  }

  #target(): string {
    return this.host.includes(":") ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }
}
