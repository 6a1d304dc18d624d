import { expect, test } from "vitest";
import { InterruptFlag } from "./interrupt-flag.ts";

function bothSides(): { owner: InterruptFlag; worker: InterruptFlag } {
  const buffer = new SharedArrayBuffer(1);
  return { owner: new InterruptFlag(buffer), worker: new InterruptFlag(buffer) };
}

test("a signal that Pyodide has read is gone once it clears it", () => {
  const { owner, worker } = bothSides();
  owner.raise();
  expect(worker[0]).toBe(2);
  worker[0] = 0;
  expect(worker[0]).toBe(0);
  expect(worker.take()).toBe(false);
});

test("a signal that arrives between Pyodide's reading and its clearing is kept", () => {
  const { owner, worker } = bothSides();
  expect(worker[0]).toBe(0);
  owner.raise();
  worker[0] = 0;
  expect(worker[0]).toBe(2);
});

test("a signal can be taken once", () => {
  const { owner, worker } = bothSides();
  owner.raise();
  expect(worker.take()).toBe(true);
  expect(worker.take()).toBe(false);
  expect(worker[0]).toBe(0);
});

test("a masked signal is not shown, and not lost, until JavaScript had its turn", async () => {
  const { owner, worker } = bothSides();
  worker.maskUntilTurn();
  owner.raise();
  expect(worker[0]).toBe(0);
  worker[0] = 0;
  await Promise.resolve();
  expect(worker[0]).toBe(2);
});

test("that Pyodide has read a signal is told, and not that it found or was shown none", async () => {
  const buffer = new SharedArrayBuffer(1);
  let reads = 0;
  const worker = new InterruptFlag(buffer, () => reads++);
  expect([worker[0], reads]).toEqual([0, 0]);
  worker.raise();
  worker.maskUntilTurn();
  expect([worker[0], reads]).toEqual([0, 0]);
  await Promise.resolve();
  expect([worker[0], reads]).toEqual([2, 1]);
});
