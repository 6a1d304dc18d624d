/**
 * The local HTTPS site that the examples talk to: one good server and four that each have one thing wrong or special.
 * All listen on loopback only and share one handler.
 */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { type Identity, makeIdentity } from "./certificates.ts";

/** What is special about a server. */
export type SiteName = "main" | "expired" | "wrongHost" | "untrusted" | "clientCertificate";

/** The running site. */
export interface HttpsSite {
  /** Base URL of each server, without a slash at the end. */
  readonly urls: Readonly<Record<SiteName, string>>;
  readonly ports: readonly number[];
  /** The root that programs have to trust, PEM. */
  readonly ca: string;
  /** A certificate (with its intermediate) and key that the `clientCertificate` server accepts, PEM. */
  readonly client: { readonly certificate: string; readonly key: string };
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const MEGABYTE = 1_000_000;
const MOST_MEGABYTES = 1000;
const MOST_ECHO_BYTES = MEGABYTE;

/**
 * Makes the certificates and starts the servers.
 * @param preferredPort port of the first server, the others take the ones after it; where one is taken, any free port
 */
export async function startHttpsSite(preferredPort: number): Promise<HttpsSite> {
  const root = makeIdentity({ commonName: "Demo Root CA", purpose: "authority", validDays: [-30, 3650] });
  const issuer = makeIdentity({
    commonName: "Demo Intermediate CA",
    purpose: "authority",
    issuer: root,
    validDays: [-30, 1825],
  });
  const stranger = makeIdentity({ commonName: "Unknown Root CA", purpose: "authority" });
  const local = { commonName: "localhost", purpose: "server", names: ["localhost", HOST] } as const;
  const good = makeIdentity({ ...local, issuer });
  const client = makeIdentity({ commonName: "Ada Lovelace", purpose: "client", issuer });

  const options: Record<SiteName, ServerOptions> = {
    main: serve(good, issuer),
    expired: serve(makeIdentity({ ...local, issuer, validDays: [-60, -7] }), issuer),
    wrongHost: serve(
      makeIdentity({ commonName: "shop.example", purpose: "server", names: ["shop.example"], issuer }),
      issuer,
    ),
    untrusted: serve(makeIdentity({ ...local, issuer: stranger })),
    clientCertificate: {
      ...serve(good, issuer),
      requestCert: true,
      rejectUnauthorized: true,
      ca: root.certificatePem,
    },
  };

  const servers: Server[] = [];
  const urls = {} as Record<SiteName, string>;
  const ports: number[] = [];
  for (const [index, name] of (Object.keys(options) as SiteName[]).entries()) {
    const server = createServer(options[name], (request, response) => void answer(request, response));
    // Failed handshakes are what some examples are about; the client tells the story.
    server.on("tlsClientError", () => {});
    const port = await listen(server, preferredPort === 0 ? 0 : preferredPort + index);
    servers.push(server);
    ports.push(port);
    urls[name] = `https://localhost:${port}`;
  }

  return {
    urls,
    ports,
    ca: root.certificatePem,
    client: { certificate: client.certificatePem + issuer.certificatePem, key: client.keyPem },
    async stop() {
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise<void>((resolve) => server.close(() => resolve()));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}

function serve(identity: Identity, issuer?: Identity): ServerOptions {
  return { key: identity.keyPem, cert: identity.certificatePem + (issuer?.certificatePem ?? "") };
}

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" || port === 0) return reject(error);
    resolve(listen(server, 0));
  });
  server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  return promise;
}

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A page over TLS</title>
<h1>Hello from the local HTTPS site</h1>
<p>Try /json, /headers, /echo (POST) and /download/20.</p>
</html>
`;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "https://localhost");
  const download = /^\/download\/(\d{1,4})$/.exec(pathname);
  if (pathname === "/") return send(response, 200, PAGE, "text/html; charset=utf-8");
  if (pathname === "/json") return sendJson(response, 200, greeting(request));
  if (pathname === "/headers") return sendJson(response, 200, { headers: request.headers });
  if (pathname === "/echo") return echo(request, response);
  if (download) return sendDownload(response, Number(download[1]));
  return sendJson(response, 404, { error: `There is nothing at ${pathname}` });
}

function greeting(request: IncomingMessage): unknown {
  const socket = request.socket as TLSSocket;
  // getPeerCertificate answers an empty object where the client showed none, whatever its type says.
  const peer = socket.getPeerCertificate() as Partial<PeerCertificate> | null;
  return {
    message: "Hello over TLS",
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    session_resumed: socket.isSessionReused(),
    ...(peer?.subject ? { client: { subject: peer.subject.CN, issuer: peer.issuer?.CN } } : {}),
  };
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" && request.method !== "PUT") {
    response.setHeader("Allow", "POST, PUT");
    return sendJson(response, 405, { error: "Send this path something with POST or PUT" });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_ECHO_BYTES)
      return sendJson(response, 413, { error: `At most ${MOST_ECHO_BYTES} bytes` });
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString("utf8");
  sendJson(response, 200, {
    method: request.method,
    content_type: request.headers["content-type"] ?? null,
    body,
    json: parsedOrNull(body),
  });
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The same random megabyte again and again: fast to serve, impossible to compress, and its hash is known up front. */
const megabyte = randomBytes(MEGABYTE);

function sendDownload(response: ServerResponse, megabytes: number): void {
  if (megabytes > MOST_MEGABYTES) {
    return sendJson(response, 400, { error: `At most ${MOST_MEGABYTES} megabytes` });
  }
  const hash = createHash("sha256");
  for (let sent = 0; sent < megabytes; sent += 1) hash.update(megabyte);
  response.writeHead(200, {
    "Content-Type": "application/octet-stream",
    "Content-Length": megabytes * MEGABYTE,
    "X-Content-SHA256": hash.digest("hex"),
  });
  let left = megabytes;
  const push = (): void => {
    while (left > 0) {
      left -= 1;
      if (!response.write(megabyte) && left > 0) return void response.once("drain", push);
    }
    response.end();
  };
  push();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, `${JSON.stringify(body, null, 2)}\n`, "application/json");
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
