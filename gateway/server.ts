import * as dns from "node:dns";
import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { type AddressInfo, type BlockList, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Resolve } from "./connect-target.ts";
import { GatewayConnection, type GatewayContext } from "./connection.ts";
import { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import { addressList, Policy } from "./policy.ts";
import { ReadBuffers } from "./read-buffers.ts";
import { completeSettings, type GatewaySettings, SettingError } from "./settings.ts";
import { silenceLibraryLog } from "./wisp-js.ts";

/** Settings, and what a program can put in besides. */
export interface GatewayOptions extends Partial<GatewaySettings> {
  /** Told of every event; default: nothing is logged. The command line logs lines to standard output. */
  readonly onLog?: Log;
  /** Resolves target names; default: the system's resolver. Its answers are subject to the address policy. */
  readonly resolve?: Resolve;
}

/** A running gateway. */
export interface Gateway extends AsyncDisposable {
  /** What to give to `createPython({ gateway })`: `ws://127.0.0.1:6001/`. */
  readonly url: string;
  /** The address that it listens on. */
  readonly host: string;
  /** The port that it listens on. */
  readonly port: number;
  /** WebSockets open now. */
  readonly connections: number;
  /** TCP connections open now. */
  readonly streams: number;
  /** Stops accepting at once, lets streams end by themselves until the deadline, then ends them. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

/**
 * Starts a gateway.
 * @throws {SettingError} when a setting is not as it must be
 * @throws {Error} as Node gives it when the address can't be listened on (`code` EADDRINUSE, EACCES …)
 */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  silenceLibraryLog();
  const { onLog, resolve, ...given } = options;
  const server = new GatewayServer(completeSettings(given), onLog ?? (() => {}), resolve ?? systemResolve);
  await server.listen();
  return server;
}

const systemResolve: Resolve = (host) => dns.promises.lookup(host, { all: true, order: "verbatim" });

class GatewayServer implements Gateway {
  #settings: GatewaySettings;
  #log: Log;
  #limits: Limits;
  #policy: Policy;
  #trustedProxies: BlockList;
  #context: GatewayContext;
  #http: http.Server;
  #webSockets: WebSocketServer;
  /** Live connections, each with a promise of its end. */
  #connections = new Map<GatewayConnection, Promise<void>>();
  #isStopping = false;
  #stopped: Promise<void> | undefined;
  #address: AddressInfo | undefined;

  constructor(settings: GatewaySettings, log: Log, resolve: Resolve) {
    this.#settings = settings;
    this.#log = log;
    this.#limits = new Limits(settings);
    this.#policy = new Policy(settings);
    this.#trustedProxies = addressList("trustedProxies", settings.trustedProxies);
    const isStopping = (): boolean => this.#isStopping;
    this.#context = {
      settings,
      policy: this.#policy,
      limits: this.#limits,
      log,
      resolve,
      readBuffers: new ReadBuffers(),
      get isStopping(): boolean {
        return isStopping();
      },
    };
    this.#http = createHttpServer(settings);
    this.#webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: settings.maxMessageBytes,
      // What is carried is encrypted: compressing it only costs, memory above all.
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has("wisp-v2") ? "wisp-v2" : ([...offered][0] ?? false)),
    });
  }

  get host(): string {
    return this.#address?.address ?? "";
  }

  get port(): number {
    return this.#address?.port ?? 0;
  }

  get url(): string {
    const host = this.host === "0.0.0.0" ? "127.0.0.1" : this.host === "::" ? "::1" : this.host;
    return `${this.#scheme("ws")}://${isIP(host) === 6 ? `[${host}]` : host}:${this.port}${this.#settings.path}`;
  }

  get connections(): number {
    return this.#limits.connections;
  }

  get streams(): number {
    return this.#limits.streams;
  }

  async listen(): Promise<void> {
    this.#http.on("request", (request, response) => this.#onRequest(request, response));
    this.#http.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once("error", reject);
    this.#http.listen({ host: this.#settings.host, port: this.#settings.port, exclusive: true }, resolve);
    await promise;
    this.#http.removeListener("error", reject);
    this.#http.on("error", (error) => this.#log({ event: "error", detail: error.message }));
    this.#address = this.#http.address() as AddressInfo;
    this.#log({ event: "listening", url: this.url });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  kill(): void {
    this.#isStopping = true;
    for (const connection of this.#connections.keys()) connection.terminate();
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.stop();
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    this.#log({ event: "stopping", streams: this.streams, connections: this.connections });
    const closed = Promise.withResolvers<void>();
    this.#http.close(() => closed.resolve());
    this.#http.closeIdleConnections();
    for (const connection of this.#connections.keys()) connection.stop(false);
    const force = setTimeout(() => {
      for (const connection of this.#connections.keys()) connection.stop(true);
    }, this.#settings.stopTimeoutSeconds * 1000);
    // A client that does not answer the closing handshake gets a second more.
    const kill = setTimeout(() => this.kill(), this.#settings.stopTimeoutSeconds * 1000 + 1000);
    await closed.promise;
    await Promise.all(this.#connections.values());
    clearTimeout(force);
    clearTimeout(kill);
    this.#log({ event: "stopped" });
  }

  #onRequest(request: http.IncomingMessage, response: http.ServerResponse): void {
    const path = pathOf(request);
    if (path === "/healthz" && (request.method === "GET" || request.method === "HEAD")) {
      const body = {
        status: this.#isStopping ? "stopping" : "ok",
        connections: this.connections,
        streams: this.streams,
      };
      response.writeHead(this.#isStopping ? 503 : 200, {
        "content-type": "application/json",
        "cache-control": "no-store",
      });
      response.end(JSON.stringify(body));
      return;
    }
    const isGateway = path === this.#settings.path;
    response.writeHead(isGateway ? 426 : 404, {
      "content-type": "text/plain",
      ...(isGateway && { upgrade: "websocket" }),
    });
    response.end(isGateway ? "This is a Wisp gateway: connect with a WebSocket.\n" : "Not found.\n");
  }

  #onUpgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (pathOf(request) !== this.#settings.path || this.#isStopping) {
      socket.end(
        `HTTP/1.1 ${this.#isStopping ? "503 Service Unavailable" : "404 Not Found"}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    const client = this.#clientAddress(request);
    const { origin } = request.headers;
    const refusal = this.#policy.refuseOrigin(origin, this.#ownOrigins());
    const full = refusal === undefined ? this.#limits.enterConnection(client) : undefined;
    // A page can't see the status of a refused upgrade, only a closed WebSocket's reason. So a refusal is told by that.
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (refusal !== undefined || full !== undefined) {
        this.#log({ event: "client-refused", client, origin, detail: refusal ?? full });
        webSocket.on("error", () => {});
        webSocket.close(refusal === undefined ? 1013 : 1008, refusal ?? full);
        return;
      }
      void this.#serve(webSocket, request, client);
    });
    // handleUpgrade answers a malformed upgrade by itself and never calls back; then the place is given back here.
    if (refusal === undefined && full === undefined)
      socket.once("close", () => this.#limits.leaveConnection(client));
  }

  async #serve(webSocket: WebSocket, request: http.IncomingMessage, client: string): Promise<void> {
    const version = request.headers["sec-websocket-protocol"] === undefined ? 1 : 2;
    webSocket.binaryType = "arraybuffer";
    // The close event follows; there is nothing to do but not to crash.
    webSocket.on("error", () => {});
    const connection = new GatewayConnection(webSocket, version, client, this.#context);
    const closed = Promise.withResolvers<void>();
    this.#connections.set(connection, closed.promise);
    const identity = { connection: connection.conn_id, client };
    this.#log({ event: "client-open", ...identity, origin: request.headers.origin, wisp: version });
    webSocket.once("close", (code) => {
      this.#connections.delete(connection);
      void connection.cleanup();
      this.#log({ event: "client-close", ...identity, code });
      closed.resolve();
    });
    try {
      await connection.setup();
      await connection.run();
    } catch {
      webSocket.close(1002, "the Wisp handshake failed");
    }
  }

  /** The peer's address, or what a trusted proxy says of it: the last hop that is not itself a trusted proxy. */
  #clientAddress(request: http.IncomingMessage): string {
    const peer = plainAddress(request.socket.remoteAddress ?? "");
    if (!this.#isTrusted(peer)) return peer;
    const header = request.headers[this.#settings.realIpHeader.toLowerCase()];
    const hops = (Array.isArray(header) ? header.join(",") : (header ?? ""))
      .split(",")
      .map((hop) => plainAddress(hop.trim()));
    return hops.findLast((hop) => isIP(hop) !== 0 && !this.#isTrusted(hop)) ?? peer;
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trustedProxies.check(address, family === 4 ? "ipv4" : "ipv6");
  }

  #ownOrigins(): string[] {
    return [`${this.#scheme("http")}://${isIP(this.host) === 6 ? `[${this.host}]` : this.host}:${this.port}`];
  }

  #scheme(base: "ws" | "http"): string {
    return this.#settings.tlsCert === "" ? base : `${base}s`;
  }
}

function createHttpServer(settings: GatewaySettings): http.Server {
  const timeouts = { headersTimeout: settings.handshakeTimeoutSeconds * 1000, maxHeaderSize: 16_384 };
  if (settings.tlsCert === "") return http.createServer(timeouts);
  return https.createServer({
    ...timeouts,
    cert: readPem("tlsCert", settings.tlsCert),
    key: readPem("tlsKey", settings.tlsKey),
  });
}

function readPem(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SettingError(`"${setting}": ${(error as Error).message}`);
  }
}

function pathOf(request: http.IncomingMessage): string {
  return (request.url ?? "/").replace(/[?#].*$/, "");
}

/** An IPv4 client of a dual-stack server is written as IPv4. */
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith("::ffff:") && isIP(address.slice(7)) === 4
    ? address.slice(7)
    : address;
}
