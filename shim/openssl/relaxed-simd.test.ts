import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileOpenSsl } from "./index.ts";
import { hasRelaxedSimd, RELAXED_SWIZZLE, relax, relaxing, replaceAll, SWIZZLE } from "./relaxed-simd.ts";

const wasm = new Uint8Array(readFileSync(new URL("../../openssl/openssl.wasm", import.meta.url)));

function relaxed(): Uint8Array {
  const copy = wasm.slice();
  relax(copy);
  return copy;
}

describe("openssl.wasm with relaxed SIMD", () => {
  test("differs from the file in the numbers of its swizzles, and in nothing else", () => {
    const back = relaxed();
    expect(Buffer.from(back).equals(wasm)).toBe(false);
    expect(replaceAll(back, RELAXED_SWIZZLE, SWIZZLE)).toBeGreaterThan(100);
    expect(Buffer.from(back).equals(wasm)).toBe(true);
  });

  test("is the same when it arrives in pieces, wherever they end", async () => {
    for (const size of [1, 2, 3, 1_000, 65_536]) {
      const bytes = wasm.slice(0, size * 3_000);
      bytes.set(SWIZZLE, 1_000);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      const arriving = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(chunk);
          controller.close();
        },
      });
      const arrived = await new Response(arriving.pipeThrough(relaxing())).bytes();
      relax(bytes);
      expect(Buffer.from(arrived).equals(bytes), `pieces of ${size}`).toBe(true);
    }
  });

  test("compiles where the engine has it, and the file itself in every engine with SIMD", async () => {
    const names = async (isRelaxed: boolean): Promise<string[]> =>
      WebAssembly.Module.exports(await compileOpenSsl(wasm, { isRelaxed })).map(({ name }) => name);
    expect(hasRelaxedSimd()).toBe(WebAssembly.validate(relaxed() as Uint8Array<ArrayBuffer>));
    expect(await names(hasRelaxedSimd())).toEqual(await names(false));
  });
});
