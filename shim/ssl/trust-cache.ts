import { constants, type OpenSsl, Owned, type Ptr, resolvePath } from "../openssl/index.ts";
import { stackItems } from "./stack.ts";

/** Files kept: programs use the default one and perhaps certifi's. The least recently used goes first. */
const CAPACITY = 4;

interface Entry {
  readonly content: Uint8Array;
  /** Holds the file's certificates and revocation lists, parsed. */
  readonly store: Owned<"X509_STORE">;
}

/**
 * CA files that were parsed already. Reading Mozilla's roots takes OpenSSL some 70 ms here, and programs load them again
 * for every context, some for every connection; handing parsed certificates to another store takes less than one.
 *
 * A file counts as known when its bytes are the same, so a changed file is parsed again.
 */
export class TrustCache {
  readonly #openssl: OpenSsl;
  readonly #entries: Entry[] = [];

  constructor(openssl: OpenSsl) {
    this.#openssl = openssl;
  }

  /**
   * Adds what a PEM file holds to a context's store, as `SSL_CTX_load_verify_file` does.
   * @returns whether it could be loaded; if not, the failure is in `openssl.outcome`
   */
  addFile(ctx: Ptr<"SSL_CTX">, path: string): boolean {
    const { fn, memory } = this.#openssl;
    const content = this.#read(path);
    const known = content && this.#find(content);
    if (known) return this.#addAll(ctx, known.store.ptr);
    using scope = memory.scope();
    fn.glue_clear_failure();
    const store = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    const isLoaded = fn.X509_STORE_load_file(store.ptr, scope.cString(path)) === 1;
    fn.glue_capture_failure();
    if (!isLoaded || !content) {
      using _store = store;
      return isLoaded && this.#addAll(ctx, store.ptr);
    }
    this.#entries.unshift({ content, store });
    for (const dropped of this.#entries.splice(CAPACITY)) dropped.store[Symbol.dispose]();
    return this.#addAll(ctx, store.ptr);
  }

  #find(content: Uint8Array): Entry | undefined {
    const index = this.#entries.findIndex((entry) => isEqual(entry.content, content));
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    if (entry) this.#entries.unshift(entry);
    return entry;
  }

  #addAll(ctx: Ptr<"SSL_CTX">, from: Ptr<"X509_STORE">): boolean {
    const { fn } = this.#openssl;
    const to = fn.SSL_CTX_get_cert_store(ctx);
    let isAdded = true;
    for (const object of stackItems<"X509_OBJECT">(this.#openssl, fn.X509_STORE_get0_objects(from))) {
      const ok =
        fn.X509_OBJECT_get_type(object) === constants.X509_LU_X509
          ? fn.X509_STORE_add_cert(to, fn.X509_OBJECT_get0_X509(object))
          : fn.X509_STORE_add_crl(to, fn.X509_OBJECT_get0_X509_CRL(object));
      isAdded &&= ok === 1;
    }
    if (!isAdded) fn.glue_capture_failure();
    return isAdded;
  }

  /** The file's bytes; undefined when it can't be read, which OpenSSL then finds out itself. */
  #read(path: string): Uint8Array | undefined {
    const { files } = this.#openssl.host;
    const mode = {
      read: true,
      write: false,
      append: false,
      create: false,
      truncate: false,
      exclusive: false,
    };
    const stat = files.stat(resolvePath(files.currentDirectory(), path));
    if (typeof stat === "string" || stat.kind !== "file") return undefined;
    const descriptor = files.open(resolvePath(files.currentDirectory(), path), mode);
    if (typeof descriptor === "string") return undefined;
    try {
      const content = new Uint8Array(stat.byteLength);
      for (let at = 0; at < content.length; ) {
        const count = files.read(descriptor, content.subarray(at));
        if (typeof count === "string" || count === 0) return undefined;
        at += count;
      }
      return content;
    } finally {
      files.close(descriptor);
    }
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
