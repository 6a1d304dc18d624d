import { expect, test } from "vitest";
import { WorkerLostError } from "./errors.ts";
import { PendingCalls } from "./pending-calls.ts";

const LOST = new WorkerLostError("exited", "gone");

test("a call gives what it gives while the worker lives", async () => {
  const calls = new PendingCalls();
  await expect(calls.make(() => Promise.resolve(1))).resolves.toBe(1);
  await expect(calls.make(() => Promise.reject(new Error("its own")))).rejects.toThrow("its own");
});

test("every call in flight is rejected when the worker is lost", async () => {
  const calls = new PendingCalls();
  const never = () => new Promise<void>(() => undefined);
  const outcomes = Promise.allSettled([calls.make(never), calls.make(never)]);
  calls.lose(LOST);
  expect(await outcomes).toEqual([
    { status: "rejected", reason: LOST },
    { status: "rejected", reason: LOST },
  ]);
});

test("a later call is rejected without being made, with the first reason", async () => {
  const calls = new PendingCalls();
  calls.lose(LOST);
  calls.lose(new WorkerLostError("terminated", "too late"));
  let isMade = false;
  const call = calls.make(() => {
    isMade = true;
    return Promise.resolve();
  });
  await expect(call).rejects.toBe(LOST);
  expect(isMade).toBe(false);
});
