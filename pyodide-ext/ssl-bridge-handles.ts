/** The numbers by which Python names what lives in OpenSSL. */
import { InvariantError } from "../shim/openssl/index.ts";
import type { Certificate, MemoryBio, SslConnection, SslContext, SslSession } from "../shim/ssl/index.ts";
import type { TlsStream } from "./tls-stream.ts";

/** A connection, and the stream that carries it: none for one over the program's own BIOs. */
export interface ConnectionEntry extends Disposable {
  readonly connection: SslConnection;
  readonly stream: TlsStream | undefined;
}

/** What a handle of each type stands for. */
export interface HandleTypes {
  context: SslContext;
  connection: ConnectionEntry;
  bio: MemoryBio;
  session: SslSession;
  certificate: Certificate;
}

type HandleType = keyof HandleTypes;

/** A number is `serial × 8 + tag`: the tag tells the type, and a serial is never used again. */
const TAGS: Readonly<Record<HandleType, number>> = {
  context: 1,
  connection: 2,
  bio: 3,
  session: 4,
  certificate: 5,
};
const SERIAL_STEP = 8;

/** The handles of one interpreter. A stale number, or one of another type, is a bug: {@link InvariantError}. */
export class Handles {
  readonly #things = new Map<number, Disposable>();
  #nextSerial = 1;

  /** How many are open. */
  get size(): number {
    return this.#things.size;
  }

  /** Enters a thing, which {@link Handles.free} disposes of. */
  add<T extends HandleType>(type: T, thing: HandleTypes[T]): number {
    const handle = this.#nextSerial++ * SERIAL_STEP + TAGS[type];
    this.#things.set(handle, thing);
    return handle;
  }

  get<T extends HandleType>(type: T, handle: number): HandleTypes[T] {
    const thing = handle % SERIAL_STEP === TAGS[type] ? this.#things.get(handle) : undefined;
    if (thing === undefined) throw new InvariantError(`handle ${handle} is not an open ${type}`);
    return thing as HandleTypes[T];
  }

  free(handle: number): void {
    const thing = this.#things.get(handle);
    if (thing === undefined) throw new InvariantError(`handle ${handle} is not open`);
    this.#things.delete(handle);
    thing[Symbol.dispose]();
  }

  /** Frees all, newest first: the interpreter is going away. */
  freeAll(): void {
    for (const handle of [...this.#things.keys()].reverse()) this.free(handle);
  }
}
