import { constants, type OpenSsl, Owned, type Ptr } from "../openssl/index.ts";
import { FileContent } from "./file-content.ts";
import type { KnownAnchors } from "./known-anchors.ts";
import { addPem, LazyAnchors } from "./lazy-anchors.ts";
import { stackItems } from "./stack.ts";

/** Files kept: programs use the default one and perhaps certifi's. The least recently used goes first. */
const CAPACITY = 4;

type Store = Ptr<"X509_STORE">;

/** A store that contexts share. Nobody adds anything to it but what it waits with, and what is found in its directory. */
interface SharedStore {
  readonly store: Owned<"X509_STORE">;
  /** Those of its anchors that are parsed when a chain needs them, in {@link LazyAnchors}. */
  readonly anchors: number | undefined;
}

interface Entry extends SharedStore {
  readonly content: FileContent | undefined;
  /**
   * The same with a directory to look into besides, by the directory's name, and how many objects it began with. Shared by
   * contexts of these settings alone.
   */
  readonly withDirectory: Map<string, SharedStore & { readonly count: number }>;
}

/** Where a context's trust anchors are: nowhere yet, in a store that it shares with others, or in one of its own. */
export interface ContextTrust {
  readonly ctx: Ptr<"SSL_CTX">;
  state: "empty" | "shared" | "own";
  /** Of a shared store. */
  directory: string | undefined;
  /** Those of its store that are not parsed yet. */
  anchors: number | undefined;
}

/**
 * CA files that were read already. Parsing Mozilla's roots takes OpenSSL some 70 ms here, and programs load them again for
 * every context, some for every connection. A context that has nothing yet shares the store of the file; one that gets more
 * is given a store of its own first. Certificates that come with the package are parsed when a chain needs them, or a
 * program wants to see them.
 *
 * A file counts as known when its bytes are the same, so a changed file is read again.
 */
export class TrustCache {
  readonly lazy: LazyAnchors;
  readonly #openssl: OpenSsl;
  readonly #known: KnownAnchors;
  readonly #entries: Entry[] = [];

  constructor(openssl: OpenSsl, known: KnownAnchors) {
    this.#openssl = openssl;
    this.#known = known;
    this.lazy = new LazyAnchors(openssl);
  }

  /**
   * Adds what a PEM file holds to a context's store, as `SSL_CTX_load_verify_file` does.
   * @param directory to look into besides, as `SSL_CTX_load_verify_dir` has it; it is added if the context has nothing yet
   * @returns whether it could be loaded; if not, the failure is in `openssl.outcome`
   */
  addFile(trust: ContextTrust, path: string, directory?: string): boolean {
    let entry = this.#find(path);
    if (!entry) {
      entry = this.#load(path);
      if (!entry) return false;
      if (entry.content) this.#keep(entry);
    }
    if (trust.state === "empty") return this.#share(trust, entry, directory);
    this.unshare(trust);
    this.lazy.addAll(entry.anchors);
    const isAdded = this.#addAll(this.#openssl.fn.SSL_CTX_get_cert_store(trust.ctx), entry.store.ptr);
    this.settle(trust);
    return isAdded;
  }

  /** Gives a context a store of its own. To be called before anything is added to it; afterwards {@link settle}. */
  unshare(trust: ContextTrust): void {
    const { fn, memory } = this.#openssl;
    const wasShared = trust.state === "shared";
    trust.state = "own";
    if (!wasShared) return;
    const own = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    using _own = own;
    trust.anchors = this.#attachRest(own.ptr, trust.anchors);
    this.#addAll(own.ptr, fn.SSL_CTX_get_cert_store(trust.ctx));
    fn.SSL_CTX_set1_cert_store(trust.ctx, own.ptr);
    if (trust.directory === undefined) return;
    using scope = memory.scope();
    fn.SSL_CTX_load_verify_dir(trust.ctx, scope.cString(trust.directory));
  }

  /**
   * Parses those that have the subject of a certificate that is there: OpenSSL asks for a subject only where it has none, and is
   * to choose among all.
   */
  settle({ ctx, anchors }: ContextTrust): void {
    if (anchors !== undefined) this.#settle(this.#openssl.fn.SSL_CTX_get_cert_store(ctx), anchors);
  }

