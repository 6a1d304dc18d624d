/** The bridge's calls for `_ssl`'s functions, `MemoryBIO`, `SSLSession` and `Certificate`. */
import { sourceLine } from "../shim/ssl/index.ts";
import type { BridgeState, FAILED } from "./ssl-bridge-state.ts";

/** Calls that need no context or connection. */
export class ObjectCalls {
  readonly #state: BridgeState;

  constructor(state: BridgeState) {
    this.#state = state;
  }

  // The module

  /**
   * Constants by their name, the objects that can be told without OpenSSL by their identifier, and the lines of `_ssl.c` that
   * texts name; as JSON.
   */
  module(): string {
    const { constants, objects } = this.#state.options.known;
    return JSON.stringify({
      constants: constants ?? this.#state.engine.constants(),
      objects: objects ?? {},
      lines: sourceLine,
    });
  }

  /** Begins to load OpenSSL: a promise to wait for, or nothing when it is there. */
  load(): Promise<undefined> | undefined {
    if (this.#state.startedEngine !== undefined) return undefined;
    return this.#state.options.load()?.then(() => undefined);
  }

  setEnvironment(name: string, value: string | undefined): void {
    if (value === undefined) this.#state.options.environment.delete(name);
    else this.#state.options.environment.set(name, value);
  }

  getSigalgs(): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#state.engine.getSignatureAlgorithms()));
  }

  txt2obj(text: string, isName: boolean): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#state.engine.txt2obj(text, isName)));
  }

  nid2obj(nid: number): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#state.engine.nid2obj(nid)));
  }

  randBytes(count: number): Uint8Array | typeof FAILED {
    return this.#state.attempt(() => this.#state.engine.randBytes(count));
  }

  randAdd(byteLength: number, entropy: number): void {
    this.#state.engine.randAdd(this.#state.staged(byteLength), entropy);
  }

  randStatus(): boolean {
    return this.#state.engine.randStatus();
  }

  getDefaultVerifyPaths(): string {
    return JSON.stringify(this.#state.engine.getDefaultVerifyPaths());
  }

  testDecodeCert(path: string): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#state.engine.testDecodeCert(path)));
  }

  // MemoryBIO

  newBio(): number {
    return this.#state.attempt(() => this.#state.handles.add("bio", this.#state.engine.newMemoryBio()));
  }

  bioPending(handle: number): number {
    return this.#state.handles.get("bio", handle).pending;
  }

  bioEof(handle: number): boolean {
    return this.#state.handles.get("bio", handle).eof;
  }

  bioRead(handle: number, size: number): Uint8Array | typeof FAILED {
    return this.#state.attempt(() => this.#state.handles.get("bio", handle).read(size));
  }

  bioWrite(handle: number, byteLength: number): number {
    const bytes = this.#state.staged(byteLength);
    return this.#state.attempt(() => this.#state.handles.get("bio", handle).write(bytes));
  }

  bioWriteEof(handle: number): void {
    this.#state.handles.get("bio", handle).writeEof();
  }

  // SSLSession

  sessionEquals(handle: number, other: number): boolean {
    const { handles } = this.#state;
    return handles.get("session", handle).equals(handles.get("session", other));
  }

  sessionHasTicket(handle: number): boolean {
    return this.#state.handles.get("session", handle).hasTicket;
  }

  sessionId(handle: number): Uint8Array {
    return this.#state.handles.get("session", handle).id;
  }

  sessionTicketLifetimeHint(handle: number): number {
    return this.#state.handles.get("session", handle).ticketLifetimeHint;
  }

  sessionTime(handle: number): number {
    return this.#state.handles.get("session", handle).time;
  }

  sessionTimeout(handle: number): number {
    return this.#state.handles.get("session", handle).timeout;
  }

  // Certificate

  certificateBytes(handle: number, format: number): string | Uint8Array | typeof FAILED {
    return this.#state.attempt(() => this.#state.handles.get("certificate", handle).publicBytes(format));
  }

  certificateInfo(handle: number): string | typeof FAILED {
    return this.#state.attempt(() =>
      JSON.stringify(this.#state.handles.get("certificate", handle).getInfo()),
    );
  }

  certificateText(handle: number): string | typeof FAILED {
    return this.#state.attempt(() => this.#state.handles.get("certificate", handle).subjectText());
  }

  certificateHash(handle: number): number {
    return this.#state.handles.get("certificate", handle).hash();
  }

  certificateEquals(handle: number, other: number): boolean {
    const { handles } = this.#state;
    return handles.get("certificate", handle).equals(handles.get("certificate", other));
  }
}
