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

/** What the client says in the link extension: bytes it can take on each stream, then the extension's name. */
export class LinkClientPayload {
  readonly receiveWindow: number;
  readonly name: string;

  constructor(receiveWindow: number, name: string) {
    this.receiveWindow = receiveWindow;
    this.name = name;
  }

  /** @throws {RangeError} when the payload is too short; the handshake fails with it */
  static parse(buffer: WispBuffer): LinkClientPayload {
    return new LinkClientPayload(
      buffer.view.getUint32(0, true),
      new TextDecoder().decode(buffer.bytes.subarray(4)),
    );
  }

  serialize(): WispBuffer {
    return new WispBuffer(0);
  }
}

class LinkServerPayload {
  static parse(): LinkServerPayload {
    return new LinkServerPayload();
  }
  serialize(): WispBuffer {
    return new WispBuffer(LINK_NAME);
  }
}

/** Our own extension: flow control towards the client, half-close, texts with CLOSE. README.md has the definition. */
export class LinkExtension extends BaseExtensionClass {
  static readonly id: number = LINK_ID;
  static readonly Server: typeof LinkServerPayload = LinkServerPayload;
  static readonly Client: typeof LinkClientPayload = LinkClientPayload;
}

/** What this gateway offers to a client of Wisp v2. */
export function offeredExtensions(): [ConfirmationExtension, LinkExtension] {
  return [new ConfirmationExtension({ server_config: {} }), new LinkExtension({ server_config: {} })];
}
