import { MacroTasks } from "./macro-tasks.ts";
import type { TransportError } from "./stream.ts";
import { closeError, gatewayLost, gatewayTimeout, gatewayUnreachable } from "./wisp-errors.ts";
import {
  CloseReason,
  CONFIRMATION_EXTENSION,
  decodeClose,
  decodeContinue,
  decodeInfo,
  decodePacket,
  type ExtensionEntry,
  encodeClose,
  encodeInfo,
  encodeLinkPayload,
  KEY_EXTENSION,
  LINK_EXTENSION,
  linkWindow,
  PASSWORD_EXTENSION,
  type Packet,
  PacketType,
} from "./wisp-packet.ts";
import { RECEIVE_WINDOW, WispStream } from "./wisp-stream.ts";

/** Above this many bytes waiting in the WebSocket nothing more is put in: credits bound a stream, this bounds them all. */
const SOCKET_HIGH_WATER = 8 * 1024 * 1024;
/** A WebSocket tells no one when it has drained, so it is asked this often while it is too full. */
const DRAIN_POLL_MS = 10;

export interface LinkOptions {
  readonly url: string;
  /** For the WebSocket and Wisp's handshake together. */
  readonly connectTimeoutMs: number;
  /** An unused WebSocket is given back after this. */
  readonly idleCloseMs: number;
  /** Streams don't wait for a confirmation. */
  readonly isOptimistic: boolean;
  /** Called once, when the link can take no further streams. */
  readonly onGone: () => void;
}

