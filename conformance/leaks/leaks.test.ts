import { expect, test } from "vitest";
import { startHeaps } from "./heaps.ts";

/** How many handshakes are measured; those of the warm-up come before. */
const HANDSHAKES = 5000;
const BLOCKS = 5;
/** Fill what stays for good: imported modules, parsed roots, OpenSSL's tables, free lists, interned names. */
const WARM_UP_ROUNDS = 12;
/** Python's own caches move a little. One object, left behind by one kind of handshake in each round, would be hundreds. */
const OBJECTS_SLACK = 50;
const ALLOCATED_SLACK_BYTES = 16 * 1024;
/** A context left behind in each round would be more. V8's heap is not that exact: its own code and caches are in there. */
const JAVASCRIPT_SLACK_BYTES = 3 * 1024 * 1024;

const DEADLINE_MS = 20 * 60_000;

test(
  `${HANDSHAKES} handshakes of every kind, both sides in one interpreter, leave nothing behind`,
  async () => {
    const { run, read, close } = await startHeaps();
    // Twice: the first reading fills what readings need themselves, and starts to count Python's bytes.
    await run(`handshakes.run_rounds(${WARM_UP_ROUNDS / 2})`);
    await read();
    await run(`handshakes.run_rounds(${WARM_UP_ROUNDS / 2})`);
    const before = await read();
    const perRound = before.handshakes / WARM_UP_ROUNDS;
    const rounds = Math.ceil(HANDSHAKES / BLOCKS / perRound);
    let after = before;
    for (let block = 0; block < BLOCKS; block++) {
      await run(`handshakes.run_rounds(${rounds})`);
      after = await read();
    }

    expect(after.handshakes - before.handshakes).toBeGreaterThanOrEqual(HANDSHAKES);
    expect(after.live).toEqual(before.live);
    expect(after.live).toMatchObject({
      contexts: 0,
      connections: 0,
      bios: 0,
      sessions: 0,
      sockets: 0,
      waits: 0,
    });
    expect(after.python.threads).toBe(before.python.threads);
    expect(after.python.objects - before.python.objects).toBeLessThan(OBJECTS_SLACK);
    expect(after.python.allocated - before.python.allocated).toBeLessThan(ALLOCATED_SLACK_BYTES);
    expect(after.pythonMemoryBytes).toBe(before.pythonMemoryBytes);
    expect(after.javascriptBytes - before.javascriptBytes).toBeLessThan(JAVASCRIPT_SLACK_BYTES);
    close();
  },
  DEADLINE_MS,
);
