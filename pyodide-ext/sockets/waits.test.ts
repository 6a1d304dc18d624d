import { describe, expect, it } from "vitest";
import { createStreamPair, type LoopbackStream } from "../../transports/loopback-stream.ts";
import { POLLHUP, POLLIN, POLLNVAL, POLLOUT, pollEvents } from "./readiness.ts";
import { SocketEntry, SocketTable } from "./socket-table.ts";
import { WAIT_INTERRUPTED, WAIT_READY, WAIT_TIMED_OUT, Waits } from "./waits.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;

interface Pair {
  readonly table: SocketTable;
  readonly waits: Waits;
  readonly fd: number;
  readonly entry: SocketEntry;
  readonly near: LoopbackStream;
  readonly far: LoopbackStream;
}

/** A socket on one end of a stream pair; the test holds the other. */
function socketWithPeer(): Pair {
  const address = (port: number) => ({ family: 4, host: "127.0.0.1", port }) as const;
  const [near, far] = createStreamPair(address(1), address(2));
  const table = new SocketTable();
  const entry = new SocketEntry(AF_INET, SOCK_STREAM, 0);
  entry.stream = near;
  return { table, waits: new Waits(table), fd: table.add(entry), entry, near, far };
}

const bytes = new Uint8Array([1, 2, 3]);

describe("Waits", () => {
  it("settles when bytes arrive", async () => {
    const { waits, fd, far } = socketWithPeer();
    const outcome = waits.wait([{ fd, events: POLLIN }], undefined);
    expect(waits.size).toBe(1);
    far.write(bytes);
    expect(await outcome).toBe(WAIT_READY);
    expect(waits.size).toBe(0);
  });

  it("settles at once when ready before it began", async () => {
    const { waits, fd, far } = socketWithPeer();
    far.write(bytes);
    const outcome = waits.wait([{ fd, events: POLLIN }], undefined);
    expect(waits.size).toBe(0);
    expect(await outcome).toBe(WAIT_READY);
  });

  it("settles when the time is over, also with nothing to wait for", async () => {
    const { waits, fd } = socketWithPeer();
    expect(await waits.wait([{ fd, events: POLLIN }], 1)).toBe(WAIT_TIMED_OUT);
    expect(await waits.wait([], 1)).toBe(WAIT_TIMED_OUT);
    expect(await waits.wait([{ fd, events: POLLIN }], 0)).toBe(WAIT_TIMED_OUT);
  });

  it("is over for who was late when the thread was kept busy, whatever comes afterwards", async () => {
    const { waits, fd, far } = socketWithPeer();
    const limited = waits.wait([{ fd, events: POLLIN }], 400);
    const unlimited = waits.wait([{ fd, events: POLLIN }], undefined);
    waits.expire();
    expect(waits.size).toBe(2);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 410);
    waits.expire();
    far.write(bytes);
    expect(await limited).toBe(WAIT_TIMED_OUT);
    expect(await unlimited).toBe(WAIT_READY);
  });

  it("waits for ever when the deadline is further than a timer reaches", async () => {
    const { waits, fd, far } = socketWithPeer();
    const outcome = waits.wait([{ fd, events: POLLIN }], 1e12);
    // A timer given more than 31 bits fires after 1 ms: let that pass before the bytes.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(waits.size).toBe(1);
    far.write(bytes);
    expect(await outcome).toBe(WAIT_READY);
  });

  it("is interrupted with all others, and so is the wait for a promise", async () => {
    const { waits, fd } = socketWithPeer();
    const outcomes = Promise.all([
      waits.wait([{ fd, events: POLLIN }], undefined),
      waits.wait([], undefined),
      waits.orInterrupt(new Promise<string>(() => {})),
    ]);
    expect(waits.interrupt()).toBe(3);
    expect(await outcomes).toEqual([WAIT_INTERRUPTED, WAIT_INTERRUPTED, WAIT_INTERRUPTED]);
    expect(waits.interrupt()).toBe(0);
  });

  it("can be given up by who watches, and leaves nothing; interrupts are not for it", async () => {
    const { waits, fd, far } = socketWithPeer();
    const [given, kept] = [waits.watch([{ fd, events: POLLIN }]), waits.watch([{ fd, events: POLLIN }])];
    waits.interrupt();
    given.cancel();
    expect(await given.settled).toBe(WAIT_INTERRUPTED);
    expect(waits.size).toBe(1);
    far.write(bytes);
    expect(await kept.settled).toBe(WAIT_READY);
    kept.cancel();
    expect(waits.size).toBe(0);
  });

  it("hands on what a promise gives when no interrupt comes", async () => {
    const { waits } = socketWithPeer();
    expect(await waits.orInterrupt(Promise.resolve("found"))).toBe("found");
    await expect(waits.orInterrupt(Promise.reject(new Error("lost")))).rejects.toThrow("lost");
    expect(waits.size).toBe(0);
  });

  it("settles when the socket is closed, and when it gets a stream that is ready", async () => {
    const { waits, fd, table, entry, near, far } = socketWithPeer();
    const closed = waits.wait([{ fd, events: POLLIN }], undefined);
    table.close(fd);
    expect(await closed).toBe(WAIT_READY);
    expect(entry.isReleased).toBe(true);
    expect(near.state).toBe("closed");
    expect(far.read(1)).toBe("eof");

    const unconnected = new SocketEntry(AF_INET, SOCK_STREAM, 0);
    const late = table.add(unconnected);
    const connected = waits.wait([{ fd: late, events: POLLIN }], undefined);
    const other = socketWithPeer();
    other.far.write(bytes);
    unconnected.stream = other.near;
    unconnected.changed();
    expect(await connected).toBe(WAIT_READY);
  });

  it("settles on bytes that the TLS driver holds", async () => {
    const { waits, fd, entry } = socketWithPeer();
    entry.hasHeldBytes = () => true;
    expect(await waits.wait([{ fd, events: POLLIN }], undefined)).toBe(WAIT_READY);
  });
});

describe("pollEvents", () => {
  it("follows a stream pair through its life", () => {
    const { entry, near, far } = socketWithPeer();
    const seen = (): [boolean, boolean, boolean] => {
      const events = pollEvents(entry);
      return [(events & POLLIN) !== 0, (events & POLLOUT) !== 0, (events & POLLHUP) !== 0];
    };
    expect(seen()).toEqual([false, true, false]);
    while (near.write(new Uint8Array(65536)) > 0);
    expect(seen()).toEqual([false, false, false]);
    far.read(65536);
    expect(seen()).toEqual([false, true, false]);
    far.shutdownWrite();
    expect(seen()).toEqual([true, true, false]);
    entry.isWriteShut = true;
    near.shutdownWrite();
    expect(seen()).toEqual([true, true, true]);
  });

  it("knows numbers that are not open and sockets that are not connected", () => {
    expect(pollEvents(undefined)).toBe(POLLNVAL);
    const fresh = pollEvents(new SocketEntry(AF_INET, SOCK_STREAM, 0));
    expect([fresh & POLLIN, fresh & POLLOUT, fresh & POLLHUP]).toEqual([0, POLLOUT, POLLHUP]);
  });
});
