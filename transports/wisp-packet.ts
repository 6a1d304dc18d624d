/**
 * Wisp's packets as bytes. Every WebSocket message is one packet: type (u8), stream id (u32), payload; little-endian.
 * Source: MercuryWorkshop/wisp-protocol, protocol.md, version 1.2 and the version 2 draft; and for {@link LINK_EXTENSION}
 * gateway/README.md.
 */

export const PacketType = { connect: 1, data: 2, continue: 3, close: 4, info: 5 } as const;

export const CloseReason = {
  unspecified: 0x01,
  voluntary: 0x02,
  networkError: 0x03,
  incompatibleExtensions: 0x04,
  invalidInfo: 0x41,
  unreachable: 0x42,
  noResponse: 0x43,
  refused: 0x44,
  transferTimeout: 0x47,
  blocked: 0x48,
  throttled: 0x49,
  clientError: 0x81,
  badPassword: 0xc0,
  badSignature: 0xc1,
  missingCredentials: 0xc2,
} as const;

/** Wisp v2 extension: the gateway sends a CONTINUE for a stream as soon as the TCP connection stands. */
export const CONFIRMATION_EXTENSION = 0x05;
export const PASSWORD_EXTENSION = 0x02;
export const KEY_EXTENSION = 0x03;

/**
 * Our own extension between this client and our gateway: byte credits both ways, half-close, and a text with every CLOSE. The id is unassigned in the draft, and the payload starts with a name, so that a stranger's extension of
 * the same number is not taken for ours.
 */
export const LINK_EXTENSION = 0xd7;
const LINK_NAME = "pyodide-ssl/1";

const HEADER_LENGTH = 5;
const STREAM_TYPE_TCP = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A received packet. `payload` is a view of the message. */
export interface Packet {
  readonly type: number;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

/** One extension of an INFO packet. */
export interface ExtensionEntry {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Undefined when the message is too short to be a packet. */
export function decodePacket(message: ArrayBuffer): Packet | undefined {
  if (message.byteLength < HEADER_LENGTH) return undefined;
  const view = new DataView(message);
  return {
    type: view.getUint8(0),
    streamId: view.getUint32(1, true),
    payload: new Uint8Array(message, HEADER_LENGTH),
  };
}

export function encodeConnect(streamId: number, host: string, port: number): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(host);
  const packet = newPacket(PacketType.connect, streamId, 3 + name.length);
  const view = new DataView(packet.buffer);
  view.setUint8(HEADER_LENGTH, STREAM_TYPE_TCP);
  view.setUint16(HEADER_LENGTH + 1, port, true);
  packet.set(name, HEADER_LENGTH + 3);
  return packet;
}

/** Copies `bytes` into the packet. */
export function encodeData(streamId: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const packet = newPacket(PacketType.data, streamId, bytes.length);
  packet.set(bytes, HEADER_LENGTH);
  return packet;
}

export function encodeContinue(streamId: number, amount: number): Uint8Array<ArrayBuffer> {
  const packet = newPacket(PacketType.continue, streamId, 4);
  new DataView(packet.buffer).setUint32(HEADER_LENGTH, amount, true);
  return packet;
}

export function encodeClose(streamId: number, reason: number): Uint8Array<ArrayBuffer> {
  const packet = newPacket(PacketType.close, streamId, 1);
  packet[HEADER_LENGTH] = reason;
  return packet;
}

export function encodeInfo(extensions: readonly ExtensionEntry[]): Uint8Array<ArrayBuffer> {
  const length = extensions.reduce((sum, { payload }) => sum + 5 + payload.length, 2);
  const packet = newPacket(PacketType.info, 0, length);
  const view = new DataView(packet.buffer);
  view.setUint8(HEADER_LENGTH, 2);
  view.setUint8(HEADER_LENGTH + 1, 0);
  let offset = HEADER_LENGTH + 2;
  for (const { id, payload } of extensions) {
    view.setUint8(offset, id);
    view.setUint32(offset + 1, payload.length, true);
    packet.set(payload, offset + 5);
    offset += 5 + payload.length;
  }
  return packet;
}

/** The extensions of an INFO payload; undefined when it is malformed. */
export function decodeInfo(payload: Uint8Array): ExtensionEntry[] | undefined {
  if (payload.length < 2) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const extensions: ExtensionEntry[] = [];
  let offset = 2;
  while (offset < payload.length) {
    if (offset + 5 > payload.length) return undefined;
    const length = view.getUint32(offset + 1, true);
    const end = offset + 5 + length;
    if (end > payload.length) return undefined;
    extensions.push({ id: view.getUint8(offset), payload: payload.subarray(offset + 5, end) });
    offset = end;
  }
  return extensions;
}

/** The amount of a CONTINUE payload; undefined when it is malformed. */
export function decodeContinue(payload: Uint8Array): number | undefined {
  if (payload.length < 4) return undefined;
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
}

/** The reason of a CLOSE payload, and our gateway's text behind it (`ECONNREFUSED connect …`) if there is one. */
export function decodeClose(payload: Uint8Array): { reason: number; detail: string } {
  return { reason: payload[0] ?? CloseReason.unspecified, detail: decoder.decode(payload.subarray(1)) };
}

/** A side's payload of {@link LINK_EXTENSION}: bytes that it takes on each stream before the first grant, then the name. */
export function encodeLinkPayload(receiveWindow: number): Uint8Array {
  const name = encoder.encode(LINK_NAME);
  const payload = new Uint8Array(4 + name.length);
  new DataView(payload.buffer).setUint32(0, receiveWindow, true);
  payload.set(name, 4);
  return payload;
}

/** The window that a gateway's extension entry announces; undefined when the entry is not our extension in this version. */
export function linkWindow({ id, payload }: ExtensionEntry): number | undefined {
  if (id !== LINK_EXTENSION || decoder.decode(payload.subarray(4)) !== LINK_NAME) return undefined;
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
}

function newPacket(type: number, streamId: number, payloadLength: number): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(HEADER_LENGTH + payloadLength);
  packet[0] = type;
  new DataView(packet.buffer).setUint32(1, streamId, true);
  return packet;
}