/** One WebSocket to the gateway and the streams on it. It is made for one connection and never reused after a loss. */
export class WispLink {
  readonly url: string;
  readonly macroTasks: MacroTasks = new MacroTasks();
  #options: LinkOptions;
  #socket: WebSocket | undefined;
  #phase: "opening" | "ready" | "gone" = "opening";
  #streams = new Map<number, WispStream>();
  /** Streams that wait for the link to be ready. */
  #waiting = new Set<WispStream>();
  #nextId = 1;
  #initialCredits = 0;
  #confirmsConnects = false;
  #hasOurExtension = false;
  /** Packets for when nobody waits for the thread. */
  #later: Uint8Array<ArrayBuffer>[] = [];
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #drainTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.url = options.url;
    this.#options = options;
    this.#deadline = setTimeout(() => {
      this.#end(gatewayTimeout(this.url, options.connectTimeoutMs));
    }, options.connectTimeoutMs);
    this.#dial(true);
  }

  /** Whether streams wait until the gateway says that they stand (Wisp v2's Stream Open Confirmation). */
  get confirmsConnects(): boolean {
    return this.#confirmsConnects && !this.#options.isOptimistic;
  }

  /** Whether the gateway speaks {@link LINK_EXTENSION}: byte credits, half-close, texts. */
  get hasOurExtension(): boolean {
    return this.#hasOurExtension;
  }

  /** Whether the WebSocket has room. When it has not, every stream's `pump` is called once it has again. */
  get canSend(): boolean {
    if ((this.#socket?.bufferedAmount ?? 0) < SOCKET_HIGH_WATER) return true;
    this.#drainTimer ??= setTimeout(() => this.#afterDrain(), DRAIN_POLL_MS);
    return false;
  }

  /** Starts a stream; its CONNECT goes out as soon as the link is ready. */
  open(host: string, port: number, family: 0 | 4 | 6): WispStream {
    clearTimeout(this.#idleTimer);
    const stream = new WispStream(this, host, port, family);
    if (this.#phase === "ready") this.#begin(stream);
    else this.#waiting.add(stream);
    return stream;
  }

  send(packet: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  /** Sends what nobody waits for when the program that runs now has come to a stop: each message costs it time. */
  sendLater(packet: Uint8Array<ArrayBuffer>): void {
    if (this.#later.push(packet) === 1) this.macroTasks.run(() => this.#sendDelayed());
  }

  /** Takes a stream that is over off the books. */
  forget(stream: WispStream, id: number): void {
    this.#waiting.delete(stream);
    this.#streams.delete(id);
    if (this.#streams.size > 0 || this.#waiting.size > 0 || this.#phase === "gone") return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#end(undefined), this.#options.idleCloseMs);
  }

  /** Aborts every stream and closes the WebSocket. */
  close(): void {
    for (const stream of [...this.#streams.values(), ...this.#waiting]) stream.abort();
    this.#end(undefined);
  }

  /**
   * Version 2 is asked for by a subprotocol. A server that knows none must not answer one, and then a browser ends the
   * connection; so one that fails before it opens is tried once more, without.
   */
  #dial(withSubprotocol: boolean): void {
    let socket: WebSocket;
    try {
      socket = withSubprotocol ? new WebSocket(this.url, "wisp-v2") : new WebSocket(this.url);
    } catch {
      // A page from https may not open ws: (mixed content), and the constructor says so by throwing.
      queueMicrotask(() => this.#end(gatewayUnreachable(this.url, undefined)));
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let hasOpened = false;
    socket.onopen = () => {
      hasOpened = true;
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (event.data instanceof ArrayBuffer) this.#onMessage(event.data);
    };
    socket.onclose = (event) => {
      if (this.#phase === "ready") this.#end(gatewayLost(this.url, event));
      else if (!hasOpened && withSubprotocol) this.#dial(false);
      else this.#end(gatewayUnreachable(this.url, event));
    };
  }

  #onMessage(message: ArrayBuffer): void {
    const packet = decodePacket(message);
    if (packet === undefined) return;
    if (packet.streamId === 0) {
      this.#onLinkPacket(packet);
      return;
    }
    // Packets of a stream that was closed here may still be under way.
    const stream = this.#streams.get(packet.streamId);
    if (stream === undefined) return;
    if (packet.type === PacketType.data) stream.onData(packet.payload);
    else if (packet.type === PacketType.continue) {
      const credits = decodeContinue(packet.payload);
      if (credits !== undefined) stream.onContinue(credits);
    } else if (packet.type === PacketType.close) {
      const { reason, detail } = decodeClose(packet.payload);
      stream.onClose(reason, detail);
    }
  }

  #onLinkPacket({ type, payload }: Packet): void {
    if (type === PacketType.info && this.#phase === "opening") this.#onInfo(payload);
    else if (type === PacketType.continue && this.#phase === "opening") {
      if (!this.#hasOurExtension) this.#initialCredits = decodeContinue(payload) ?? 1;
      this.#ready();
    } else if (type === PacketType.close) {
      const { reason, detail } = decodeClose(payload);
      this.#end(closeError(reason, detail, "the gateway", this.url));
    }
  }

  #onInfo(payload: Uint8Array): void {
    const offered = decodeInfo(payload) ?? [];
    const wantsCredentials = offered.some(
      ({ id, payload }) => (id === PASSWORD_EXTENSION || id === KEY_EXTENSION) && payload[0] === 1,
    );
    if (wantsCredentials) {
      this.send(encodeClose(0, CloseReason.incompatibleExtensions));
      this.#end(closeError(CloseReason.missingCredentials, "", "the gateway", this.url));
      return;
    }
    const accepted: ExtensionEntry[] = [];
    if (offered.some(({ id }) => id === CONFIRMATION_EXTENSION)) {
      this.#confirmsConnects = true;
      accepted.push({ id: CONFIRMATION_EXTENSION, payload: new Uint8Array(0) });
    }
    const window = offered.map(linkWindow).find((found) => found !== undefined);
    if (window !== undefined) {
      this.#hasOurExtension = true;
      this.#initialCredits = window;
      accepted.push({ id: LINK_EXTENSION, payload: encodeLinkPayload(RECEIVE_WINDOW) });
    }
    this.send(encodeInfo(accepted));
  }

  #ready(): void {
    clearTimeout(this.#deadline);
    this.#phase = "ready";
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of waiting) this.#begin(stream);
  }

  #begin(stream: WispStream): void {
    const id = this.#nextId++;
    this.#streams.set(id, stream);
    stream.begin(id, this.#initialCredits);
  }

  #sendDelayed(): void {
    for (const packet of this.#later.splice(0)) this.send(packet);
  }

  #afterDrain(): void {
    this.#drainTimer = undefined;
    if (!this.canSend) return;
    for (const stream of [...this.#streams.values()]) stream.pump();
  }

  /** Nothing more comes of this link. Its streams fail with `error`. */
  #end(error: TransportError | undefined): void {
    if (this.#phase === "gone") return;
    this.#phase = "gone";
    this.#sendDelayed();
    clearTimeout(this.#deadline);
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#drainTimer);
    const socket = this.#socket;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.#options.onGone();
    const streams = [...this.#streams.values(), ...this.#waiting];
    this.#streams.clear();
    this.#waiting.clear();
    if (error !== undefined) for (const stream of streams) stream.onLost(error);
    this.macroTasks.dispose();
  }
}
