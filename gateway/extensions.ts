import { BaseExtensionClass, WispBuffer } from "./wisp-js.ts";

/** Must match `LINK_NAME` in transports/wisp-packet.ts: the two ends of one protocol. */
export const LINK_NAME = "pyodide-ssl/1";
export const CONFIRMATION_ID = 0x05;
export const LINK_ID = 0xd7;

class EmptyPayload {
  static parse(): EmptyPayload {
    return new EmptyPayload();
  }
  serialize(): WispBuffer {
    return new WispBuffer(0);
  }
}

/** Wisp v2 draft, extension 0x05: a CONTINUE for a stream says that its TCP connection stands. */
export class ConfirmationExtension extends BaseExtensionClass {
  static readonly id: number = CONFIRMATION_ID;
  static readonly Server: typeof EmptyPayload = EmptyPayload;
  static readonly Client: typeof EmptyPayload = EmptyPayload;
}

/** What a side says in the link extension: bytes it takes on each stream before the first grant, then the extension's name. */
export class LinkPayload {
  readonly receiveWindow: number;
  readonly name: string;

  constructor(receiveWindow: number, name: string) {
    this.receiveWindow = receiveWindow;
    this.name = name;
  }

  /** @throws {RangeError} when the payload is too short; the handshake fails with it */
  static parse(buffer: WispBuffer): LinkPayload {
    return new LinkPayload(
      buffer.view.getUint32(0, true),
      new TextDecoder().decode(buffer.bytes.subarray(4)),
    );
  }

  serialize(): WispBuffer {
    const name = new TextEncoder().encode(this.name);
    const bytes = new Uint8Array(4 + name.length);
    new DataView(bytes.buffer).setUint32(0, this.receiveWindow, true);
    bytes.set(name, 4);
    return new WispBuffer(bytes);
  }
}

class LinkServerPayload extends LinkPayload {
  /** The library makes the payload from the configuration it is given. */
  constructor({ receiveWindow }: { receiveWindow: number }) {
    super(receiveWindow, LINK_NAME);
  }
}

/** Our own extension: flow control towards the client, half-close, texts with CLOSE. README.md has the definition. */
export class LinkExtension extends BaseExtensionClass {
  static readonly id: number = LINK_ID;
  static readonly Server: typeof LinkServerPayload = LinkServerPayload;
  static readonly Client: typeof LinkPayload = LinkPayload;
}

/** What this gateway offers to a client of Wisp v2. `receiveWindow` is in bytes, for each stream. */
export function offeredExtensions(receiveWindow: number): [ConfirmationExtension, LinkExtension] {
  return [
    new ConfirmationExtension({ server_config: {} }),
    new LinkExtension({ server_config: { receiveWindow } }),
  ];
}
