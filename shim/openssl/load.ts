/** Getting `openssl.wasm` compiled. */

/** Where the wasm comes from: an address to fetch, a response on its way, or the bytes. */
export type OpenSslSource = string | URL | Response | PromiseLike<Response> | BufferSource;

/**
 * Compiles `openssl.wasm`, while it is still arriving where that is possible. The module can be used for any number of
 * instances, and be posted to workers.
 * @throws {Error} when the address answers with a failure, or with something that is no WebAssembly
 */
export async function compileOpenSsl(source: OpenSslSource): Promise<WebAssembly.Module> {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = await (typeof source === "string" || source instanceof URL ? fetch(source) : source);
  if (!response.ok) {
    throw new Error(`openssl.wasm could not be fetched from ${response.url}: HTTP status ${response.status}`);
  }
  // Servers that do not know .wasm send another type, with which streaming compilation is refused.
  const isTyped = response.headers.get("content-type")?.startsWith("application/wasm") === true;
  if (isTyped) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
