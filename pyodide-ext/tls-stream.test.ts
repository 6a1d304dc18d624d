import { beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "../shim/ssl/bench.fixture.ts";
import { type CiphertextSource, type IoResult, MAX_LENT, type SslFailure } from "../shim/ssl/index.ts";
import { createStreamPair, LOOPBACK_BUFFER_SIZE } from "../transports/loopback-stream.ts";
import { type ConnectionEvent, ConnectionWatch } from "./connection-events.ts";
import { SocketEntry } from "./sockets/index.ts";
import { TlsStream, type TlsStreamObserver } from "./tls-stream.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

interface Ends extends Disposable {
  readonly client: TlsStream;
  readonly server: TlsStream;
}

function entryFor(stream: ReturnType<typeof createStreamPair>[0]): SocketEntry {
  const entry = new SocketEntry(2, 1, 0);
  entry.stream = stream;
  return entry;
}

/** A client and a server over two streams that are each other's far end. */
function ends(observer?: TlsStreamObserver, serverHostname = "localhost"): Ends {
  const [a, b] = createStreamPair(
    { family: 4, host: "127.0.0.1", port: 1 },
    { family: 4, host: "127.0.0.1", port: 2 },
  );
  const options = { isSystemTransport: true, observer };
  const clientContext = bench.clientContext();
  const serverContext = bench.serverContext();
  const client = new TlsStream(
    (source: CiphertextSource) => clientContext.wrapSocket({ serverSide: false, serverHostname, source }),
    entryFor(a),
    options,
  );
  const server = new TlsStream(
    (source: CiphertextSource) => serverContext.wrapSocket({ serverSide: true, source }),
    entryFor(b),
    { ...options, observer: undefined },
  );
  return {
    client,
    server,
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      server[Symbol.dispose]();
    },
  };
}

/** Repeats operations in turn until none of them wants anything; answers what they came to. */
function settle(...operations: (() => IoResult<undefined>)[]): (SslFailure | undefined)[] {
  const results: (IoResult<undefined> | "open")[] = operations.map(() => "open");
  for (let round = 0; round < 10; round++) {
    operations.forEach((operation, i) => {
      if (typeof results[i] === "string") results[i] = operation();
    });
  }
  return results.map((result) => {
    if (typeof result === "string") throw new Error(`an operation still wants: ${result}`);
    return result;
  });
}

function connected(observer?: TlsStreamObserver): Ends {
  const both = ends(observer);
  const results = settle(
    () => both.client.doHandshake(),
    () => both.server.doHandshake(),
  );
  expect(results).toEqual([undefined, undefined]);
  return both;
}

function text(result: IoResult<Uint8Array>): string {
  if (!(result instanceof Uint8Array)) throw new Error(`no bytes: ${JSON.stringify(result)}`);
  return new TextDecoder().decode(result);
}

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

