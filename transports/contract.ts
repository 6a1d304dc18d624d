/** One suite for every transport: what a {@link Transport} promises, tried against real peers: the machine's TCP, or loopback's. */
import { once } from "node:events";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ByteStream, Transport, TransportErrorCode } from "./stream.ts";
import {
  closedPort as closedPortOf,
  eventually,
  hearAll,
  opened,
  type Peer,
  pattern,
  readAll,
  readExactly,
  type StartPeer,
  sha256,
  startEcho as startEchoOf,
  startPeer as startTcpPeer,
  until,
  withDeadline,
  writeAll,
} from "./test-peers.ts";

const MIB = 1024 * 1024;

export interface Subject extends AsyncDisposable {
  readonly transport: Transport;
  /** Starts peers where the transport reaches them. Default: the machine's TCP. */
  readonly startPeer?: StartPeer;
}

/** What differs between transports by nature. */
export interface Traits {
  /** `shutdownWrite` reaches the peer, and the peer's end leaves our sending side open. */
  readonly halfCloses: boolean;
  /** A connection is made in the call, or is refused in it. */
  readonly connectsAtOnce?: boolean;
  /** A reset by the peer is told from an orderly end. */
  readonly tellsResets: boolean;
  /** What was written before `close` reaches the peer. Wisp's CLOSE is immediate: other gateways drop what they hold. */
  readonly deliversAfterClose: boolean;
  /** The errno of a refused connection and of an unknown name; other people's gateways blur them. */
  readonly refused: TransportErrorCode;
  readonly unknownName: TransportErrorCode;
  /** The documented bound on received, unread bytes of one stream. */
  readonly unreadBound: number;
}

/** What a transport can't do by nature is no test of it, so nothing is reported as skipped. */
function onlyIf(condition: boolean, title: string, test: () => Promise<void>): void {
  if (condition) it(title, test);
}

