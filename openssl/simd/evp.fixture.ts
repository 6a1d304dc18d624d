/** Ciphers through OpenSSL's EVP interface, as its own record layer and key files use them. */
import { readFileSync } from "node:fs";
import { compileOpenSsl, MemoryFiles, OpenSsl, type Ptr } from "../../shim/openssl/index.ts";

/** The wasm to test: another build's path, or the committed one. */
const WASM = process.env["OPENSSL_WASM"] ?? new URL("../openssl.wasm", import.meta.url);

const EVP_CTRL_AEAD_SET_IVLEN = 0x9;
const EVP_CTRL_AEAD_GET_TAG = 0x10;
const EVP_CTRL_AEAD_SET_TAG = 0x11;
const EVP_CTRL_CCM_SET_L = 0x14;

/** How long the buffers are: texts of up to 64 KB at any alignment. */
const ROOM = 66_000;

/** What one run of a cipher is told. */
export interface Job {
  /** OpenSSL's name: `AES-128-GCM`. */
  readonly cipher: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly encrypt: boolean;
  readonly text: Uint8Array;
  readonly aad?: Uint8Array;
  /** To check when decrypting; when encrypting its length counts (16 if there is none). */
  readonly tag?: Uint8Array;
  /** Added to the input's and the output's address; both are multiples of 16 otherwise. */
  readonly inputOffset?: number;
  readonly outputOffset?: number;
  readonly inPlace?: boolean;
  /** The lengths of the pieces that the text comes in; the last one is whatever is left. */
  readonly pieces?: readonly number[];
}

/** `null`: OpenSSL refused, as it does when a tag does not fit. */
export type Result = { readonly text: Uint8Array; readonly tag: Uint8Array } | null;

/** One OpenSSL and its buffers. */
export class Evp {
  readonly openssl: OpenSsl;
  readonly #context: Ptr<"EVP_CIPHER_CTX">;
  readonly #ciphers = new Map<string, Ptr<"EVP_CIPHER">>();
  readonly #input: Ptr<"char">;
  readonly #output: Ptr<"char">;
  readonly #small: Ptr<"char">;

  constructor(openssl: OpenSsl) {
    this.openssl = openssl;
    this.#context = openssl.fn.EVP_CIPHER_CTX_new();
    this.#input = this.#aligned();
    this.#output = this.#aligned();
    this.#small = this.#aligned();
  }

  /** Starts the wasm, with relaxed SIMD or without. */
  static async open(isRelaxed: boolean): Promise<Evp> {
    const module = await compileOpenSsl(readFileSync(WASM), { isRelaxed });
    return new Evp(OpenSsl.instantiate(module, { files: new MemoryFiles(), env: () => undefined }));
  }

  #aligned(): Ptr<"char"> {
    return ((this.openssl.memory.alloc(ROOM + 16) + 15) & ~15) as Ptr<"char">;
  }

  #cipher(name: string): Ptr<"EVP_CIPHER"> {
    const known = this.#ciphers.get(name);
    if (known !== undefined) return known;
    const { fn, memory } = this.openssl;
    const cipher = memory.scoped((scope) =>
      fn.EVP_CIPHER_fetch(0 as Ptr<"OSSL_LIB_CTX">, scope.cString(name), 0 as Ptr<"char">),
    );
    if (cipher === 0) throw new Error(`OpenSSL has no ${name}`);
    this.#ciphers.set(name, cipher);
    return cipher;
  }

  /** Runs one message through a cipher. */
  run(job: Job): Result {
    const { fn, memory } = this.openssl;
    const context = this.#context;
    const input = (this.#input + (job.inputOffset ?? 0)) as Ptr<"char">;
    const output = job.inPlace ? input : ((this.#output + (job.outputOffset ?? 0)) as Ptr<"char">);
    const small = this.#small;
    const none = 0 as Ptr<never>;
    const isCcm = job.cipher.endsWith("CCM");
    const isAead = isCcm || job.cipher.endsWith("GCM") || job.cipher.endsWith("Poly1305");
    const tagLength = job.tag?.length ?? 16;
    const encrypt = job.encrypt ? 1 : 0;
    fn.glue_clear_failure();
    const written = memory.scoped((scope) => {
      const count = scope.word<"int">();
      const init = (cipher: Ptr<"EVP_CIPHER">, key: Ptr<"char">, iv: Ptr<"char">): boolean =>
        fn.EVP_CipherInit_ex(context, cipher, 0 as Ptr<"ENGINE">, key, iv, encrypt) === 1;
      const control = (command: number, length: number, ptr: number): boolean =>
        fn.EVP_CIPHER_CTX_ctrl(context, command, length, ptr as Ptr<"void">) === 1;
      const update = (out: number, from: Ptr<"char">, length: number): number | null =>
        fn.EVP_CipherUpdate(context, out as Ptr<"char">, count, from, length) === 1
          ? memory.readI32(count)
          : null;

      if (!init(this.#cipher(job.cipher), none, none)) return null;
      fn.EVP_CIPHER_CTX_set_padding(context, 0);
      if (isCcm && !control(EVP_CTRL_CCM_SET_L, 15 - job.iv.length, 0)) return null;
      if (isAead && !isCcm && !control(EVP_CTRL_AEAD_SET_IVLEN, job.iv.length, 0)) return null;
      if (isAead && (isCcm || !job.encrypt)) {
        if (!job.encrypt) memory.copyIn(small, job.tag ?? new Uint8Array(16));
        if (!control(EVP_CTRL_AEAD_SET_TAG, tagLength, job.encrypt ? 0 : small)) return null;
      }
      memory.copyIn(small, job.key);
      memory.copyIn((small + 64) as Ptr<"char">, job.iv);
      if (!init(0 as Ptr<"EVP_CIPHER">, small, (small + 64) as Ptr<"char">)) return null;
      if (isCcm && update(0, none, job.text.length) === null) return null;
      if (job.aad !== undefined && job.aad.length > 0) {
        memory.copyIn(output, job.aad);
        if (update(0, output, job.aad.length) === null) return null;
      }
      memory.copyIn(input, job.text);
      let at = 0;
      let total = 0;
      for (const piece of [...(job.pieces ?? []), job.text.length]) {
        const length = Math.min(piece, job.text.length - at);
        if (length === 0 && !(isCcm && at === 0)) continue;
        const moved = update(output + total, (input + at) as Ptr<"char">, length);
        if (moved === null) return null;
        at += length;
        total += moved;
      }
      if (!isCcm) {
        if (fn.EVP_CipherFinal_ex(context, (output + total) as Ptr<"char">, count) !== 1) return null;
        total += memory.readI32(count);
      }
      return total;
    });
    fn.glue_clear_failure();
    if (written === null) return null;
    const text = memory.copyOut(output, written);
    if (!isAead || !job.encrypt) return { text, tag: new Uint8Array(0) };
    fn.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tagLength, small);
    return { text, tag: memory.copyOut(small, tagLength) };
  }
}
