/** Getting `openssl.wasm` compiled, for an engine with relaxed SIMD or without. */
import { hasRelaxedSimd, relax, relaxing } from "./relaxed-simd.ts";

/** Where the wasm comes from: an address to fetch, a response on its way, or the bytes. */
export type OpenSslSource = string | URL | Response | PromiseLike<Response> | BufferSource;

/** How it is compiled. */
export interface CompileOptions {
  /** Whether to use relaxed SIMD. Default: where the engine has it. */
  readonly isRelaxed?: boolean;
}

/**
 * Compiles `openssl.wasm`, while it is still arriving where that is possible. The module can be used for any number of
 * instances, and be posted to workers.
 * @throws {Error} when the address answers with a failure, or with something that is no WebAssembly
 */
export async function compileOpenSsl(
  source: OpenSslSource,
  { isRelaxed = hasRelaxedSimd() }: CompileOptions = {},
): Promise<WebAssembly.Module> {
  if (source instanceof ArrayBuffer) return WebAssembly.compile(prepared(new Uint8Array(source), isRelaxed));
  if (ArrayBuffer.isView(source)) return WebAssembly.compile(prepared(bytesOf(source), isRelaxed));
  const response = await (typeof source === "string" || source instanceof URL ? fetch(source) : source);
  if (!response.ok) {
    throw new Error(`openssl.wasm could not be fetched from ${response.url}: HTTP status ${response.status}`);
  }
  // Servers that do not know .wasm send another type, with which streaming compilation is refused.
  const isTyped = response.headers.get("content-type")?.startsWith("application/wasm") === true;
  if (!isTyped || response.body === null) {
    return WebAssembly.compile(prepared(new Uint8Array(await response.arrayBuffer()), isRelaxed));
  }
  if (!isRelaxed) return WebAssembly.compileStreaming(response);
  const headers = { "content-type": "application/wasm" };
  return WebAssembly.compileStreaming(new Response(response.body.pipeThrough(relaxing()), { headers }));
}

/** The same at once, which keeps the thread until it is done. */
export function compileOpenSslNow(wasm: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  return new WebAssembly.Module(prepared(wasm, hasRelaxedSimd()));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** What to compile; the caller's bytes stay as they are. */
function prepared(wasm: Uint8Array<ArrayBuffer>, isRelaxed: boolean): Uint8Array<ArrayBuffer> {
  if (!isRelaxed) return wasm;
  const relaxed = wasm.slice();
  relax(relaxed);
  return relaxed;
}
