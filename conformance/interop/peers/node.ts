/** Node's `tls`, in the process that runs the matrix; Python is in a worker thread. */
import { constants } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { digestOf, PEER_HELLO, pattern, type Report, type Settings } from "../settings.ts";
import type { InteropPeer, PeerServer } from "./peer.ts";

/** Reads lines, lengths and the rest from a socket. */
class Reader {
  readonly #socket: TLSSocket;
  #buffer: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #isOver = false;
  #failure: Error | undefined;
  #wake = (): void => {};

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    socket.on("error", (error) => this.#end(error));
  }

  #end(failure?: Error): void {
    this.#isOver = true;
    this.#failure ??= failure;
    this.#wake();
  }

  async #more(): Promise<boolean> {
    while (this.#chunks.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#buffer = Buffer.concat([this.#buffer, ...this.#chunks]);
    this.#chunks = [];
    return true;
  }

  async take(byteLength: number): Promise<Buffer> {
    const parts = [this.#buffer];
    let have = this.#buffer.length;
    while (have < byteLength) {
      this.#buffer = Buffer.alloc(0);
      if (!(await this.#more())) throw new Error(`the other side ended after ${have} of ${byteLength} bytes`);
      parts.push(this.#buffer);
      have += this.#buffer.length;
    }
    const all = Buffer.concat(parts);
    this.#buffer = all.subarray(byteLength);
    return all.subarray(0, byteLength);
  }

  async line(): Promise<string> {
    while (!this.#buffer.includes(10)) {
      if (!(await this.#more())) throw new Error("the other side ended before a line did");
    }
    return (await this.take(this.#buffer.indexOf(10) + 1)).toString();
  }

  async rest(): Promise<Buffer> {
    while (await this.#more());
    return this.#buffer;
  }
}

/** What is said over the connection; the answer goes into the report. */
async function converse(socket: TLSSocket, settings: Settings): Promise<Partial<Report>> {
  const { exchange, side } = settings;
  const reader = new Reader(socket);
  switch (exchange.kind) {
    case "hello": {
      if (side === "client") {
        socket.write(PEER_HELLO);
        const line = await reader.line();
        socket.end();
        await reader.rest();
        return { line };
      }
      const line = await reader.line();
      socket.write(PEER_HELLO);
      await reader.rest();
      return { line };
    }
    case "large": {
      if (side === "client") socket.write(pattern(exchange.byteLength));
      const received = digestOf(await reader.take(exchange.byteLength));
      if (side === "server") socket.write(pattern(exchange.byteLength));
      else socket.end();
      await reader.rest();
      return { received };
    }
    case "half-close": {
      if (exchange.by === side) {
        socket.end(PEER_HELLO);
        return { received: digestOf(await reader.rest()) };
      }
      const line = (await reader.rest()).toString();
      const finished = once(socket, "finish");
      socket.end(pattern(exchange.byteLength));
      await finished;
      return { line };
    }
    case "key-update":
      throw new Error("Node has no key update");
  }
}

function tlsOptions(settings: Settings): TlsOptions & ConnectionOptions {
  const { leaf, psk, trust } = settings;
  const version = `TLSv${settings.version}` as const;
  const key = psk === null ? undefined : Buffer.from(psk.key, "hex");
  return {
    minVersion: version,
    maxVersion: version,
    allowHalfOpen: true,
    ...(trust === null ? {} : { ca: readFileSync(trust) }),
    ...(leaf === null ? {} : { cert: readFileSync(leaf.chain), key: readFileSync(leaf.key) }),
    ...(settings.alpn.length === 0 ? {} : { ALPNProtocols: [...settings.alpn] }),
    ...(settings.group === null ? {} : { ecdhCurve: settings.group }),
    ...(settings.tickets ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    ...(psk === null || key === undefined
      ? {}
      : {
          ciphers: settings.version === "1.2" ? "PSK" : "TLS_AES_128_GCM_SHA256",
          checkServerIdentity: () => undefined,
          pskCallback:
            settings.side === "client"
              ? () => ({ psk: key, identity: psk.identity })
              : (_: unknown, identity: string) => (identity === psk.identity ? key : null),
        }),
  } as unknown as TlsOptions & ConnectionOptions;
}

function facts(socket: TLSSocket): Partial<Report> {
  const peer = socket.getPeerCertificate();
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().name,
    reused: socket.isSessionReused(),
    alpn: socket.alpnProtocol === false ? null : socket.alpnProtocol,
    peer: (peer?.subject?.CN as string | undefined) ?? null,
  };
}

const textOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return `${code ?? ""} ${message}`;
};

async function serve(settings: Settings): Promise<PeerServer> {
  const sessions = new Map<string, Buffer>();
  const open = new Set<TLSSocket>();
  const reports: Report[] = [];
  const all = Promise.withResolvers<void>();
  const done = (report: Report): void => {
    if (reports.push(report) === settings.connections) all.resolve();
  };
  const server = createServer({
    ...tlsOptions(settings),
    requestCert: settings.clientCertificate,
    rejectUnauthorized: true,
  } as TlsOptions);
  if (!settings.tickets) {
    server.on("newSession", (id: Buffer, data: Buffer, callback: () => void) => {
      sessions.set(id.toString("hex"), data);
      callback();
    });
    server.on("resumeSession", (id: Buffer, callback: (error: null, data: Buffer | null) => void) => {
      callback(null, sessions.get(id.toString("hex")) ?? null);
    });
  }
  server.on("tlsClientError", (error) => done({ error: textOf(error) }));
  server.on("secureConnection", (socket) => {
    open.add(socket);
    const seen = facts(socket);
    converse(socket, settings).then(
      (said) => {
        done({ error: null, ...seen, ...said });
        socket.end();
      },
      (error: unknown) => {
        done({ error: textOf(error), ...seen });
        socket.destroy();
      },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    finished: async () => {
      await all.promise;
      return reports;
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function connectOnce(
  settings: Settings,
  session: Buffer | undefined,
): Promise<[Report, Buffer | undefined]> {
  const { psk, serverName, port } = settings;
  const socket = connect({
    ...tlsOptions(settings),
    host: "127.0.0.1",
    port,
    ...(psk === null ? { servername: serverName } : {}),
    ...(session === undefined ? {} : { session }),
  });
  let latest: Buffer | undefined;
  socket.on("session", (data: Buffer) => {
    latest = data;
  });
  let seen: Partial<Report> = {};
  try {
    await once(socket, "secureConnect");
    seen = facts(socket);
    return [{ error: null, ...seen, ...(await converse(socket, settings)) }, latest];
  } catch (error) {
    return [{ error: textOf(error), ...seen }, undefined];
  } finally {
    socket.destroy();
  }
}

async function connectAll(settings: Settings): Promise<Report[]> {
  const reports: Report[] = [];
  let session: Buffer | undefined;
  for (let number = 0; number < settings.connections; number++) {
    const [report, latest] = await connectOnce(settings, session);
    reports.push(report);
    session = latest;
  }
  return reports;
}

const NO_ALERT = "Node looks at the certificate after the handshake, and closes without an alert";

export const node: InteropPeer = {
  name: "node",
  title: "Node.js",
  protocol: "raw",
  version: async () => process.versions.node,
  serve,
  connect: connectAll,
  lacks: { "key-update": "Node's tls has no key update that a program can start" },
  differs: {
    "client-certificate-wrong-1.2 server": { ours: /EOF/, theirs: /ECONNRESET/, why: NO_ALERT },
    "client-certificate-wrong-1.3 server": {
      ours: /EOF|ConnectionReset/,
      theirs: /ECONNRESET/,
      why: NO_ALERT,
    },
    "untrusted-1.2 client": { ours: /EOF/, why: NO_ALERT },
    "untrusted-1.3 client": { ours: /EOF/, why: NO_ALERT },
    "other-name-1.2 client": { ours: /EOF/, why: NO_ALERT },
    "other-name-1.3 client": { ours: /EOF/, why: NO_ALERT },
  },
};
