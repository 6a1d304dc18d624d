/** The same ciphers by Node's own OpenSSL, which is assembly: what ours is compared with. And reproducible random bytes. */
import { createCipheriv, createHash } from "node:crypto";
import type { Job } from "./evp.fixture.ts";

/** Random-looking bytes that are the same in every run. */
export class Stream {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** A number from 0 to `below` - 1. */
  next(below: number): number {
    // xorshift32
    this.#seed ^= this.#seed << 13;
    this.#seed ^= this.#seed >>> 17;
    this.#seed ^= this.#seed << 5;
    return (this.#seed >>> 0) % below;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 64) {
      const block = createHash("sha512")
        .update(`${this.next(2 ** 31)}`)
        .digest();
      bytes.set(block.subarray(0, Math.min(64, length - at)), at);
    }
    return bytes;
  }
}

/** What ciphers need: the length of key and nonce, whether they authenticate, and whether they take whole blocks only. */
export interface Shape {
  readonly key: number;
  readonly iv: number;
  readonly isAead: boolean;
  readonly isBlocks: boolean;
}

/** The shape of a cipher with OpenSSL's name. */
export function shapeOf(cipher: string): Shape {
  const isAead = /GCM|CCM|Poly1305/.test(cipher);
  const iv = cipher.endsWith("ECB") ? 0 : isAead ? 12 : 16;
  const bits = /AES-(\d+)/.exec(cipher)?.[1];
  return { key: bits === undefined ? 32 : Number(bits) / 8, iv, isAead, isBlocks: /CBC|ECB/.test(cipher) };
}

/** What all of Node's authenticated ciphers have; its types tell them apart by their names. */
interface AeadCipher {
  setAAD(aad: Uint8Array, options: { plaintextLength: number }): void;
  getAuthTag(): Uint8Array;
}

/** Encrypts by Node. */
export function encryptByNode(job: Job): { text: Uint8Array; tag: Uint8Array } {
  const { isAead } = shapeOf(job.cipher);
  const iv = job.iv.length === 0 ? null : job.iv;
  // Only ciphers that authenticate look at the option.
  const options: object = isAead ? { authTagLength: job.tag?.length ?? 16 } : {};
  const cipher = createCipheriv(job.cipher.toLowerCase(), job.key, iv, options);
  cipher.setAutoPadding(false);
  const aead = cipher as unknown as AeadCipher;
  if (job.aad !== undefined) aead.setAAD(job.aad, { plaintextLength: job.text.length });
  const text = Buffer.concat([cipher.update(job.text), cipher.final()]);
  return { text, tag: isAead ? aead.getAuthTag() : new Uint8Array(0) };
}
