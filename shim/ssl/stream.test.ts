import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./bench.fixture.ts";
import type { SslContext, SslFailure } from "./index.ts";
import { carry, connected, pair, pump, shakeHands } from "./tls-pair.fixture.ts";

let bench: Bench;
let client: SslContext;
let server: SslContext;
beforeAll(async () => {
  bench = await openBench();
  client = bench.clientContext();
  server = bench.serverContext();
});

/** The next of a stream without an end. */
const next = (numbers: Iterator<number, number>): number => numbers.next().value;

const EOF_TEXT = "EOF occurred in violation of protocol";

describe("the end of a stream", () => {
  it("is an empty read after the peer's close_notify, again at every read", () => {
    using both = connected(client, server);
    expect(both.server.shutdown()).toBe("want-read");
    pump(both);
    expect(both.client.read(10)).toEqual(new Uint8Array(0));
    expect(both.client.readInto(new Uint8Array(10))).toBe(0);
  });

  it("is complete when both have sent close_notify", () => {
    using both = connected(client, server);
    expect(both.client.shutdown()).toBe("want-read");
    pump(both);
    expect(both.server.read(10)).toEqual(new Uint8Array(0));
    expect(both.server.shutdown()).toBeUndefined();
    pump(both);
    expect(both.client.shutdown()).toBeUndefined();
  });

  it("is SSLZeroReturnError after one's own close_notify, and writing fails", () => {
    using both = connected(client, server);
    both.client.shutdown();
    pump(both);
    both.server.read(1);
    both.server.shutdown();
    pump(both);
    both.client.shutdown();
    expect(both.client.read(1)).toEqual({
      kind: "SSLZeroReturnError",
      code: 6,
      message: "TLS/SSL connection has been closed (EOF) (_ssl.c:2768)",
      library: null,
      reason: null,
    });
    expect(both.client.write(new Uint8Array(1))).toMatchObject({
      kind: "SSLError",
      message: "[SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown (_ssl.c:2606)",
    });
  });

  it("is SSLEOFError without close_notify, once from OpenSSL and then from CPython's memory of it", () => {
    using both = connected(client, server);
    expect(carry(both, "server", "abc")).toBe("abc");
    both.client.receiveEof();
    expect(both.client.read(10)).toEqual({
      kind: "SSLEOFError",
      code: 8,
      message: `[SSL: UNEXPECTED_EOF_WHILE_READING] ${EOF_TEXT} (_ssl.c:2768)`,
      library: "SSL",
      reason: "UNEXPECTED_EOF_WHILE_READING",
    });
    const after = {
      kind: "SSLEOFError",
      code: 8,
      message: `${EOF_TEXT} (_ssl.c:680)`,
      library: null,
      reason: null,
    };
    expect(both.client.read(10)).toEqual(after);
    expect(both.client.write(new Uint8Array(1))).toEqual(after);
    expect(both.client.doHandshake()).toEqual(after);
    expect(both.client.shutdown()).toMatchObject({ reason: "SHUTDOWN_WHILE_IN_INIT" });
  });

  it("is SSLEOFError in the middle of a handshake", () => {
    using both = pair(client, server);
    expect(both.client.doHandshake()).toBe("want-read");
    both.client.receiveEof();
    expect(both.client.doHandshake()).toMatchObject({
      kind: "SSLEOFError",
      message: `[SSL: UNEXPECTED_EOF_WHILE_READING] ${EOF_TEXT} (_ssl.c:1127)`,
    });
  });

  it("is SSLEOFError in the middle of a record", () => {
    using both = connected(client, server);
    both.server.write(new TextEncoder().encode("abc"));
    both.client.receive(both.server.takeOutgoing().subarray(0, 9));
    both.client.receiveEof();
    expect(both.client.read(10)).toMatchObject({ kind: "SSLEOFError" });
  });

  it("is SSLEOFError at the second attempt after a failed verification", () => {
    using stranger = bench.engine.newContext(16);
    using both = pair(stranger, server);
    expect(shakeHands(both).client).toMatchObject({ kind: "SSLCertVerificationError" });
    expect(both.client.doHandshake()).toMatchObject({
      kind: "SSLEOFError",
      message: `${EOF_TEXT} (_ssl.c:1127)`,
    });
    expect(both.client.doHandshake()).toMatchObject({
      kind: "SSLEOFError",
      message: `${EOF_TEXT} (_ssl.c:680)`,
    });
  });

  it("is an empty read without close_notify under OP_IGNORE_UNEXPECTED_EOF", () => {
    using lenient = bench.clientContext();
    lenient.options |= 128n;
    using both = connected(lenient, server);
    both.client.receiveEof();
    expect(both.client.read(10)).toEqual(new Uint8Array(0));
  });

  it("comes after the bytes before it", () => {
    using both = connected(client, server);
    both.server.write(new TextEncoder().encode("abc"));
    both.server.write(new TextEncoder().encode("def"));
    pump(both);
    both.client.receiveEof();
    expect(both.client.read(2)).toEqual(new TextEncoder().encode("ab"));
    expect(both.client.pending()).toBe(1);
    expect(both.client.read(10)).toEqual(new TextEncoder().encode("c"));
    expect(both.client.read(10)).toEqual(new TextEncoder().encode("def"));
    expect(both.client.read(10)).toMatchObject({ kind: "SSLEOFError" });
  });
});

