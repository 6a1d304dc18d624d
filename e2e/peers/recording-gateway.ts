/** A WebSocket proxy in front of a gateway that keeps what passes, unmasked: what an eavesdropper at the gateway would see. */
import { once } from "node:events";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** The proxy and its records. */
export interface RecordingGateway {
  /** What to give to `createPython({ gateway })`. */
  readonly url: string;
  /** Payloads from the page to the gateway. */
  sent(): Buffer;
  /** Payloads from the gateway to the page. */
  received(): Buffer;
  stop(): Promise<void>;
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Starts a proxy in front of the gateway at `target`. */
export async function startRecordingGateway(target: string): Promise<RecordingGateway> {
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  await once(server, "listening");
  server.on("connection", (page, request) => {
    const protocols = request.headers["sec-websocket-protocol"]?.split(/,\s*/) ?? [];
    const gateway = new WebSocket(target, protocols, { perMessageDeflate: false });
    const early: Buffer[] = [];
    page.on("message", (data, isBinary) => {
      const bytes = bytesOf(data);
      sent.push(bytes);
      if (gateway.readyState === WebSocket.OPEN) gateway.send(bytes, { binary: isBinary });
      else early.push(bytes);
    });
    gateway.on("open", () => {
      for (const bytes of early) gateway.send(bytes);
    });
    gateway.on("message", (data, isBinary) => {
      const bytes = bytesOf(data);
      received.push(bytes);
      page.send(bytes, { binary: isBinary });
    });
    page.on("close", () => gateway.close());
    gateway.on("close", () => page.close());
    page.on("error", () => gateway.terminate());
    gateway.on("error", () => page.terminate());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as { port: number }).port}/`,
    sent: () => Buffer.concat(sent),
    received: () => Buffer.concat(received),
    stop: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