/** Registers the suite. `start` is called once, `traits` say what the transport can. */
export function describeTransport(title: string, traits: Traits, start: () => Promise<Subject>): void {
  describe(title, () => {
    let subject: Subject;
    const connect = (port: number): ByteStream => subject.transport.connect("127.0.0.1", port);
    const startPeer: StartPeer = (onSocket) => (subject.startPeer ?? startTcpPeer)(onSocket);
    const startEcho = (): Promise<Peer> => startEchoOf(startPeer);
    const closedPort = (): Promise<number> => closedPortOf(startPeer);

    beforeAll(async () => {
      subject = await start();
    });
    afterAll(async () => {
      await subject[Symbol.asyncDispose]();
    });

    it("carries bytes both ways intact, however they are cut", async () => {
      await using echo = await startEcho();
      const cuts = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(cuts, fc.integer({ min: 1, max: 70_000 }), async (lengths, readLength) => {
          const stream = await opened(connect(echo.port));
          const bytes = pattern(lengths.reduce((sum, length) => sum + length, 0));
          const received = readExactly(stream, bytes.length, readLength);
          let offset = 0;
          for (const length of lengths) {
            await writeAll(stream, bytes.subarray(offset, offset + length));
            offset += length;
          }
          expect(sha256(await received)).toBe(sha256(bytes));
          stream.close();
        }),
        { numRuns: 12 },
      );
    });

    it("is not disturbed when the caller reuses the memory it wrote from", async () => {
      await using echo = await startEcho();
      const stream = await opened(connect(echo.port));
      const memory = new Uint8Array(300_000).fill(7);
      let accepted = 0;
      accepted += stream.write(memory);
      memory.fill(9);
      const received = await readExactly(stream, accepted);
      expect(received.every((byte) => byte === 7)).toBe(true);
      stream.close();
    });

    it("gives what the peer sent before it ended, and then EOF at every call", async () => {
      await using peer = await startPeer((socket) => socket.end("last words"));
      const stream = connect(peer.port);
      expect((await readAll(stream)).toString()).toBe("last words");
      expect(stream.read(10)).toBe("eof");
      expect(stream.isReadable).toBe(true);
      stream.close();
    });

    it("gives back bytes that were put back, before the others", async () => {
      await using peer = await startPeer((socket) => socket.end("abcdef"));
      const stream = connect(peer.port);
      const head = await readExactly(stream, 4);
      stream.unread(head);
      expect(stream.readableLength).toBeGreaterThanOrEqual(4);
      expect((await readAll(stream, 3)).toString()).toBe("abcdef");
      stream.close();
    });

    it("says that nothing is there without waiting", async () => {
      await using peer = await startPeer();
      const stream = connect(peer.port);
      if (!traits.connectsAtOnce) {
        expect(stream.state).toBe("connecting");
        expect(stream.isReadable).toBe(false);
        expect(stream.isWritable).toBe(false);
        expect(stream.read(1)).toBe("would-block");
        expect(() => stream.write(Uint8Array.of(1))).toThrowError(
          expect.objectContaining({ code: "ENOTCONN" }),
        );
      }
      await opened(stream);
      expect(stream.read(1)).toBe("would-block");
      expect(stream.isWritable).toBe(true);
      stream.close();
    });

    onlyIf(traits.halfCloses, "sends on after the peer's end, and receives after its own", async () => {
      await using peer = await startPeer();
      const stream = await opened(connect(peer.port));
      const socket = await peer.next();
      socket.end("I say no more");
      expect((await readAll(stream)).toString()).toBe("I say no more");
      await writeAll(stream, Buffer.from("but I do"));
      stream.shutdownWrite();
      const heard = await hearAll(socket);
      expect(heard.toString()).toBe("but I do");

      const second = await opened(connect(peer.port));
      const secondSocket = await peer.next();
      await writeAll(second, Buffer.from("question"));
      second.shutdownWrite();
      const question = await hearAll(secondSocket);
      secondSocket.end(`answer to ${question.toString()}`);
      expect((await readAll(second)).toString()).toBe("answer to question");
      await until(second, () => second.state === "closed", "the end of both sides");
    });

    it("refuses to write after shutdownWrite", async () => {
      await using echo = await startEcho();
      const stream = await opened(connect(echo.port));
      stream.shutdownWrite();
      stream.shutdownWrite();
      expect(stream.isWritable).toBe(true);
      expect(() => stream.write(Uint8Array.of(1))).toThrowError(expect.objectContaining({ code: "EPIPE" }));
      stream.close();
    });

    onlyIf(traits.tellsResets, "gives what came before a reset, and then ECONNRESET", async () => {
      await using peer = await startPeer();
      const stream = await opened(connect(peer.port));
      const socket = await peer.next();
      socket.write("before");
      await until(stream, () => stream.readableLength === 6, "the bytes");
      socket.resetAndDestroy();
      await until(stream, () => stream.state === "closed", "the reset");
      expect(stream.error?.code).toBe("ECONNRESET");
      expect(Buffer.from(stream.read(100) as Uint8Array).toString()).toBe("before");
      expect(() => stream.read(1)).toThrowError(expect.objectContaining({ code: "ECONNRESET" }));
      expect(() => stream.write(Uint8Array.of(1))).toThrowError(
        expect.objectContaining({ code: "ECONNRESET" }),
      );
    });

    it("says that a connection was refused", async () => {
      const stream = connect(await closedPort());
      await until(stream, () => stream.error !== undefined, "the refusal");
      expect(stream.state).toBe("closed");
      expect(stream.error?.code).toBe(traits.refused);
      expect(stream.error?.message).toContain("127.0.0.1");
      expect(() => stream.read(1)).toThrowError(expect.objectContaining({ code: traits.refused }));
    });

    it("says that a name is unknown", async () => {
      const stream = subject.transport.connect("nonexistent.invalid", 443);
      await until(stream, () => stream.error !== undefined, "the failure");
      expect(stream.error?.code).toBe(traits.unknownName);
      expect(stream.error?.message).toContain("nonexistent.invalid");
    });

    it("answers numeric addresses by themselves", async () => {
      expect(await subject.transport.lookup("192.0.2.7", 0)).toEqual([{ family: 4, host: "192.0.2.7" }]);
      expect(await subject.transport.lookup("::1", 6)).toEqual([{ family: 6, host: "::1" }]);
      const wrongFamily = subject.transport.lookup("::1", 4);
      await expect(wrongFamily).rejects.toMatchObject({
        name: "TransportError",
        code: expect.stringMatching(/^EAI_/) as string,
      });
    });

    it("fails without throwing on what can't be connected to", () => {
      expect(subject.transport.connect("127.0.0.1", 70_000).error?.code).toBe("EINVAL");
    });

    it("accepts no more bytes than fit when the peer does not read, and delivers all of them when it does", async () => {
      await using peer = await startPeer((socket) => socket.pause());
      const stream = await opened(connect(peer.port));
      const socket = await peer.next();
      const block = pattern(MIB);
      const sent: Uint8Array[] = [];
      let total = 0;
      // Full means: no room although everything that was going to move has moved.
      for (let idleTurns = 0; idleTurns < 20; ) {
        const accepted = stream.write(block);
        if (accepted > 0) sent.push(block.subarray(0, accepted));
        idleTurns = accepted > 0 ? 0 : idleTurns + 1;
        total += accepted;
        expect(total, "bytes accepted by a peer that does not read").toBeLessThan(64 * MIB);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(stream.isWritable).toBe(false);
      const received: Buffer[] = [];
      let missing = total;
      const complete = Promise.withResolvers<void>();
      socket.on("data", (chunk: Buffer) => {
        received.push(chunk);
        missing -= chunk.length;
        if (missing <= 0) complete.resolve();
      });
      socket.resume();
      await until(stream, () => stream.isWritable, "room after the peer read");
      await withDeadline(complete.promise, "everything that was accepted");
      expect(sha256(Buffer.concat(received))).toBe(sha256(Buffer.concat(sent)));
      stream.close();
    });

    it("holds no more unread bytes than documented, and loses none of 64 MB", async () => {
      const bytes = pattern(64_000_000);
      await using peer = await startPeer((socket) => socket.end(bytes));
      await using echo = await startEcho();
      const stream = connect(peer.port);
      const other = await opened(connect(echo.port));
      const full = Math.min(traits.unreadBound, bytes.length) / 2;
      await until(stream, () => stream.readableLength >= full, "a filled buffer");
      // More would arrive while others are served, were it not held back.
      for (let round = 0; round < 50; round++) {
        await writeAll(other, Buffer.from("ping"));
        await readExactly(other, 4);
        expect(stream.readableLength).toBeLessThanOrEqual(traits.unreadBound);
      }
      expect(sha256(await readAll(stream))).toBe(sha256(bytes));
      stream.close();
      other.close();
    });

    it("sends what was queued when it is closed, and can be closed and aborted again", async () => {
      await using peer = await startPeer();
      const stream = await opened(connect(peer.port));
      const socket = await peer.next();
      const bytes = pattern(400_000);
      expect(stream.write(bytes)).toBe(bytes.length);
      stream.close();
      stream.close();
      expect(stream.state).toBe("closed");
      expect(() => stream.read(1)).toThrowError(expect.objectContaining({ code: "EBADF" }));
      expect(() => stream.write(bytes)).toThrowError(expect.objectContaining({ code: "EBADF" }));
      const heard = await hearAll(socket);
      if (traits.deliversAfterClose) expect(sha256(heard)).toBe(sha256(bytes));
      stream.abort();
      stream.abort();
      stream.close();
    });

    onlyIf(traits.tellsResets, "resets the connection on abort", async () => {
      await using peer = await startPeer();
      const stream = await opened(connect(peer.port));
      const socket = await peer.next();
      socket.resume();
      const failed = once(socket, "error");
      stream.abort();
      const [error] = (await withDeadline(failed, "the reset")) as [NodeJS.ErrnoException];
      expect(error.code).toBe("ECONNRESET");
    });

    it("tells subscribers of changes until they unsubscribe", async () => {
      await using peer = await startPeer();
      const stream = connect(peer.port);
      let calls = 0;
      const unsubscribe = stream.subscribe(() => calls++);
      await opened(stream);
      if (!traits.connectsAtOnce) expect(calls).toBeGreaterThan(0);
      (await peer.next()).write("x");
      await until(stream, () => stream.isReadable, "the first byte");
      expect(calls).toBeGreaterThan(0);
      unsubscribe();
      const before = calls;
      peer.sockets[0]?.write("y");
      await until(stream, () => stream.readableLength === 2, "the second byte");
      expect(calls).toBe(before);
      stream.close();
    });

    onlyIf(!traits.connectsAtOnce, "can be closed while it connects", async () => {
      await using peer = await startPeer();
      for (const end of ["close", "abort", "shutdownWrite"] as const) {
        const stream = connect(peer.port);
        stream[end]();
        expect(stream.state).toBe("closed");
      }
    });

    it("leaves nothing behind after 200 connections one after another", async () => {
      await using echo = await startEcho();
      for (let round = 0; round < 200; round++) {
        const stream = await opened(connect(echo.port));
        await writeAll(stream, Uint8Array.of(round));
        expect((await readExactly(stream, 1))[0]).toBe(round);
        stream.close();
      }
      await eventually(
        () => echo.sockets.every((socket) => socket.destroyed),
        "the peer's sockets to be over",
      );
    });
  });
}