  /** Parses all of a context's trust anchors. To be called before somebody looks at them. */
  complete(trust: ContextTrust): void {
    this.lazy.addAll(trust.anchors);
  }

  #settle(store: Store, anchors: number): void {
    const { fn } = this.#openssl;
    for (const object of stackItems<"X509_OBJECT">(this.#openssl, fn.X509_STORE_get0_objects(store))) {
      if (fn.X509_OBJECT_get_type(object) !== constants.X509_LU_X509) continue;
      this.lazy.add(anchors, fn.X509_subject_name_hash(fn.X509_OBJECT_get0_X509(object)) >>> 0);
    }
  }

  #load(path: string): Entry | undefined {
    const content = FileContent.read(this.#openssl, path);
    const loaded = (content && this.#loadKnown(content)) ?? this.#parse(path);
    return loaded && { content, ...loaded, withDirectory: new Map() };
  }

  /** Of a file of known certificates only the others are parsed. */
  #loadKnown(content: FileContent): SharedStore | undefined {
    const file = this.#known.take(content.bytes);
    if (file === undefined) return undefined;
    const { fn } = this.#openssl;
    const store = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    if (file.unknown.every((pem) => addPem(this.#openssl, store.ptr, pem))) {
      const anchors = this.lazy.attach(store.ptr, file.known);
      this.#settle(store.ptr, anchors);
      return { store, anchors };
    }
    store[Symbol.dispose]();
    return undefined;
  }

  #parse(path: string): SharedStore | undefined {
    const { fn, memory } = this.#openssl;
    using scope = memory.scope();
    fn.glue_clear_failure();
    const store = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    const isLoaded = fn.X509_STORE_load_file(store.ptr, scope.cString(path)) === 1;
    fn.glue_capture_failure();
    if (isLoaded) return { store, anchors: undefined };
    store[Symbol.dispose]();
    return undefined;
  }

  #keep(entry: Entry): void {
    this.#entries.unshift(entry);
    // Contexts that share a store keep it alive.
    for (const { store, withDirectory } of this.#entries.splice(CAPACITY)) {
      for (const each of [store, ...[...withDirectory.values()].map((shared) => shared.store)])
        each[Symbol.dispose]();
    }
  }

  #share(trust: ContextTrust, entry: Entry, directory: string | undefined): boolean {
    const { fn, memory } = this.#openssl;
    trust.state = "shared";
    trust.directory = directory;
    if (directory === undefined) {
      trust.anchors = entry.anchors;
      fn.SSL_CTX_set1_cert_store(trust.ctx, entry.store.ptr);
      return true;
    }
    // What a handshake finds in the directory goes into the store: new contexts begin without it, as natively.
    const known = entry.withDirectory.get(directory);
    if (known && this.#count(known.store.ptr) - this.lazy.added(known.anchors) === known.count) {
      trust.anchors = known.anchors;
      fn.SSL_CTX_set1_cert_store(trust.ctx, known.store.ptr);
      return true;
    }
    known?.store[Symbol.dispose]();
    const store = new Owned(fn.X509_STORE_new(), fn.X509_STORE_free);
    trust.anchors = this.#attachRest(store.ptr, entry.anchors);
    const isAdded = this.#addAll(store.ptr, entry.store.ptr);
    const count = this.#count(store.ptr);
    entry.withDirectory.set(directory, { store, anchors: trust.anchors, count });
    fn.SSL_CTX_set1_cert_store(trust.ctx, store.ptr);
    using scope = memory.scope();
    fn.SSL_CTX_load_verify_dir(trust.ctx, scope.cString(directory));
    return isAdded;
  }

  /** Gives a new store what another one waits with. */
  #attachRest(store: Store, anchors: number | undefined): number | undefined {
    const rest = this.lazy.rest(anchors);
    return rest.length === 0 ? undefined : this.lazy.attach(store, rest);
  }

  #count(store: Store): number {
    return stackItems(this.#openssl, this.#openssl.fn.X509_STORE_get0_objects(store)).length;
  }

  /** The entry with what the file holds now. */
  #find(path: string): Entry | undefined {
    let index = this.#entries.findIndex(({ content }) => content?.isUntouched(path));
    if (index < 0) index = this.#entries.findIndex(({ content }) => content?.isIn(path));
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    if (entry) this.#entries.unshift(entry);
    return entry;
  }

  #addAll(to: Store, from: Store): boolean {
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
}
