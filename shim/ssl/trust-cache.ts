import { constants, type OpenSsl, Owned, type Ptr, resolvePath } from "../openssl/index.ts";
import { stackItems } from "./stack.ts";

/** Files kept: programs use the default one and perhaps certifi's. The least recently used goes first. */
const CAPACITY = 4;

interface Entry {
  readonly content: Uint8Array;
  /** Holds the file's certificates and revocation lists, parsed. Never changed, so contexts can share it. */
  readonly store: Owned<"X509_STORE">;
  /** The same with a directory to look into besides, by the directory's name. Shared by contexts of these settings alone. */
  readonly withDirectory: Map<string, Owned<"X509_STORE">>;
}

/** Where a context's trust anchors are: nowhere yet, in a store that it shares with others, or in one of its own. */
export interface ContextTrust {
  readonly ctx: Ptr<"SSL_CTX">;
  state: "empty" | "shared" | "own";
  /** Of a shared store. */
  directory: string | undefined;
}

/**
 * CA files that were parsed already. Reading Mozilla's roots takes OpenSSL some 70 ms here, and programs load them again
 * for every context, some for every connection. A context that has nothing yet shares the store that the file was parsed to;
 * one that gets more is given a store of its own first, which for Mozilla's roots takes some 3 ms.
 *
 * A file counts as known when its bytes are the same, so a changed file is parsed again.
 */
export class TrustCache {
  readonly #openssl: OpenSsl;
  readonly #entries: Entry[] = [];
  readonly #piece = new Uint8Array(32 * 1024);

  constructor(openssl: OpenSsl) {
    this.#openssl = openssl;
  }

  /**
   * Adds what a PEM file holds to a context's store, as `SSL_CTX_load_verify_file` does.
   * @param directory to look into besides, as `SSL_CTX_load_verify_dir` has it; it is added if the context has nothing yet
   * @returns whether it could be loaded; if not, the failure is in `openssl.outcome`
   */
  addFile(trust: ContextTrust, path: string, directory?: string): boolean {
    let entry = this.#find(path);
    if (!entry) {
      const content = this.#read(path);
      const store = this.#parse(path);
      if (!store) return false;
      entry = { content: content ?? new Uint8Array(0), store, withDirectory: new Map() };
      if (content) this.#keep(entry);
    }
    if (trust.state === "empty") return this.#share(trust, entry, directory);
    this.unshare(trust);
    return this.#addAll(this.#openssl.fn.SSL_CTX_get_cert_store(trust.ctx), entry.store.ptr);
  }

  /** Gives a context a store of its own. To be called before anything is added to it. */
  unshare(trust: ContextTrust): void {
    const { fn, memory } = this.#openssl;
    const wasShared = trust.state === "shared";
    trust.state = "own";
    if (!wasShared) return;
    const own = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    using _own = own;
    this.#addAll(own.ptr, fn.SSL_CTX_get_cert_store(trust.ctx));
    fn.SSL_CTX_set1_cert_store(trust.ctx, own.ptr);
    if (trust.directory === undefined) return;
    using scope = memory.scope();
    fn.SSL_CTX_load_verify_dir(trust.ctx, scope.cString(trust.directory));
  }

  #parse(path: string): Owned<"X509_STORE"> | undefined {
    const { fn, memory } = this.#openssl;
    using scope = memory.scope();
    fn.glue_clear_failure();
    const store = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    const isLoaded = fn.X509_STORE_load_file(store.ptr, scope.cString(path)) === 1;
    fn.glue_capture_failure();
    if (isLoaded) return store;
    store[Symbol.dispose]();
    return undefined;
  }

  #keep(entry: Entry): void {
    this.#entries.unshift(entry);
    // Contexts that share a store keep it alive.
    for (const { store, withDirectory } of this.#entries.splice(CAPACITY)) {
      for (const each of [store, ...withDirectory.values()]) each[Symbol.dispose]();
    }
  }

  #share(trust: ContextTrust, entry: Entry, directory: string | undefined): boolean {
    const { fn, memory } = this.#openssl;
    trust.state = "shared";
    if (directory === undefined) {
      fn.SSL_CTX_set1_cert_store(trust.ctx, entry.store.ptr);
      return true;
    }
    trust.directory = directory;
    // What a handshake finds in the directory goes into the store: new contexts begin without it, as natively.
    const known = entry.withDirectory.get(directory);
    if (known && this.#count(known.ptr) === this.#count(entry.store.ptr)) {
      fn.SSL_CTX_set1_cert_store(trust.ctx, known.ptr);
      return true;
    }
    known?.[Symbol.dispose]();
    const store = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    entry.withDirectory.set(directory, store);
    fn.SSL_CTX_set1_cert_store(trust.ctx, store.ptr);
    using scope = memory.scope();
    fn.SSL_CTX_load_verify_dir(trust.ctx, scope.cString(directory));
    return this.#addAll(store.ptr, entry.store.ptr);
  }

  #count(store: Ptr<"X509_STORE">): number {
    return stackItems(this.#openssl, this.#openssl.fn.X509_STORE_get0_objects(store)).length;
  }

  /** The entry with what the file holds now. */
  #find(path: string): Entry | undefined {
    const index = this.#entries.findIndex(({ content }) => {
      let isEqual = true;
      const length = this.#readPieces(path, (piece, at) => {
        isEqual = hasPiece(content, piece, at);
        return isEqual;
      });
      return isEqual && length === content.length;
    });
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    if (entry) this.#entries.unshift(entry);
    return entry;
  }

  #addAll(to: Ptr<"X509_STORE">, from: Ptr<"X509_STORE">): boolean {
    const { fn } = this.#openssl;
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
    const pieces: Uint8Array[] = [];
    const length = this.#readPieces(path, (piece) => pieces.push(piece.slice()) > 0);
    if (length === undefined) return undefined;
    const content = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      content.set(piece, at);
      at += piece.length;
    }
    return content;
  }

  /**
   * Reads a file through one array that stays: fresh memory for all of it would take longer than the rest.
   * @param use told of each piece, and where it begins; answers whether to go on
   * @returns the bytes that were read; undefined when the file can't be read
   */
  #readPieces(path: string, use: (piece: Uint8Array, at: number) => boolean): number | undefined {
    const { files } = this.#openssl.host;
    const absolute = resolvePath(files.currentDirectory(), path);
    const stat = files.stat(absolute);
    if (typeof stat === "string" || stat.kind !== "file") return undefined;
    const descriptor = files.open(absolute, READ_ONLY);
    if (typeof descriptor === "string") return undefined;
    try {
      for (let at = 0; ; ) {
        const count = files.read(descriptor, this.#piece);
        if (typeof count === "string") return undefined;
        if (count === 0 || !use(this.#piece.subarray(0, count), at)) return at;
        at += count;
      }
    } finally {
      files.close(descriptor);
    }
  }
}

const READ_ONLY = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
} as const;

/** Whether `content` has `piece` at `at`. By words, where they lie right: this is done for every context. */
function hasPiece(content: Uint8Array, piece: Uint8Array, at: number): boolean {
  if (at + piece.length > content.length) return false;
  let done = 0;
  if ((content.byteOffset + at) % 4 === 0 && piece.byteOffset % 4 === 0) {
    const words = piece.length >> 2;
    const one = new Int32Array(content.buffer, content.byteOffset + at, words);
    const other = new Int32Array(piece.buffer, piece.byteOffset, words);
    for (let i = 0; i < words; i++) if (one[i] !== other[i]) return false;
    done = words * 4;
  }
  for (; done < piece.length; done++) if (content[at + done] !== piece[done]) return false;
  return true;
}
