import { expect, it } from "vitest";
import { InvariantError } from "../shim/openssl/index.ts";
import type { MemoryBio, SslContext } from "../shim/ssl/index.ts";
import { Handles } from "./ssl-bridge-handles.ts";

/** Counts how often it was disposed of. */
class Thing implements Disposable {
  disposed = 0;

  [Symbol.dispose](): void {
    this.disposed++;
  }
}

it("finds a thing by its handle until it is freed, and disposes of it then", () => {
  const handles = new Handles();
  const thing = new Thing();
  const handle = handles.add("bio", thing as unknown as MemoryBio);
  expect(handles.get("bio", handle)).toBe(thing);
  handles.free(handle);
  expect(thing.disposed).toBe(1);
  expect(handles.size).toBe(0);
});

it("takes a stale handle, or one of another type, for a bug", () => {
  const handles = new Handles();
  const handle = handles.add("context", new Thing() as unknown as SslContext);
  expect(() => handles.get("bio", handle)).toThrowError(InvariantError);
  handles.free(handle);
  expect(() => handles.get("context", handle)).toThrowError(InvariantError);
  expect(() => handles.free(handle)).toThrowError(InvariantError);
});

it("never gives a number out twice", () => {
  const handles = new Handles();
  const given = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const handle = handles.add("bio", new Thing() as unknown as MemoryBio);
    given.add(handle);
    handles.free(handle);
  }
  expect(given.size).toBe(100);
});
