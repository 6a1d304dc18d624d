/** A running OpenSSL for tests: the committed wasm, compiled once for each file, and files in memory. */
import { readFileSync } from "node:fs";
import { compileOpenSsl, MemoryFiles, OpenSsl, type OpenSslHost } from "./index.ts";

const wasm = new URL("../../openssl/openssl.wasm", import.meta.url);

/** The compiled module. */
export const module: WebAssembly.Module = await compileOpenSsl(readFileSync(wasm));

/** What a test looks at. */
export interface Instance {
  readonly openssl: OpenSsl;
  readonly files: MemoryFiles;
  readonly environment: Map<string, string>;
}

/** Starts an instance with the given files. */
export function start(
  contents: Readonly<Record<string, string | Uint8Array>> = {},
  overrides: Partial<OpenSslHost> = {},
): Instance {
  const files = new MemoryFiles(contents);
  const environment = new Map<string, string>();
  const host = { files, env: (name: string) => environment.get(name), ...overrides };
  return { openssl: OpenSsl.instantiate(module, host), files, environment };
}
