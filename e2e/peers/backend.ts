/** The plain HTTP application behind nginx: what static files can't answer. Only nginx talks to it. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Peer } from "./child.ts";

function answerJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/** Answers with what was asked: method, path, headers and body as text. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  answerJson(response, { method: request.method, path: request.url, headers: request.headers, body });
}

/** Swallows a body of any length; answers its length and SHA-256. */
async function swallow(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  let byteLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    byteLength += chunk.length;
  }
  answerJson(response, { byteLength, sha256: hash.digest("hex") });
}

/** Starts the application: `/echo`, `/upload`, `/silent` (never answered), `/trickle` (headers, then silence). */
export async function startBackend(): Promise<Peer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://backend").pathname;
    if (path === "/silent") return;
    if (path === "/trickle") {
      response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 1000 });
      response.write("the rest never comes");
      return;
    }
    const answer = path === "/upload" ? swallow : echo;
    answer(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as { port: number }).port, stop, [Symbol.asyncDispose]: stop };
}
