/** Trust anchors that wait, as text, until a chain needs them: parsing all of Mozilla's takes longer than a handshake. */
import { NULL, type OpenSsl, Owned, type Ptr } from "../openssl/index.ts";
import type { KnownAnchor } from "./known-anchors.ts";

type Store = Ptr<"X509_STORE">;

/** Those of one store. */
interface Waiting {
  readonly store: Store;
  readonly bySubject: Map<number, KnownAnchor[]>;
  /** How many have been added. */
  added: number;
}

/** Which stores have anchors that are not parsed yet. A number for each store, by which the C glue knows it. */
export class LazyAnchors {
  readonly #openssl: OpenSsl;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(openssl: OpenSsl) {
    this.#openssl = openssl;
  }

  /** Gives anchors to a store that has no lookup yet, and nothing with their subjects. */
  attach(store: Store, anchors: readonly KnownAnchor[]): number {
    const id = this.#nextId++;
    this.#waiting.set(id, {
      store,
      bySubject: Map.groupBy(anchors, (anchor) => anchor.subjectHash),
      added: 0,
    });
    this.#openssl.fn.glue_X509_STORE_add_anchors(store, id);
    return id;
  }

  /** What a store still waits with. */
  rest(id: number | undefined): KnownAnchor[] {
    return id === undefined ? [] : [...(this.#waiting.get(id)?.bySubject.values() ?? [])].flat();
  }

  /** How many of a store's were parsed. */
  added(id: number | undefined): number {
    return id === undefined ? 0 : (this.#waiting.get(id)?.added ?? 0);
  }

  /** Parses and adds those with this subject. How many. */
  add(id: number, subjectHash: number): number {
    const waiting = this.#waiting.get(id);
    const anchors = waiting?.bySubject.get(subjectHash);
    if (waiting === undefined || anchors === undefined) return 0;
    waiting.bySubject.delete(subjectHash);
    for (const { pem } of anchors) if (addPem(this.#openssl, waiting.store, pem)) waiting.added++;
    return anchors.length;
  }

  /** Parses and adds all, for who wants to see them. */
  addAll(id: number | undefined): void {
    if (id === undefined) return;
    for (const hash of [...(this.#waiting.get(id)?.bySubject.keys() ?? [])]) this.add(id, hash);
  }

  /** The store is gone. */
  drop(id: number): void {
    this.#waiting.delete(id);
  }
}

/** Adds the certificate of a PEM text to a store; false when it is none. */
export function addPem({ fn, memory }: OpenSsl, store: Store, pem: string): boolean {
  using scope = memory.scope();
  using bio = new Owned(fn.BIO_new_mem_buf(scope.cString(pem), pem.length), fn.BIO_free);
  const x509 = fn.PEM_read_bio_X509(bio.ptr, NULL, NULL, NULL);
  if (x509 === NULL) return false;
  const isAdded = fn.X509_STORE_add_cert(store, x509) === 1;
  fn.X509_free(x509);
  return isAdded;
}
