/**
 * `openssl.wasm` in two ways, from one file. Our ciphers look up sixteen bytes at once, by `i8x16.swizzle`; engines with relaxed SIMD
 * have a second instruction for it that is one of the processor's own on x86, too, and the same otherwise, for the indices
 * that our ciphers use (`openssl/simd/vector.h`). In the file the first one's number is written in as many bytes as the
 * second's takes, so that one can be put for the other. docs/decisions/0013-relaxed-simd.md
 */

/** The two instructions: the prefix of SIMD, and a number in LEB128. */
export const SWIZZLE: readonly [number, number, number] = [0xfd, 0x8e, 0x00];
export const RELAXED_SWIZZLE: typeof SWIZZLE = [0xfd, 0x80, 0x02];

/** A module with one function: `v128 i8x16.relaxed_swizzle(splat(0), splat(0))`. */
// biome-ignore format: a section on each line
const PROBE = [
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 5, 1, 0x60, 0, 1, 0x7b,
  3, 2, 1, 0,
  10, 15, 1, 13, 0, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, ...RELAXED_SWIZZLE, 0x0b,
];

let isKnown: boolean | undefined;

/** Whether this engine has relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  isKnown ??= WebAssembly.validate(new Uint8Array(PROBE));
  return isKnown;
}

/** Puts `to` in the place of every `from`; how often. */
export function replaceAll(bytes: Uint8Array, from: typeof SWIZZLE, to: typeof SWIZZLE): number {
  let count = 0;
  for (let at = bytes.indexOf(from[0]); at >= 0; at = bytes.indexOf(from[0], at + 1)) {
    if (bytes[at + 1] !== from[1] || bytes[at + 2] !== from[2]) continue;
    bytes.set(to, at);
    count++;
  }
  return count;
}

/** Makes of `openssl.wasm` the one for engines with relaxed SIMD, in place. */
export function relax(wasm: Uint8Array): void {
  replaceAll(wasm, SWIZZLE, RELAXED_SWIZZLE);
}

/** The same while it arrives. The last two bytes wait for the next chunk: an instruction may begin with them. */
export function relaxing(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let held = new Uint8Array(0);
  return new TransformStream({
    transform(chunk, controller) {
      const bytes = new Uint8Array(held.length + chunk.length);
      bytes.set(held);
      bytes.set(chunk, held.length);
      relax(bytes);
      controller.enqueue(bytes.subarray(0, -2));
      held = bytes.slice(-2);
    },
    flush: (controller) => controller.enqueue(held),
  });
}
