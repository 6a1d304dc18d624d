/** OpenSSL's memory: the only file that touches `memory.buffer`. */
import { InvariantError } from "./failures.ts";
import type { AnyPtr, Ptr } from "./pointer.ts";

/** The allocator that {@link Memory} needs, as `glue/memory.c` has it. */
export interface Allocator {
  glue_alloc(length: number): Ptr<"void">;
  glue_free(memory: AnyPtr): void;
  glue_free_secret(memory: AnyPtr, length: number): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Reads and writes OpenSSL's memory. WebAssembly memory may grow during any call into OpenSSL, which takes every view of
 * it away (its length becomes 0, silently): so views are checked at each use, and none is given away for keeps.
 */
export class Memory {
  readonly #memory: WebAssembly.Memory;
  readonly #allocator: Allocator;
  #bytes: Uint8Array<ArrayBuffer>;
  #words: DataView<ArrayBuffer>;

  constructor(memory: WebAssembly.Memory, allocator: Allocator) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new DataView(memory.buffer);
  }

  /** Bytes that the memory spans now. It grows and never shrinks. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  #renew(): void {
    const buffer = this.#memory.buffer;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new DataView(buffer);
  }

  #range(ptr: AnyPtr, length: number): Uint8Array<ArrayBuffer> {
    this.#renew();
    if (ptr <= 0 || length < 0 || ptr + length > this.#bytes.length) {
      throw new InvariantError(`${length} bytes at address ${ptr} are outside OpenSSL's memory`);
    }
    return this.#bytes.subarray(ptr, ptr + length);
  }

  #view(): DataView<ArrayBuffer> {
    this.#renew();
    return this.#words;
  }

  /** Allocates `length` bytes, not initialised; the caller owns them. Zero bytes are one, so that no address is NULL. */
  alloc<T extends string = "char">(length: number): Ptr<T> {
    const ptr = this.#allocator.glue_alloc(Math.max(1, length));
    if (ptr === 0) throw new RangeError(`OpenSSL's memory has no ${length} bytes left`);
    return ptr as number as Ptr<T>;
  }

  /** Frees what {@link alloc} gave. */
  free(ptr: AnyPtr): void {
    this.#allocator.glue_free(ptr);
  }

  /** Overwrites `length` bytes with zeros and frees them. */
  freeSecret(ptr: AnyPtr, length: number): void {
    this.#allocator.glue_free_secret(ptr, length);
  }

  /** Allocations that end with the block: `using scope = memory.scope();`. */
  scope(): MemoryScope {
    return new MemoryScope(this);
  }

  /** Runs `use` with a scope, and frees what was allocated in it when `use` ends, also by an exception. */
  scoped<R>(use: (scope: MemoryScope) => R): R {
    using scope = new MemoryScope(this);
    return use(scope);
  }

  /** Copies bytes into OpenSSL's memory. */
  copyIn(ptr: AnyPtr, bytes: Uint8Array): void {
    this.#range(ptr, bytes.length).set(bytes);
  }

  /** Copies bytes out, into an array of their own. */
  copyOut(ptr: AnyPtr, length: number): Uint8Array<ArrayBuffer> {
    return length === 0 ? new Uint8Array(0) : this.#range(ptr, length).slice();
  }

