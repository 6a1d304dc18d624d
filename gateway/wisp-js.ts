/**
 * The border to `@mercuryworkshop/wisp-js` (0.5.0), the Wisp server library: the package has no type declarations, so
 * what is used of it is declared here, and nowhere else is it imported. It gives the handshake of both protocol
 * versions, the packet codec, the extension codec, the receive loop and the keep-alive pings; policy, sockets, flow
 * control and limits are ours.
 */
// @ts-expect-error The package brings no declarations.
import * as untyped from "@mercuryworkshop/wisp-js/server";
import type { WebSocket } from "ws";

export interface WispBuffer {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly view: DataView;
}

export interface WispPacket {
  readonly type: number;
  readonly stream_id: number;
  readonly payload: unknown;
  serialize(): WispBuffer;
}

/** Packet payloads by type: CONNECT, DATA, CONTINUE, CLOSE. */
export interface ConnectPayload {
  readonly stream_type: number;
  readonly port: number;
  readonly hostname: string;
}
export interface DataPayload {
  readonly data: WispBuffer;
}
export interface ContinuePayload {
  readonly buffer_remaining: number;
}
export interface ClosePayload {
  readonly reason: number;
}

interface ServerConnection {
  readonly ws: {
    readonly ws: WebSocket;
    connect(): Promise<void>;
    close(code?: number, reason?: string): void;
  };
  readonly conn_id: string;
  readonly wisp_version: number;
  /** The extensions both sides support, by id, with what the client said about them. */
  readonly client_exts: Readonly<Record<number, { readonly payload: unknown }>>;
  ping_task: ReturnType<typeof setInterval> | null;
  setup(): Promise<void>;
  /** Sends INFO, waits for the client's and compares. Rejects when the client does not answer as it should. */
  setup_wisp_v2(): Promise<void>;
  route_packet(buffer: WispBuffer): void;
  /** Routes packets until the WebSocket is closed. */
  run(): Promise<void>;
  cleanup(): Promise<void>;
}

interface ExtensionPayload {
  serialize(): WispBuffer;
}

interface BaseExtension {
  readonly payload: ExtensionPayload;
}

interface Untyped {
  readonly server: {
    readonly ServerConnection: new (
      ws: WebSocket,
      path: string,
      options: { wisp_version: 1 | 2; wisp_extensions: readonly BaseExtension[]; ping_interval: number },
    ) => ServerConnection;
  };
  readonly packet: {
    readonly WispBuffer: new (data: Uint8Array | number | string) => WispBuffer;
    readonly WispPacket: { parse_all(buffer: WispBuffer): WispPacket };
    readonly packet_types: Readonly<Record<"CONNECT" | "DATA" | "CONTINUE" | "CLOSE" | "INFO", number>>;
  };
  readonly extensions: {
    readonly BaseExtension: new (options: {
      server_config?: object;
      client_config?: object;
    }) => BaseExtension;
  };
  readonly logging: { readonly NONE: number; set_level(level: number): void };
}

const library = untyped as unknown as Untyped;

export const ServerConnectionBase: Untyped["server"]["ServerConnection"] = library.server.ServerConnection;
export const WispBuffer: Untyped["packet"]["WispBuffer"] = library.packet.WispBuffer;
export const parsePacket: (buffer: WispBuffer) => WispPacket = (buffer) =>
  library.packet.WispPacket.parse_all(buffer);
export const packetTypes: Untyped["packet"]["packet_types"] = library.packet.packet_types;
export const BaseExtensionClass: Untyped["extensions"]["BaseExtension"] = library.extensions.BaseExtension;

/** The library logs by itself, with host names and to the console. Our log says the same in our form, so it is silenced. */
export function silenceLibraryLog(): void {
  library.logging.set_level(library.logging.NONE);
}
