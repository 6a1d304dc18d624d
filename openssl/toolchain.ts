/** The compiler and what it is told everywhere: Debian's clang with wasi-libc. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the C that is ours. */
export const GLUE: string = join(import.meta.dirname, "glue");

/** clang brings wasm-ld along; `llvm-ar` and `llvm-ranlib` are named in wasi.conf. */
export const COMPILER = "clang-19";

/**
 * wasi-libc keeps back what WASI lacks, and has stand-ins for those who say that they know. OpenSSL wants signal()
 * (around terminal prompts), clock() and getpid() (as additional input of the random generator).
 */
export const EMULATIONS = ["SIGNAL", "PROCESS_CLOCKS", "GETPID"] as const;

/** How OpenSSL's C is compiled, but for the files in hot.ts. */
export const SMALL: readonly string[] = ["-Oz"];

/** How our own C is. Only simd/ has -msimd128: clang's automatic vectorisation makes OpenSSL's C slower (ChaCha20 by almost half). */
export const OPTIMISATION: readonly string[] = ["-O3"];

/** Flags with which anything is compiled. */
export const TARGET_FLAGS: readonly string[] = [
  "--target=wasm32-wasi",
  ...EMULATIONS.map((name) => `-D_WASI_EMULATED_${name}`),
];

const LIBC = "/usr/lib/wasm32-wasi/libc.a";
const BUILTINS = "/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a";

/** Debian packages that the build needs, each with a program or file that shows it is there. */
const NEEDED: readonly (readonly [packageName: string, sign: string])[] = [
  ["clang-19", "clang-19"],
  ["lld-19", "wasm-ld-19"],
  ["llvm-19", "llvm-ar-19"],
  ["wasi-libc", LIBC],
  ["libclang-rt-19-dev-wasm32", BUILTINS],
  ["perl", "perl"],
  ["make", "make"],
];

/** Packages that are missing on this machine. */
export function missingPackages(): string[] {
  const isThere = (sign: string): boolean =>
    sign.startsWith("/") ? existsSync(sign) : spawnSync(sign, ["--version"]).error === undefined;
  return NEEDED.filter(([, sign]) => !isThere(sign)).map(([name]) => name);
}

/** What made the result: another version of any of these may make other bytes. */
export function toolchain(): Record<string, string> {
  const hashOf = (path: string): string =>
    createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
  const firstLine = (program: string): string =>
    spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0] ?? "";
  return {
    clang: firstLine(COMPILER),
    linker: firstLine("wasm-ld-19"),
    libc: `sha256 ${hashOf(LIBC)}`,
    builtins: `sha256 ${hashOf(BUILTINS)}`,
  };
}
