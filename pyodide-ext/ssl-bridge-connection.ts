/** The bridge's calls for `_ssl._SSLSocket`. */
import { type IoOperation, osFailure, type SslConnection, SslError } from "../shim/ssl/index.ts";
import { ConnectionWatch } from "./connection-events.ts";
import { type BridgeState, type FAILED, WANT_READ } from "./ssl-bridge-state.ts";
import { TlsStream } from "./tls-stream.ts";

type Outcome = void | typeof FAILED;

/** Calls that make a connection or take its handle. Operations answer WANT_READ, WANT_WRITE or FAILED, or their value. */
export class ConnectionCalls {
  readonly #state: BridgeState;
  readonly #watch: ConnectionWatch | undefined;

  constructor(state: BridgeState) {
    this.#state = state;
    const listener = state.options.onConnection;
    this.#watch = listener && new ConnectionWatch(listener);
  }

  wrapSocket(context: number, fd: number, serverSide: boolean, serverHostname: string | undefined): number {
    const { handles, options } = this.#state;
    return this.#state.attempt(() => {
      const entry = options.table.get(fd);
      if (!entry) throw new SslError(osFailure("EBADF"));
      const owner = handles.get("context", context);
      const observer = this.#watch?.observe();
      const stream = new TlsStream(
        (source) => owner.wrapSocket({ serverSide, serverHostname: serverHostname ?? null, source }),
        entry,
        { isSystemTransport: options.isSystemTransport, observer },
      );
      observer?.opened(stream);
      return handles.add("connection", {
        connection: stream.connection,
        stream,
        [Symbol.dispose]: () => stream[Symbol.dispose](),
      });
    });
  }

  wrapBio(
    context: number,
    incoming: number,
    outgoing: number,
    serverSide: boolean,
    serverHostname: string | undefined,
  ): number {
    const { handles } = this.#state;
    return this.#state.attempt(() => {
      const connection = handles
        .get("context", context)
        .wrapBio(handles.get("bio", incoming), handles.get("bio", outgoing), {
          serverSide,
          serverHostname: serverHostname ?? null,
        });
      return handles.add("connection", {
        connection,
        stream: undefined,
        [Symbol.dispose]: () => connection[Symbol.dispose](),
      });
    });
  }

  // Operations

  handshake(handle: number): number {
    const driver = this.#driver(handle);
    return this.#state.perform(() => driver.doHandshake()) ?? 0;
  }

  /** Plaintext, in OpenSSL's memory until the next operation on the connection; 0 at the end of the stream. */
  read(handle: number, maxLength: number): Uint8Array | number {
    const { connection, stream } = this.#state.handles.get("connection", handle);
    const result = this.#state.perform(() =>
      stream ? stream.read(maxLength) : connection.readLent(maxLength),
    );
    return typeof result === "number" || result.length > 0 ? result : 0;
  }

  /** Writes what was staged; answers the number of bytes. */
  write(handle: number, byteLength: number): number {
    const driver = this.#driver(handle);
    const data = this.#state.staged(byteLength);
    return this.#state.perform(() => driver.write(data));
  }

  shutdown(handle: number): number {
    const driver = this.#driver(handle);
    return this.#state.perform(() => driver.shutdown()) ?? 0;
  }

  /** The failure that a want is for who may not wait, as JSON. */
  wantFailure(handle: number, want: number, operation: IoOperation): string {
    return JSON.stringify(
      this.#connection(handle).wantFailure(want === WANT_READ ? "want-read" : "want-write", operation),
    );
  }

  verifyClientPostHandshake(handle: number): Outcome {
    return this.#state.attempt(() => this.#connection(handle).verifyClientPostHandshake());
  }

  // Information

  pending(handle: number): number {
    return this.#connection(handle).pending();
  }

  cipher(handle: number): string {
    return JSON.stringify(this.#connection(handle).cipher());
  }

  sharedCiphers(handle: number): string {
    return JSON.stringify(this.#connection(handle).sharedCiphers());
  }

  version(handle: number): string | undefined {
    return this.#connection(handle).version() ?? undefined;
  }

  group(handle: number): string | undefined {
    return this.#connection(handle).groupName() ?? undefined;
  }

  sigalg(handle: number, side: "client" | "server"): string | undefined {
    return this.#connection(handle).signatureName(side) ?? undefined;
  }

  selectedAlpnProtocol(handle: number): string | undefined {
    return this.#connection(handle).selectedAlpnProtocol() ?? undefined;
  }

  getPeerCert(handle: number): string | undefined | typeof FAILED {
    return this.#state.attempt(() => {
      const info = this.#connection(handle).getPeerCert();
      return info === null ? undefined : JSON.stringify(info);
    });
  }

  getPeerCertDer(handle: number): Uint8Array | undefined | typeof FAILED {
    return this.#state.attempt(() => this.#connection(handle).getPeerCertDer() ?? undefined);
  }

  /** Handles of certificates, as JSON. */
  getVerifiedChain(handle: number): string | typeof FAILED {
    return this.#state.attempt(() => this.#chain(this.#connection(handle).getVerifiedChain()));
  }

  getUnverifiedChain(handle: number): string | typeof FAILED {
    return this.#state.attempt(() => this.#chain(this.#connection(handle).getUnverifiedChain()));
  }

  getChannelBinding(handle: number, type: string): Uint8Array | undefined | typeof FAILED {
    return this.#state.attempt(() => this.#connection(handle).getChannelBinding(type) ?? undefined);
  }

  setConnectionContext(handle: number, context: number): void {
    this.#connection(handle).context = this.#state.handles.get("context", context);
  }

  getSession(handle: number): number | undefined {
    const session = this.#connection(handle).getSession();
    return session === null ? undefined : this.#state.handles.add("session", session);
  }

  setSession(handle: number, session: number): Outcome {
    const { handles } = this.#state;
    return this.#state.attempt(() => this.#connection(handle).setSession(handles.get("session", session)));
  }

  sessionReused(handle: number): boolean {
    return this.#connection(handle).sessionReused;
  }

  #chain(certificates: ReturnType<SslConnection["getUnverifiedChain"]>): string {
    const handles = certificates?.map(
      (certificate) => certificate && this.#state.handles.add("certificate", certificate),
    );
    return JSON.stringify(handles ?? null);
  }

  #connection(handle: number): SslConnection {
    return this.#state.handles.get("connection", handle).connection;
  }

  /** What carries the operations out: the stream's pump, or the connection over the program's BIOs itself. */
  #driver(handle: number): TlsStream | SslConnection {
    const { connection, stream } = this.#state.handles.get("connection", handle);
    return stream ?? connection;
  }
}
