/**
 * Somebody between client and server who has a certificate that the client trusts: opens the client's TLS, and passes on what it
 * reads over a TLS of its own. Only channel binding tells. PostgreSQL's protocol, "SSL Session Encryption".
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { createSecureContext, TLSSocket, connect as tlsConnect } from "node:tls";
import { testPki } from "../peers/certs.ts";
import type { Peer } from "../peers/child.ts";

/** Length 8, and the code that asks for TLS. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

async function passOn(client: Socket, port: number, key: Buffer, certificate: Buffer): Promise<void> {
  await once(client, "readable");
  client.read(SSL_REQUEST.length);
  client.write("S");
  const opened = new TLSSocket(client, {
    isServer: true,
    secureContext: createSecureContext({ key, cert: certificate }),
  });
  const plain = connect(port, "127.0.0.1");
  plain.write(SSL_REQUEST);
  await once(plain, "readable");
  plain.read(1);
  const server = tlsConnect({ socket: plain, rejectUnauthorized: false });
  await Promise.all([pipeline(opened, server), pipeline(server, opened)]);
}

/** @param port of the real server */
export async function startInBetween(port: number): Promise<Peer> {
  const { chain, key } = (await testPki()).leaf("good");
  const [chainPem, keyPem] = [readFileSync(chain), readFileSync(key)];
  const clients = new Set<Socket>();
  const listener = createServer((client) => {
    clients.add(client);
    passOn(client, port, keyPem, chainPem).catch(() => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const stop = async (): Promise<void> => {
    for (const client of clients) client.destroy();
    if (!listener.listening) return;
    listener.close();
    await once(listener, "close");
  };
  return { port: (listener.address() as { port: number }).port, stop, [Symbol.asyncDispose]: stop };
}
