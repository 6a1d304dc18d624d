/** A TLS server that sends as much as it can to whoever connects, and knows how much the system has taken. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { LeafFiles } from "./certs.ts";
import type { Peer } from "./child.ts";

/** A running one. */
export interface Fountain extends Peer {
  /** Bytes, ciphertext, that have left the server's process for the last client. */
  readonly sent: () => number;
}

const BLOCK = Buffer.alloc(256 * 1024, 0x5a);

/** @param byteLength what each client gets */
export async function startFountain(
  leaf: Pick<LeafFiles, "chain" | "key">,
  byteLength: number,
): Promise<Fountain> {
  let last: TLSSocket | undefined;
  const options = { cert: readFileSync(leaf.chain), key: readFileSync(leaf.key) };
  const server = createServer(options, (socket) => {
    last = socket;
    let left = byteLength;
    socket.on("error", () => {});
    const push = (): void => {
      while (left > 0) {
        const part = BLOCK.subarray(0, Math.min(left, BLOCK.length));
        left -= part.length;
        if (!socket.write(part) && left > 0) return void socket.once("drain", push);
      }
      socket.end();
    };
    push();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    last?.destroy();
    const closed = once(server, "close");
    server.close();
    await closed;
  };
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => (last === undefined ? 0 : last.bytesWritten - last.writableLength),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