describe("TlsStream", () => {
  it("shakes hands and carries bytes both ways, counting ciphertext", () => {
    using both = connected();
    expect(both.client.write(bytes("hello"))).toBe(5);
    expect(text(both.server.read(100))).toBe("hello");
    expect(both.server.write(bytes("world"))).toBe(5);
    expect(text(both.client.read(100))).toBe("world");
    expect(both.client.bytesOut).toBe(both.server.bytesIn);
    expect(both.client.bytesIn).toBe(both.server.bytesOut);
  });

  it("takes one record off the stream for a read that a record can fill, so that select sees the rest", () => {
    using both = connected();
    both.client.read(1);
    both.server.write(new Uint8Array(100_000));
    const stream = both.client.entry.stream;
    const waiting = stream?.readableLength ?? 0;
    expect(both.client.read(16384)).toHaveLength(16384);
    expect(waiting - (stream?.readableLength ?? 0)).toBe(5 + 16384 + 17);
  });

  it("gives a larger read the records at hand, and tells of the end behind them at the next one, and select before", () => {
    using both = connected();
    both.client.read(1);
    both.server.write(new Uint8Array(180_000));
    both.server.write(new Uint8Array(120_000));
    expect(both.client.read(400_000)).toHaveLength(MAX_LENT);
    both.server.write(bytes("the end"));
    both.server.shutdown();
    expect(both.client.read(400_000)).toHaveLength(300_007 - MAX_LENT);
    expect(both.client.entry.stream?.readableLength).toBe(0);
    expect(both.client.entry.hasHeldBytes?.()).toBe(true);
    expect(both.client.read(200_000)).toHaveLength(0);
    expect(both.client.entry.hasHeldBytes?.()).toBe(false);
  });

  it("gives what was read before a record that is wrong, and its failure at the next read", () => {
    using both = connected();
    both.client.read(1);
    both.server.write(bytes("right"));
    const record = new Uint8Array(60).fill(7);
    record.set([23, 3, 3, 0, 55]);
    both.server.entry.stream?.write(record);
    expect(text(both.client.read(100_000))).toBe("right");
    expect(both.client.entry.hasHeldBytes?.()).toBe(true);
    expect(both.client.read(100_000)).toMatchObject({
      kind: "SSLError",
      reason: "RECORD_LAYER_FAILURE",
    });
  });

  it("wants to write when the stream is full, and answers the write once its records are sent", () => {
    using both = connected();
    const piece = new Uint8Array(2 * LOOPBACK_BUFFER_SIZE).fill(7);
    expect(both.client.write(piece)).toBe("want-write");
    expect(both.client.write(piece)).toBe("want-write");
    let received = 0;
    const drain = (): void => {
      for (let got = both.server.read(65536); got instanceof Uint8Array; got = both.server.read(65536)) {
        expect(got.every((byte) => byte === 7)).toBe(true);
        received += got.length;
      }
    };
    drain();
    expect(both.client.write(piece)).toBe(piece.length);
    drain();
    expect(received).toBe(piece.length);
  });

  it("sends no more of a write that answered a want until it is repeated, so that the peer gets no byte more than was counted", () => {
    using both = connected();
    const piece = new Uint8Array(2 * LOOPBACK_BUFFER_SIZE);
    expect(both.client.write(piece)).toBe("want-write");
    const waiting = both.client.connection.outgoingLength;
    while (both.server.read(65536) instanceof Uint8Array);
    expect(both.client.connection.outgoingLength).toBe(waiting);
    expect(both.client.write(piece)).toBe(piece.length);
    expect(both.client.connection.outgoingLength).toBe(0);
  });

  it("sends a handshake's rest by itself when there is room again", () => {
    using both = ends();
    const { stream } = both.client.entry;
    while (stream?.isWritable) stream.write(new Uint8Array(65536));
    expect(both.client.doHandshake()).toBe("want-read");
    expect(both.client.connection.outgoingLength).toBeGreaterThan(0);
    both.server.entry.stream?.read(2 * LOOPBACK_BUFFER_SIZE);
    expect(both.client.connection.outgoingLength).toBe(0);
  });

  it("fails as natively when the peer's stream ends in the handshake, and after it", () => {
    using early = ends();
    early.client.doHandshake();
    // Read, as closing with unread bytes would reset the connection.
    early.server.entry.stream?.read(65536);
    early.server.entry.stream?.close();
    expect(early.client.doHandshake()).toMatchObject({
      kind: "SSLEOFError",
      message: expect.stringContaining("UNEXPECTED_EOF_WHILE_READING") as string,
    });
    using late = connected();
    late.client.read(1);
    late.server.entry.stream?.shutdownWrite();
    expect(late.client.read(1)).toMatchObject({ kind: "SSLEOFError" });
  });

  it("fails with the stream's errno when it is reset", () => {
    using both = connected();
    both.client.read(1);
    both.server.entry.stream?.abort();
    expect(both.client.read(1)).toMatchObject({ kind: "OSError", errno: "ECONNRESET" });
  });

  it("fails with EBADF once the socket was closed, and with EPIPE after shutdown(SHUT_WR)", () => {
    using both = connected();
    both.server.entry.isWriteShut = true;
    expect(both.server.write(bytes("x"))).toMatchObject({ kind: "OSError", errno: "EPIPE" });
    both.client.read(1);
    both.client.entry.release();
    expect(both.client.read(1)).toMatchObject({ kind: "OSError", errno: "EBADF" });
  });

  it("gives what follows TLS back to the stream", () => {
    using both = connected();
    expect(both.server.shutdown()).toBe("want-read");
    both.server.entry.stream?.write(bytes("plain"));
    expect(text(both.client.read(10))).toBe("");
    expect(settle(() => both.client.shutdown())).toEqual([undefined]);
    const rest = both.client.entry.stream?.read(100);
    expect(rest instanceof Uint8Array && new TextDecoder().decode(rest)).toBe("plain");
  });

  it("tells its observer of the handshake, of failures and of the end, once each", () => {
    const told: string[] = [];
    const observer: TlsStreamObserver = {
      handshaken: () => told.push("handshaken"),
      failed: (_stream, failure) => told.push(`failed ${failure.kind}`),
      paused: () => {},
      closed: () => told.push("closed"),
    };
    {
      using both = connected(observer);
      both.client.doHandshake();
      both.client.read(1);
      both.server.entry.stream?.shutdownWrite();
      both.client.read(1);
      both.client.entry.release();
    }
    expect(told).toEqual(["handshaken", "failed SSLEOFError", "closed"]);
  });
});

describe("ConnectionWatch", () => {
  it("tells of a connection from its opening to its end, with what was agreed and the verified chain", () => {
    const events: ConnectionEvent[] = [];
    const observer = new ConnectionWatch((event) => events.push(event)).observe();
    {
      using both = connected(observer);
      both.client.write(bytes("hello"));
      both.client.entry.release();
    }
    const open = events.find(({ state }) => state === "open");
    expect(open).toMatchObject({
      host: "localhost",
      port: 2,
      serverSide: false,
      error: undefined,
      tls: { version: "TLSv1.3", group: "X25519MLKEM768", isResumed: false, isVerified: true },
    });
    const chain = open?.tls?.chain ?? [];
    expect(chain.map(({ subject }) => subject.split(",")[0])).toEqual([
      "CN=localhost",
      expect.stringContaining("CN="),
      "CN=Test Root CA",
    ]);
    expect(chain[0]?.names).toContain("localhost");
    expect(chain[0]?.notAfter).toBeGreaterThan(chain[0]?.notBefore ?? Number.POSITIVE_INFINITY);
    const last = events.at(-1);
    expect(last?.state).toBe("closed");
    expect(last?.bytesOut).toBeGreaterThan(open?.bytesOut ?? 0);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  });

  it("shows the certificate that was refused, and why", () => {
    const events: ConnectionEvent[] = [];
    const observer = new ConnectionWatch((event) => events.push(event)).observe();
    using both = ends(observer, "elsewhere.example");
    both.client.doHandshake();
    both.server.doHandshake();
    both.client.doHandshake();
    expect(events.at(-1)).toMatchObject({
      state: "connecting",
      error: expect.stringContaining("Hostname mismatch") as string,
      tls: { isVerified: false },
    });
    expect(events.at(-1)?.tls?.chain[0]?.subject).toMatch(/^CN=localhost/);
  });
});
