/** From OpenSSL to JavaScript: the imports that `glue/callbacks.c` and `glue/environment.c` call (`glue/imports.h`). */
import { SSL_AD_INTERNAL_ERROR, SSL_TLSEXT_ERR_ALERT_FATAL } from "./generated/constants.ts";
import type { Memory } from "./memory.ts";
import type { Ptr } from "./pointer.ts";

/**
 * What OpenSSL's callbacks lead to. Ids are those given with `glue_SSL_CTX_set_id` and `glue_SSL_set_id`. Bytes are
 * copies. Nothing here should throw; if something does, the handshake fails and the call into OpenSSL throws it.
 */
export interface OpenSslCallbacks {
  /** The password of a private key, at most `capacity` bytes; `undefined` fails. The bytes are zeroed after use. */
  password(contextId: number, capacity: number, isForWriting: boolean): Uint8Array | undefined;
  /** SNI on a server; `name` is `null` when the client sent none. An alert ends the handshake; `undefined` goes on. */
  servername(connectionId: number, name: Uint8Array | null): { readonly alert: number } | undefined;
  message(
    connectionId: number,
    isWrite: boolean,
    version: number,
    contentType: number,
    data: Uint8Array,
  ): void;
  /** One line in NSS key log format, without a newline. */
  keylog(connectionId: number, line: string): void;
  /** `undefined`: no key, which fails the handshake. The key is zeroed after use. */
  pskClient(
    connectionId: number,
    hint: Uint8Array | null,
    limits: { readonly identity: number; readonly psk: number },
  ): { readonly identity: Uint8Array; readonly psk: Uint8Array } | undefined;
  pskServer(connectionId: number, identity: Uint8Array | null, pskLimit: number): Uint8Array | undefined;
  /**
   * Puts ciphertext into `target`, which is OpenSSL's own memory: no call into OpenSSL may come before it is filled.
   * How many bytes; 0 at the end of the stream, -1 when there are none now.
   */
  receive(connectionId: number, target: Uint8Array): number;
  /** A chain needs certificates with a subject of this hash: adds those that there are to their store. How many. */
  addAnchors(id: number, subjectHash: number): number;
  /** The store is freed. */
  dropAnchors(id: number): void;
}

/** Reads one variable of the environment, live. */
export type Environment = (name: string) => string | undefined;

/** What the imports need of the instance, which exists only after they do. */
export interface CallbackSide {
  memory(): Memory;
  callbacks(): OpenSslCallbacks | undefined;
  /** Keeps what a callback threw; the call that led to it throws it when OpenSSL has returned. */
  keepThrown(thrown: unknown): void;
}

type Import = (...parameters: number[]) => number | void;
type Bytes = Ptr<"char">;

/** Copies a secret into OpenSSL's memory and wipes ours. -1 when it doesn't fit. */
function handOver(memory: Memory, secret: Uint8Array, place: Bytes, capacity: number): number {
  const fits = secret.length <= capacity;
  if (fits && secret.length > 0) memory.copyIn(place, secret);
  secret.fill(0);
  return fits ? secret.length : -1;
}

/** The functions of the import module `pyodide_ssl`. */
export function callbackImports(side: CallbackSide, environment: Environment): Record<string, Import> {
  /** Runs one callback; when it throws, or there is none, answers `failed`. Nothing may unwind through C. */
  const guard = <R>(failed: R, run: (callbacks: OpenSslCallbacks, memory: Memory) => R): R => {
    const callbacks = side.callbacks();
    if (callbacks === undefined) return failed;
    try {
      return run(callbacks, side.memory());
    } catch (thrown) {
      side.keepThrown(thrown);
      return failed;
    }
  };
  const optional = (memory: Memory, ptr: number): Uint8Array | null =>
    ptr === 0 ? null : memory.readCStringBytes(ptr as Bytes);

  return {
    getenv(name = 0, place = 0, capacity = 0) {
      const memory = side.memory();
      try {
        const value = environment(memory.readCString(name as Bytes));
        if (value === undefined) return -1;
        const bytes = new TextEncoder().encode(`${value}\0`);
        if (bytes.length <= capacity) memory.copyIn(place as Bytes, bytes);
        return bytes.length - 1;
      } catch (thrown) {
        side.keepThrown(thrown);
        return -1;
      }
    },
    password: (contextId = 0, place = 0, capacity = 0, isForWriting = 0) =>
      guard(-1, (callbacks, memory) => {
        const password = callbacks.password(contextId, capacity, isForWriting !== 0);
        return password === undefined ? -1 : handOver(memory, password, place as Bytes, capacity);
      }),
    servername(connectionId = 0, name = 0, alertPlace = 0) {
      const memory = side.memory();
      const failed = { alert: SSL_AD_INTERNAL_ERROR };
      const verdict = guard<{ alert: number } | undefined>(failed, (callbacks) =>
        callbacks.servername(connectionId, optional(memory, name)),
      );
      if (verdict === undefined) return 0; // SSL_TLSEXT_ERR_OK
      memory.writeI32(alertPlace as Ptr<"int">, verdict.alert);
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    },
    message: (connectionId = 0, isWrite = 0, version = 0, contentType = 0, data = 0, length = 0) =>
      guard(undefined, (callbacks, memory) =>
        callbacks.message(
          connectionId,
          isWrite !== 0,
          version,
          contentType,
          memory.copyOut(data as Bytes, length),
        ),
      ),
    keylog: (connectionId = 0, line = 0) =>
      guard(undefined, (callbacks, memory) =>
        callbacks.keylog(connectionId, memory.readCString(line as Bytes)),
      ),
    psk_client: (
      connectionId = 0,
      hint = 0,
      identityPlace = 0,
      identityCapacity = 0,
      pskPlace = 0,
      pskCapacity = 0,
    ) =>
      guard(0, (callbacks, memory) => {
        // The capacity counts the identity's NUL.
        const limits = { identity: identityCapacity - 1, psk: pskCapacity };
        const answer = callbacks.pskClient(connectionId, optional(memory, hint), limits);
        if (answer === undefined) return 0;
        const { identity, psk } = answer;
        if (identity.length > limits.identity) {
          psk.fill(0);
          return 0;
        }
        if (identity.length > 0) memory.copyIn(identityPlace as Bytes, identity);
        memory.writeU8((identityPlace + identity.length) as Bytes, 0);
        return Math.max(0, handOver(memory, psk, pskPlace as Bytes, pskCapacity));
      }),
    psk_server: (connectionId = 0, identity = 0, pskPlace = 0, pskCapacity = 0) =>
      guard(0, (callbacks, memory) => {
        const psk = callbacks.pskServer(connectionId, optional(memory, identity), pskCapacity);
        return psk === undefined ? 0 : Math.max(0, handOver(memory, psk, pskPlace as Bytes, pskCapacity));
      }),
    receive: (connectionId = 0, place = 0, length = 0) =>
      guard(-1, (callbacks, memory) =>
        memory.lend(place as Bytes, length, (target) => callbacks.receive(connectionId, target)),
      ),
    add_anchors: (id = 0, hash = 0) => guard(0, (callbacks) => callbacks.addAnchors(id, hash >>> 0)),
    drop_anchors: (id = 0) => guard(undefined, (callbacks) => callbacks.dropAnchors(id)),
  };
}
