/** Compiles tables/, and takes out of the wasm the table that its C computes at the start. */
import { join } from "node:path";
import { MemoryFiles, OpenSsl, type Ptr } from "../shim/openssl/index.ts";
import { compileFolder, type Run } from "./simd-build.ts";
import { GLUE, SMALL } from "./toolchain.ts";

const TABLES: string = join(import.meta.dirname, "tables");

/** Functions before whose first call a table is filled. */
export const TABLES_FLAGS: readonly string[] = [
  "-Wl,--wrap=ossl_curve448_precomputed_scalarmul",
  "-Wl,--wrap=ossl_curve448_base_double_scalarmul_non_secret",
];

/** Compiles tables/. */
export const compileTables = (source: string, folder: string, run: Run): Promise<string[]> =>
  compileFolder(TABLES, [...SMALL, "-DNDEBUG", "-include", join(GLUE, "raise.h")], source, folder, run);

/**
 * Puts zeros in the place of Curve25519's table. What is taken out is what is computed at the start, byte for byte: it is looked
 * for in the file, and seen again in the memory of a start without it.
 * @param map the linker's
 * @throws {Error} when what is computed is not OpenSSL's table
 */
export function withoutTables(wasm: Uint8Array<ArrayBuffer>, map: string): Uint8Array<ArrayBuffer> {
  const [, address = "", size = ""] =
    /^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +\S+:\(\.rodata\.k25519Precomp\)$/m.exec(map) ?? [];
  const tableAfterStart = (bytes: Uint8Array<ArrayBuffer>): Buffer => {
    const host = { files: new MemoryFiles(), env: () => undefined };
    const { memory } = OpenSsl.instantiate(new WebAssembly.Module(bytes), host);
    return Buffer.from(
      memory.copyOut(Number.parseInt(address, 16) as Ptr<"char">, Number.parseInt(size, 16)),
    );
  };
  const table = tableAfterStart(wasm);
  const place = Buffer.from(wasm).indexOf(table);
  const result = wasm.slice();
  result.fill(0, place, place + table.length);
  if (place < 0 || !tableAfterStart(result).equals(table))
    throw new Error("tables/curve25519.c computes another table than OpenSSL's");
  return result;
}