  /** Copies bytes out, to the start of `target`. */
  copyTo(target: Uint8Array, ptr: AnyPtr, length: number): void {
    if (length > 0) target.set(this.#range(ptr, length));
  }

  /** Lends bytes without a copy to `use`, which must not keep them and must not call OpenSSL while it looks at them. */
  lend<R>(ptr: AnyPtr, length: number, use: (bytes: Uint8Array) => R): R {
    return use(length === 0 ? new Uint8Array(0) : this.#range(ptr, length));
  }

  /**
   * Bytes without a copy, for who copies them on before anything else is done: the next call into OpenSSL may make the memory
   * grow, which takes the view's bytes away.
   */
  view(ptr: AnyPtr, length: number): Uint8Array<ArrayBuffer> {
    return length === 0 ? new Uint8Array(0) : this.#range(ptr, length);
  }

  /** The bytes of a C string without its NUL. */
  readCStringBytes(ptr: Ptr<"char">): Uint8Array<ArrayBuffer> {
    this.#range(ptr, 1);
    const end = this.#bytes.indexOf(0, ptr);
    if (end < 0) throw new InvariantError(`the C string at address ${ptr} has no end`);
    return this.#bytes.slice(ptr, end);
  }

  /** A C string read as UTF-8; wrong bytes become U+FFFD. */
  readCString(ptr: Ptr<"char">): string {
    return decoder.decode(this.readCStringBytes(ptr));
  }

  /** `length` bytes read as UTF-8. */
  readString(ptr: AnyPtr, length: number): string {
    return decoder.decode(this.copyOut(ptr, length));
  }

  readU8(ptr: AnyPtr): number {
    return this.#view().getUint8(ptr);
  }

  readI32(ptr: AnyPtr): number {
    return this.#view().getInt32(ptr, true);
  }

  readU32(ptr: AnyPtr): number {
    return this.#view().getUint32(ptr, true);
  }

  writeU8(ptr: AnyPtr, value: number): void {
    this.#view().setUint8(ptr, value);
  }

  writeU16(ptr: AnyPtr, value: number): void {
    this.#view().setUint16(ptr, value, true);
  }

  writeU32(ptr: AnyPtr, value: number): void {
    this.#view().setUint32(ptr, value, true);
  }

  writeI32(ptr: AnyPtr, value: number): void {
    this.#view().setInt32(ptr, value, true);
  }

  writeU64(ptr: AnyPtr, value: bigint): void {
    this.#view().setBigUint64(ptr, value, true);
  }

  /** Reads a pointer that lies in memory, as an out-parameter's target. */
  readPtr<T extends string>(ptr: AnyPtr): Ptr<T> {
    return this.readU32(ptr) as Ptr<T>;
  }
}

/** Allocations freed together, in reverse order. */
export class MemoryScope implements Disposable {
  readonly #memory: Memory;
  readonly #owned: { ptr: AnyPtr; secretLength: number | undefined }[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** `length` bytes, not initialised. */
  alloc<T extends string = "char">(length: number): Ptr<T> {
    const ptr = this.#memory.alloc<T>(length);
    this.#owned.push({ ptr, secretLength: undefined });
    return ptr;
  }

  /** One zeroed machine word: the target of an out-parameter. */
  word<T extends string>(): Ptr<T> {
    const ptr = this.alloc<T>(4);
    this.#memory.writeI32(ptr, 0);
    return ptr;
  }

  /** A copy of bytes. */
  copyIn<T extends string = "char">(bytes: Uint8Array): Ptr<T> {
    const ptr = this.alloc<T>(bytes.length);
    if (bytes.length > 0) this.#memory.copyIn(ptr, bytes);
    return ptr;
  }

  /** A copy of bytes that is overwritten with zeros before it is freed. */
  secret<T extends string = "char">(bytes: Uint8Array): Ptr<T> {
    const ptr = this.#memory.alloc<T>(bytes.length);
    this.#owned.push({ ptr, secretLength: bytes.length });
    if (bytes.length > 0) this.#memory.copyIn(ptr, bytes);
    return ptr;
  }

  /** A C string: UTF-8 (or the given bytes) with its NUL. The text must hold no NUL itself. */
  cString(text: string | Uint8Array): Ptr<"char"> {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    if (bytes.includes(0)) throw new InvariantError("a C string can't hold a NUL; check for it before");
    const ptr = this.alloc(bytes.length + 1);
    if (bytes.length > 0) this.#memory.copyIn(ptr, bytes);
    this.#memory.writeU8((ptr + bytes.length) as Ptr<"char">, 0);
    return ptr;
  }

  [Symbol.dispose](): void {
    for (const { ptr, secretLength } of this.#owned.splice(0).reverse()) {
      if (secretLength === undefined) this.#memory.free(ptr);
      else this.#memory.freeSecret(ptr, secretLength);
    }
  }
}
