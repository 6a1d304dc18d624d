import { expect, test } from "vitest";
import { HEADROOM, nextReadLength, ReadBuffers } from "./read-buffers.ts";

const KIB = 1024;

test("A stream that gets much reads into larger buffers, up to 256 KiB", () => {
  let length = nextReadLength(0, 0);
  const lengths = [length];
  for (let reads = 0; reads < 4; reads++) lengths.push((length = nextReadLength(length, length)));
  expect(lengths).toEqual([16, 64, 256, 256, 256].map((kib) => kib * KIB));
});

test("A stream that gets little goes back to small buffers", () => {
  expect(nextReadLength(256 * KIB, 100)).toBe(64 * KIB);
  expect(nextReadLength(64 * KIB, 100)).toBe(16 * KIB);
  expect(nextReadLength(16 * KIB, 100)).toBe(16 * KIB);
  expect(nextReadLength(256 * KIB, 200 * KIB)).toBe(256 * KIB);
});

test("A buffer that was given back is the next one of its size", () => {
  const buffers = new ReadBuffers();
  const first = buffers.take(16 * KIB);
  expect(first.length).toBe(16 * KIB + HEADROOM);
  expect(buffers.take(16 * KIB)).not.toBe(first);
  buffers.give(first);
  expect(buffers.take(64 * KIB)).not.toBe(first);
  expect(buffers.take(16 * KIB)).toBe(first);
});
