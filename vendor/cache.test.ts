import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CACHE, publish, withCacheLock } from "./cache.ts";

let folder: string;
beforeEach(() => {
  mkdirSync(CACHE, { recursive: true });
  folder = mkdtempSync(join(CACHE, ".test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a place that is filled without failure replaces what was there", async () => {
  const place = join(folder, "below", "file");
  await publish(place, (temporary) => writeFileSync(temporary, "one"));
  await publish(place, (temporary) => writeFileSync(temporary, "two"));
  expect(readFileSync(place, "utf8")).toBe("two");
});

test("a failure on the way leaves what was there", async () => {
  const place = join(folder, "file");
  await publish(place, (temporary) => writeFileSync(temporary, "one"));
  const failing = publish(place, (temporary) => {
    writeFileSync(temporary, "half of tw");
    throw new Error("connection lost");
  });
  await expect(failing).rejects.toThrow("connection lost");
  expect(readFileSync(place, "utf8")).toBe("one");
});

test("scratch that a killed run has left is removed by the next one, and scratch in use is not", async () => {
  const [old, current] = [".tmp-of-a-killed-run", ".tmp-of-this-run"].map((name) => join(CACHE, name));
  for (const scratch of [old, current]) mkdirSync(join(String(scratch), "inside"), { recursive: true });
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  utimesSync(String(old), yesterday, yesterday);
  await withCacheLock(
    () => {},
    async () => {},
  );
  expect([old, current].map((scratch) => existsSync(String(scratch)))).toEqual([false, true]);
  rmSync(String(current), { recursive: true });
});

test("of two that want the lock, one works after the other", async () => {
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} ends`);
  };
  await Promise.all([withCacheLock(() => {}, work("one")), withCacheLock(() => {}, work("two"))]);
  expect(order).toEqual(["one begins", "one ends", "two begins", "two ends"]);
});

test("a lock whose process is gone holds nobody up", async () => {
  await withCacheLock(
    () => {},
    async () => {},
  );
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  const lock = join(CACHE, ".lock");
  if (!existsSync(lock)) writeFileSync(lock, String(pid));
  expect(
    await withCacheLock(
      () => {},
      async () => "done",
    ),
  ).toBe("done");
});
