/** memcpy() and memset() of simd/memory.c, through functions of OpenSSL's that call them. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileOpenSsl, MemoryFiles, OpenSsl, type Ptr } from "../../shim/openssl/index.ts";
import { Stream } from "./oracle.fixture.ts";

const WASM = process.env["OPENSSL_WASM"] ?? new URL("../openssl.wasm", import.meta.url);
const module = await compileOpenSsl(readFileSync(WASM));
const openssl = OpenSsl.instantiate(module, { files: new MemoryFiles(), env: () => undefined });
const { fn, memory } = openssl;

/** Through every way that the code can take: single bytes, two ends that overlap, steps of 16 and of 64. */
const LENGTHS = [...Array.from({ length: 260 }, (_, length) => length), 1_023, 4_096, 16_401];
const MARGIN = 64;

test.each(LENGTHS.filter((length) => length > 0))(
  "%i bytes are copied, from and to any address, and no more",
  (length) => {
    const random = new Stream(length);
    using scope = memory.scope();
    const from = scope.alloc(length + 16);
    const to = scope.alloc(length + 16 + 2 * MARGIN);
    for (let offset = 0; offset < 16; offset++) {
      const bytes = random.bytes(length);
      using bio = openssl.own(fn.BIO_new(fn.BIO_s_mem()), fn.BIO_free);
      const source = (from + offset) as Ptr<"char">;
      memory.copyIn(source, bytes);
      expect(fn.BIO_write(bio.ptr, source, length)).toBe(length);
      const around = new Uint8Array(length + 16 + 2 * MARGIN).fill(0xa5);
      memory.copyIn(to, around);
      const start = MARGIN + ((5 * offset) % 16);
      expect(fn.BIO_read(bio.ptr, (to + start) as Ptr<"char">, length)).toBe(length);
      around.set(bytes, start);
      expect(memory.copyOut(to, around.length)).toEqual(around);
    }
  },
);

test.each(LENGTHS)("%i bytes are overwritten with zeros, at any address, and no more", (length) => {
  using scope = memory.scope();
  const to = scope.alloc(length + 16 + 2 * MARGIN);
  for (let offset = 0; offset < 16; offset++) {
    const around = new Uint8Array(length + 16 + 2 * MARGIN).fill(0xa5);
    memory.copyIn(to, around);
    fn.OPENSSL_cleanse((to + MARGIN + offset) as Ptr<"char">, length);
    around.fill(0, MARGIN + offset, MARGIN + offset + length);
    expect(memory.copyOut(to, around.length)).toEqual(around);
  }
});