describe("the bytes of a stream", () => {
  it("refuses a record that was changed on the way", () => {
    using both = connected(client, server);
    pump(both);
    both.server.write(new TextEncoder().encode("hello"));
    const record = both.server.takeOutgoing();
    record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
    both.client.receive(record);
    // OpenSSL 3.5 and 3.6 report different layers of the same failure.
    expect((both.client.read(10) as SslFailure).reason).toMatch(/BAD_RECORD_MAC|RECORD_LAYER_FAILURE/);
  });

  it("has the exception of a want ready for who may not wait", () => {
    using both = connected(client, server);
    pump(both);
    expect(both.client.read(1)).toBe("want-read");
    expect(both.client.wantFailure("want-read", "read")).toEqual({
      kind: "SSLWantReadError",
      code: 2,
      message: "The operation did not complete (read) (_ssl.c:2768)",
      library: null,
      reason: null,
    });
  });

  it("gives nothing for a size of 0 and takes nothing for no bytes", () => {
    using both = connected(client, server);
    expect(both.client.read(0)).toEqual(new Uint8Array(0));
    expect(both.client.write(new Uint8Array(0))).toBe(0);
  });

  it("cuts large writes into records, as one SSL_write does", () => {
    using both = connected(client, server);
    pump(both);
    const data = crypto.getRandomValues(new Uint8Array(50_000));
    expect(both.client.write(data)).toBe(50_000);
    const records: number[] = [];
    const ciphertext = both.client.takeOutgoing();
    for (let at = 0; at < ciphertext.length; ) {
      const length = ((ciphertext[at + 3] ?? 0) << 8) | (ciphertext[at + 4] ?? 0);
      records.push(length);
      at += 5 + length;
    }
    // Plaintext, one byte of content type, 16 of tag.
    expect(records).toEqual([16384 + 17, 16384 + 17, 16384 + 17, (50_000 % 16384) + 17]);
  });

  it("offers outgoing bytes until the sink is full, then the rest", () => {
    using both = connected(client, server);
    pump(both);
    both.client.write(new Uint8Array(1000));
    const length = both.client.outgoingLength;
    const chunks: Uint8Array[] = [];
    const isGone = both.client.drainOutgoing((bytes) => {
      chunks.push(bytes.slice(0, 100));
      return 100;
    });
    expect(isGone).toBe(false);
    expect(both.client.outgoingLength).toBe(length - 100);
    expect(both.client.drainOutgoing((bytes) => chunks.push(bytes.slice()) && bytes.length)).toBe(true);
    for (const chunk of chunks) both.server.receive(chunk);
    expect(both.server.readInto(new Uint8Array(2000))).toBe(1000);
  });

  it("arrives whole however the wire cuts it, in both versions", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x303, 0x304),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), { maxLength: 3 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5000 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 20_000 })),
        (version, writes, cuts, reads) => {
          using ours = bench.clientContext();
          ours.minimumVersion = ours.maximumVersion = version;
          using both = pair(ours, server);
          const received: Uint8Array[] = [];
          let isDone = false;
          const step = () => {
            const results = [both.client.doHandshake(), both.server.doHandshake()];
            expect(results.filter((result) => typeof result === "object")).toEqual([]);
            isDone = results.every((result) => result === undefined);
          };
          const move = (from: "client" | "server") => {
            const to = from === "client" ? both.server : both.client;
            const bytes = both[from].takeOutgoing();
            for (let at = 0; at < bytes.length; ) {
              const size = next(cuts);
              to.receive(bytes.subarray(at, at + size));
              at += size;
              if (!isDone) step();
              else if (from === "client") drain();
            }
          };
          const drain = () => {
            for (;;) {
              const bytes = both.server.read(next(reads));
              if (!(bytes instanceof Uint8Array)) {
                expect(bytes).toBe("want-read");
                return;
              }
              received.push(bytes);
            }
          };
          step();
          while (!isDone) {
            move("client");
            move("server");
          }
          for (const data of writes) {
            expect(both.client.write(data)).toBe(data.length);
            move("client");
          }
          expect(Buffer.concat(received).equals(Buffer.concat(writes))).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("runs over the program's own BIOs", () => {
    using toServer = bench.engine.newMemoryBio();
    using toClient = bench.engine.newMemoryBio();
    using one = client.wrapBio(toClient, toServer, { serverSide: false, serverHostname: "localhost" });
    using other = server.wrapBio(toServer, toClient, { serverSide: true });
    expect(one.doHandshake()).toBe("want-read");
    expect(other.doHandshake()).toBe("want-read");
    expect(one.doHandshake()).toBeUndefined();
    expect(other.doHandshake()).toBeUndefined();
    expect(other.write(new TextEncoder().encode("hi"))).toBe(2);
    expect(toClient.pending).toBeGreaterThan(0);
    expect(one.read(10)).toEqual(new TextEncoder().encode("hi"));
    toClient.writeEof();
    expect(one.read(10)).toMatchObject({ kind: "SSLEOFError" });
  });
});

describe("a memory BIO", () => {
  it("gives bytes in order, and tells its end only when empty", () => {
    using bio = bench.engine.newMemoryBio();
    expect(bio.read()).toEqual(new Uint8Array(0));
    expect(bio.eof).toBe(false);
    expect(bio.write(new TextEncoder().encode("abc"))).toBe(3);
    expect(bio.write(new Uint8Array(0))).toBe(0);
    expect(bio.read(2)).toEqual(new TextEncoder().encode("ab"));
    expect(bio.pending).toBe(1);
    bio.writeEof();
    expect(bio.eof).toBe(false);
    expect(bio.read(-1)).toEqual(new TextEncoder().encode("c"));
    expect(bio.eof).toBe(true);
    expect(() => bio.write(new Uint8Array(1))).toThrow("cannot write() after write_eof()");
  });
});
