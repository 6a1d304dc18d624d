/**
 * Serves the page and everything it loads, all from this machine: the page's own files, the built package, and Pyodide
 * from `node_modules`. It sends no COOP or COEP headers: nothing here needs cross-origin isolation.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";

/** What a URL path answers: a file, a folder (for paths that end in a slash), or a text or bytes made at start. */
export type Resource =
  | { readonly file: string }
  | { readonly folder: string }
  | { readonly text: string; readonly type: string }
  | { readonly bytes: Uint8Array; readonly type: string };

/** What to serve and where. */
export interface PageServerOptions {
  readonly port: number;
  /**
   * URL path → resource. A path that ends in `/` stands for everything below it, with `index.html` for the folders
   * themselves; the first that fits counts.
   */
  readonly resources: Readonly<Record<string, Resource>>;
  /** `Content-Security-Policy` of the documents. */
  readonly contentSecurityPolicy: string;
  /** More headers, with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A running page server. */
export interface PageServer {
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".wasm": "application/wasm",
  ".zip": "application/zip",
  ".pem": "application/x-pem-file",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * Starts the server on loopback.
 * @throws the error of `listen`, as rejection: `EADDRINUSE` where the port is taken
 */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, HOST, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  options: PageServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
  const found = await find(options.resources, path);
  if (!found) {
    response
      .writeHead(404, { "Content-Type": "text/plain; charset=utf-8" })
      .end(`There is nothing at ${path}\n`);
    return;
  }
  response.writeHead(200, {
    "Content-Type": found.type,
    "Content-Length": found.length,
    // Files change with every build: the browser asks each time, and this machine answers at once.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    ...options.headers,
    ...(found.type.startsWith("text/html")
      ? { "Content-Security-Policy": options.contentSecurityPolicy }
      : {}),
  });
  if (request.method === "HEAD") response.end();
  else if ("bytes" in found) response.end(found.bytes);
  else await pipeline(createReadStream(found.file), response);
}

type Found = { readonly type: string; readonly length: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly file: string }
);

async function find(resources: PageServerOptions["resources"], path: string): Promise<Found | undefined> {
  const exact = resources[path];
  if (exact && "text" in exact) return inMemory(exact.type, Buffer.from(exact.text));
  if (exact && "bytes" in exact) return inMemory(exact.type, exact.bytes);
  if (exact && "file" in exact) return fileAt(exact.file);
  for (const [prefix, resource] of Object.entries(resources)) {
    if (!("folder" in resource) || !path.startsWith(prefix)) continue;
    const rest = path.slice(prefix.length);
    const name = rest === "" || rest.endsWith("/") ? `${rest}index.html` : rest;
    const file = normalize(join(resource.folder, name));
    if (file.startsWith(resource.folder + sep) && !file.includes("\0")) return fileAt(file);
  }
  return undefined;
}

function inMemory(type: string, bytes: Uint8Array): Found {
  return { type, bytes, length: bytes.byteLength };
}

async function fileAt(file: string): Promise<Found | undefined> {
  const entry = await stat(file).catch(() => undefined);
  if (!entry?.isFile()) return undefined;
  return { file, length: entry.size, type: TYPES[extname(file)] ?? "application/octet-stream" };
}
