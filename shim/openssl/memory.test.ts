import { describe, expect, test } from "vitest";
import { InvariantError, Owned, type Ptr } from "./index.ts";
import { start } from "./instance.fixture.ts";

describe("memory", () => {
  test("is read and written right after it has grown", () => {
    const { memory } = start().openssl;
    const early = memory.alloc(4);
    memory.copyIn(early, Uint8Array.of(1, 2, 3, 4));
    const before = memory.byteLength;
    const large = memory.alloc(8 << 20);
    expect(memory.byteLength).toBeGreaterThan(before);
    expect([...memory.copyOut(early, 4)]).toEqual([1, 2, 3, 4]);
    expect(memory.readU32(early)).toBe(0x0403_0201);
    const last = (large + (8 << 20) - 4) as Ptr<"char">;
    memory.writeU32(last, 0xffff_fff0);
    expect([memory.readU32(last), memory.readI32(last)]).toEqual([0xffff_fff0, -16]);
  });

  test("a copy taken before a growth keeps its bytes", () => {
    const { memory } = start().openssl;
    const place = memory.alloc(3);
    memory.copyIn(place, Uint8Array.of(7, 8, 9));
    const copy = memory.copyOut(place, 3);
    memory.alloc(8 << 20);
    expect([...copy]).toEqual([7, 8, 9]);
  });

  test("an address or length outside is refused instead of being cut", () => {
    const { memory } = start().openssl;
    expect(() => memory.copyOut((memory.byteLength - 2) as Ptr<"char">, 4)).toThrow(InvariantError);
    expect(() => memory.copyIn(0 as Ptr<"char">, Uint8Array.of(1))).toThrow(InvariantError);
    expect(() => memory.readCString(0 as Ptr<"char">)).toThrow(InvariantError);
  });

  test("when it is exhausted, a RangeError says how much was wanted", () => {
    const { openssl } = start();
    expect(() => openssl.memory.alloc(0x7000_0000)).toThrow(RangeError);
    expect(openssl.poison).toBeUndefined();
  });

  test("a scope frees everything when it ends, also by an exception", () => {
    const { openssl } = start();
    const before = openssl.liveAllocations();
    const failing = (): void =>
      openssl.memory.scoped((scope) => {
        scope.alloc(10);
        scope.cString("text");
        scope.secret(Uint8Array.of(1, 2, 3));
        throw new Error("on the way");
      });
    expect(failing).toThrow("on the way");
    expect(openssl.liveAllocations()).toBe(before);
  });

  test("a secret is zeroed before its memory is freed", () => {
    const { memory } = start().openssl;
    const secret = new Uint8Array(64).fill(0xaa);
    const place = memory.scoped((scope) => scope.secret(secret));
    // The allocator writes its lists into the first and last words of a free block; the middle is as it was left.
    expect([...memory.copyOut((place + 16) as Ptr<"char">, 32)]).toEqual([...new Uint8Array(32)]);
  });

  test("C strings keep every character and refuse a NUL within", () => {
    const { memory } = start().openssl;
    memory.scoped((scope) => {
      expect(memory.readCString(scope.cString("ünïcödé — 鍵"))).toBe("ünïcödé — 鍵");
      expect(memory.readCString(scope.cString(""))).toBe("");
      expect(() => scope.cString("a\0b")).toThrow(InvariantError);
    });
  });
});

describe("an owned value", () => {
  test("is freed once and can't be used afterwards", () => {
    const freed: number[] = [];
    const owned = new Owned(16 as Ptr<"BIO">, (ptr) => freed.push(ptr));
    expect(owned.ptr).toBe(16);
    owned[Symbol.dispose]();
    owned[Symbol.dispose]();
    expect(freed).toEqual([16]);
    expect(() => owned.ptr).toThrow(InvariantError);
  });

  test("that was given away is not freed", () => {
    const freed: number[] = [];
    const owned = new Owned(16 as Ptr<"BIO">, (ptr) => freed.push(ptr));
    expect(owned.release()).toBe(16);
    owned[Symbol.dispose]();
    expect(freed).toEqual([]);
    expect(() => owned.release()).toThrow(InvariantError);
  });

  test("can't be NULL", () => {
    expect(() => new Owned(0 as Ptr<"BIO">, () => undefined)).toThrow(InvariantError);
  });
});
