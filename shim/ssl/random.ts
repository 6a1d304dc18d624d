import { type OpenSsl, reasonText } from "../openssl/index.ts";
import { SslError } from "./failure.ts";

/** `count` bytes of OpenSSL's generator. @cpython _ssl.RAND_bytes */
export function randBytes(openssl: OpenSsl, count: number): Uint8Array<ArrayBuffer> {
  const { fn, memory } = openssl;
  if (count < 0) throw SslError.of("ValueError", "num must be positive");
  using scope = memory.scope();
  const buffer = scope.alloc(count);
  if (fn.RAND_bytes(buffer, count) === 1) {
    const bytes = memory.copyOut(buffer, count);
    fn.OPENSSL_cleanse(buffer, count);
    return bytes;
  }
  const code = fn.ERR_get_error() >>> 0;
  const message = reasonText(code) ?? "None";
  throw new SslError({ kind: "SSLError", code, message });
}

/** Mixes bytes into the generator. `entropy` counts the bytes of it. @cpython _ssl.RAND_add */
export function randAdd(openssl: OpenSsl, bytes: Uint8Array, entropy: number): void {
  using scope = openssl.memory.scope();
  openssl.fn.RAND_add(scope.copyIn(bytes), bytes.length, entropy);
}

/** Whether the generator is seeded. @cpython _ssl.RAND_status */
export function randStatus(openssl: OpenSsl): boolean {
  return openssl.fn.RAND_status() === 1;
}
