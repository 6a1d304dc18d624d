import type { Transport } from "./stream.ts";

/**
 * TCP by Node's own sockets, client and server. Node's modules load with the first call, so importing this file costs
 * and needs nothing.
 */
export async function createNodeTransport(): Promise<Transport> {
  const { NodeTransport } = await import("./node-tcp.ts");
  return new NodeTransport();
}
