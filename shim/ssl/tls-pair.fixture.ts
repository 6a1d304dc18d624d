import { expect } from "vitest";
import type { SslConnection, SslContext, SslFailure, SslSession } from "./index.ts";

/** The two ends of one connection, joined in memory. */
export interface TlsPair extends Disposable {
  readonly client: SslConnection;
  readonly server: SslConnection;
}

/** What one end's handshake came to. */
export type HandshakeResult = SslFailure | "done" | "stalled";

/** Joins a client and a server; nothing moves yet. */
export function pair(
  clientContext: SslContext,
  serverContext: SslContext,
  options: { serverHostname?: string | null; session?: SslSession } = {},
): TlsPair {
  const { serverHostname = "localhost", session } = options;
  const client = clientContext.wrapSocket({
    serverSide: false,
    serverHostname,
    ...(session && { session }),
  });
  const server = serverContext.wrapSocket({ serverSide: true });
  return {
    client,
    server,
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      server[Symbol.dispose]();
    },
  };
}

/** Moves the ciphertext that waits on both sides; answers whether any did. */
export function pump({ client, server }: TlsPair): boolean {
  const toServer = client.takeOutgoing();
  const toClient = server.takeOutgoing();
  server.receive(toServer);
  client.receive(toClient);
  return toServer.length + toClient.length > 0;
}

/** Shakes hands until both ends are done, failed or waiting for bytes that never come. */
export function shakeHands(both: TlsPair): { client: HandshakeResult; server: HandshakeResult } {
  const results: { client: HandshakeResult; server: HandshakeResult } = {
    client: "stalled",
    server: "stalled",
  };
  do {
    for (const side of ["client", "server"] as const) {
      if (results[side] !== "stalled") continue;
      const result = both[side].doHandshake();
      if (result === undefined) results[side] = "done";
      else if (typeof result !== "string") results[side] = result;
    }
  } while (pump(both));
  return results;
}

/** A pair whose handshake is done. */
export function connected(...args: Parameters<typeof pair>): TlsPair {
  const both = pair(...args);
  expect(shakeHands(both)).toEqual({ client: "done", server: "done" });
  return both;
}

/** Text into one end, out of the other. */
export function carry(both: TlsPair, from: "client" | "server", text: string): string {
  const to = from === "client" ? both.server : both.client;
  expect(both[from].write(new TextEncoder().encode(text))).toBe(text.length);
  pump(both);
  const bytes = to.read(16384);
  if (!(bytes instanceof Uint8Array)) throw new Error(`nothing arrived: ${JSON.stringify(bytes)}`);
  return new TextDecoder().decode(bytes);
}
