/** Compiles simd/: the ciphers that take the place of OpenSSL's own C. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { RELAXED_SWIZZLE, relax, replaceAll, SWIZZLE } from "../shim/openssl/relaxed-simd.ts";
import { COMPILER, OPTIMISATION, TARGET_FLAGS } from "./toolchain.ts";

/** The folder of the ciphers. */
const SIMD: string = join(import.meta.dirname, "simd");

/** OpenSSL's own switches for "somebody else has these functions"; other functions are replaced by their names alone. */
export const SIMD_DEFINES: readonly string[] = ["-DAES_CTR_ASM", "-DGHASH_ASM", "-DPOLY1305_ASM"];

/** How simd/ is compiled, besides what everything is compiled with. {@link withoutRelaxedSimd} takes the relaxed instructions out. */
export const SIMD_FLAGS: readonly string[] = ["-msimd128", "-mrelaxed-simd", "-DOPENSSL_SUPPRESS_DEPRECATED"];

/** Headers that OpenSSL's own files use. */
const INCLUDES = [
  "include",
  ".",
  "providers/implementations/include",
  "providers/common/include",
  "providers/implementations/ciphers",
];

/** The flags with which our C finds them. Warnings about them are not ours. */
export const internalHeaders = (source: string): string[] =>
  INCLUDES.flatMap((path) => ["-isystem", join(source, path)]);

/** Runs a command in a folder. */
export type Run = (folder: string, program: string, parameters: readonly string[]) => Promise<void>;

/** Compiles every C file of a folder of ours against a built OpenSSL; answers the names of the object files in `folder`. */
export async function compileFolder(
  from: string,
  flags: readonly string[],
  source: string,
  folder: string,
  run: Run,
): Promise<string[]> {
  const units = readdirSync(from)
    .filter((name) => name.endsWith(".c"))
    .sort();
  const objects = units.map((unit) => `${basename(from)}-${unit}.o`);
  const all = [...TARGET_FLAGS, ...flags, "-Wall", "-Werror", ...internalHeaders(source)];
  for (const [index, unit] of units.entries())
    await run(from, COMPILER, [...all, "-c", unit, "-o", join(folder, objects[index] ?? "")]);
  return objects;
}

/** Compiles simd/. */
export const compileSimd = (source: string, folder: string, run: Run): Promise<string[]> =>
  compileFolder(SIMD, [...OPTIMISATION, ...SIMD_FLAGS, "-Wextra"], source, folder, run);

/**
 * Makes of the linked wasm the one for every engine: each relaxed swizzle becomes a plain one, in the long form that `relax()` finds
 * again. A disassembler counts them, so that no other bytes are taken for one.
 * @throws {Error} where that does not hold
 */
export function withoutRelaxedSimd(path: string): Uint8Array<ArrayBuffer> {
  const linked = readFileSync(path);
  const wasm = new Uint8Array(linked);
  const count = replaceAll(wasm, RELAXED_SWIZZLE, SWIZZLE);
  writeFileSync(path, wasm);
  const { stdout } = spawnSync("llvm-objdump-19", ["-d", "--no-show-raw-insn", path], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const swizzles = stdout.match(/\bi8x16\.swizzle\b/g)?.length ?? 0;
  if (stdout.includes("<unknown>")) throw new Error("simd/ may use no relaxed instruction but swizzle");
  if (count === 0 || count !== swizzles)
    throw new Error(`${count} places were taken for relaxed swizzles, and ${swizzles} are`);
  const again = wasm.slice();
  relax(again);
  if (!linked.equals(again)) throw new Error("a place looks like one of these swizzles and is none");
  return wasm;
}
