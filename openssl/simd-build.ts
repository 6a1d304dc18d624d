/** Compiles simd/: the ciphers that take the place of OpenSSL's own C. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { COMPILER, OPTIMISATION, TARGET_FLAGS } from "./toolchain.ts";

/** The folder of the ciphers. */
const SIMD: string = join(import.meta.dirname, "simd");

/** OpenSSL's own switches for "somebody else has these functions"; other functions are replaced by their names alone. */
export const SIMD_DEFINES: readonly string[] = ["-DAES_CTR_ASM", "-DGHASH_ASM", "-DPOLY1305_ASM"];

/** How simd/ is compiled, besides what everything is compiled with. */
export const SIMD_FLAGS: readonly string[] = ["-msimd128", "-DOPENSSL_SUPPRESS_DEPRECATED"];

/** Headers of OpenSSL's that its own ciphers use. */
const INCLUDES = [
  "include",
  ".",
  "providers/implementations/include",
  "providers/common/include",
  "providers/implementations/ciphers",
];

/** Runs a command in a folder. */
type Run = (folder: string, program: string, parameters: readonly string[]) => Promise<void>;

/** Compiles all of simd/ against a built OpenSSL; answers the names of the object files in `folder`. */
export async function compileSimd(source: string, folder: string, run: Run): Promise<string[]> {
  const units = readdirSync(SIMD)
    .filter((name) => name.endsWith(".c"))
    .sort();
  const flags = [...TARGET_FLAGS, ...OPTIMISATION, ...SIMD_FLAGS, "-Wall", "-Wextra", "-Werror"];
  const includes = INCLUDES.flatMap((path) => ["-isystem", join(source, path)]);
  for (const unit of units)
    await run(SIMD, COMPILER, [...flags, ...includes, "-c", unit, "-o", join(folder, `simd-${unit}.o`)]);
  return units.map((unit) => `simd-${unit}.o`);
}
