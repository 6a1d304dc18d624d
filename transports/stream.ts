/**
 * The one interface that every transport implements: a non-blocking, ordered, reliable byte stream, and the
 * factory that opens them. Nothing here knows of TLS, Python or blocking: who must wait subscribes and waits above.
 */

/** Failure codes of a transport: errno names of POSIX, and `EAI_*` names of `getaddrinfo(3)`. */
export type TransportErrorCode =
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "ECONNABORTED"
  | "EHOSTUNREACH"
  | "ENETUNREACH"
  | "ENETDOWN"
  | "ETIMEDOUT"
  | "EPIPE"
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EAFNOSUPPORT"
  | "EINVAL"
  | "EBADF"
  | "ENOBUFS"
  | "ENOTCONN"
  | "EOPNOTSUPP"
  | "EMFILE"
  | "EAI_NONAME"
  | "EAI_AGAIN"
  | "EAI_FAIL";

/** What went wrong on a stream or in a lookup. Compare `code`; `message` is for people and names host, port or gateway. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** Errno or EAI name; decides which Python exception is raised. */
  readonly code: TransportErrorCode;
  /**
   * What failed is the gateway or the way to it, not the target: `message` says what `code` alone would blame on the target.
   */
  readonly concernsGateway: boolean;

  /**
   * @param code errno or EAI name; decides which Python exception is raised
   * @param message one sentence: what happened, to which host, and what to do about it
   */
  constructor(
    code: TransportErrorCode,
    message: string,
    options?: ErrorOptions & { concernsGateway?: boolean },
  ) {
    super(message, options);
    this.code = code;
    this.concernsGateway = options?.concernsGateway ?? false;
  }
}

/** A numeric address as sockets see it. */
export interface Address {
  /** IPv4 or IPv6. */
  readonly family: 4 | 6;
  /** Numeric form, never a name. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** What {@link ByteStream.read} answers when it has no bytes to give. */
export type NoBytes = "would-block" | "eof";

/**
 * A non-blocking byte stream. Methods never wait; readiness changes are told to subscribers.
 *
 * Life: `connecting` → `open` → `closed`; a failed connect goes from `connecting` to `closed` with `error` set. A stream
 * that failed while open first hands over the bytes received before the failure, as a kernel socket does, then throws.
 */
export interface ByteStream {
  /** A stream that can be read to its end is `open` still. */
  readonly state: "connecting" | "open" | "closed";
  /** The failure that ended the stream, if one did; `read` and `write` throw it once buffered bytes are consumed. */
  readonly error: TransportError | undefined;
  /** Undefined until it is known. */
  readonly localAddress: Address | undefined;
  /** Undefined until it is known. */
  readonly remoteAddress: Address | undefined;
  /** Bytes received and not yet read. */
  readonly readableLength: number;
  /** `read` would give bytes, EOF or an error: what `select(2)` calls readable. */
  readonly isReadable: boolean;
  /** `write` would accept bytes or throw: what `select(2)` calls writable. False while connecting. */
  readonly isWritable: boolean;

  /**
   * Takes up to `maxLength` received bytes off the stream. The array is the caller's to keep, and may be a view of the
   * chunk as it arrived: no copy is made. `"eof"` after the peer ended its sending side, again at every call.
   * @throws {TransportError} when the stream failed and every byte before the failure was read
   */
  read(maxLength: number): Uint8Array | NoBytes;

  /** Puts bytes back to the front of what `read` gives next (for `MSG_PEEK`). */
  unread(bytes: Uint8Array): void;

  /**
   * Queues bytes for sending and answers how many were accepted: all, some, or 0 when the send buffer is full. The bytes
   * are copied, or handed to the host before this returns: the caller may reuse its memory.
   * @param hasMore more follows soon, as with `MSG_MORE`: what costs most by the message may wait for it, until this
   *   thread's event loop goes on
   * @throws {TransportError} ENOTCONN while connecting, EPIPE after `shutdownWrite` and once the stream is closed without
   *   a failure (the peer's end alone does not close it where there is half-close), EBADF after `close`, or the failure
   */
  write(bytes: Uint8Array, hasMore?: boolean): number;

  /**
   * Ends the sending side after what is queued. Where there is no half-close (Wisp through other people's gateways) only
   * local writes end. While connecting it gives the connection up, as `shutdown(2)` does.
   */
  shutdownWrite(): void;

  /** Lets go of the stream: queued bytes are still sent, received ones dropped. Idempotent. */
  close(): void;

  /** Ends the stream at once, with a reset where the transport can. Idempotent. */
  abort(): void;

  /** Calls `listener` after every change that may alter `state`, `isReadable` or `isWritable`. Answers the unsubscriber. */
  subscribe(listener: () => void): () => void;
}

/** A connection that waits to be accepted. */
export interface Arrival {
  /** Takes it. */
  accept(): ByteStream;
  /** Refuses it. */
  reset(): void;
}

/**
 * A port of the host's that is held. Connections to it are reset until {@link HostPort.start}: the host's kernel can't be told to
 * refuse them.
 */
export interface HostPort {
  /** The address and port that were taken. */
  readonly address: Address;
  /**
   * From now on connections go to `onArrival`, which answers false for those that it has no room for.
   * @param onFailure told when the host can't accept any more
   */
  start(onArrival: (arrival: Arrival) => boolean, onFailure: (error: TransportError) => void): void;
  /** Resets connections again. */
  stop(): void;
  /** Gives the port back. */
  close(): void;
}

/** How a port is taken. */
export interface HoldOptions {
  /** `IPV6_V6ONLY` */
  readonly isIpv6Only?: boolean;
  /** `SO_REUSEPORT` */
  readonly sharesPort?: boolean;
}

/** What a datagram socket is bound to. */
export interface DatagramOptions extends HoldOptions {
  /** The address to bind. */
  readonly host: string;
  /** The port to bind; 0 picks a free one. */
  readonly port: number;
  /** `SO_REUSEADDR` */
  readonly reusesAddress?: boolean;
  /** Called for every datagram that arrives. */
  readonly onMessage: (message: Datagram) => void;
}

/** What a datagram carries besides its bytes, over IPv6: RFC 3542 section 6. */
export interface DatagramMarks {
  /** `IPV6_HOPLIMIT` */
  readonly hopLimit: number;
  /** `IPV6_TCLASS` */
  readonly trafficClass: number;
}

/** A message and where it came from. */
export interface Datagram {
  /** Who sent it. */
  readonly from: Address;
  /** What it says. */
  readonly bytes: Uint8Array;
  /** Absent over IPv4. */
  readonly marks?: DatagramMarks;
}

/** A datagram socket of the host's. */
export interface HostDatagrams {
  /** What it is bound to. */
  readonly address: Address;
  /** Sends a message, as far as anyone can tell. `bytes` is not changed afterwards. */
  send(bytes: Uint8Array, host: string, port: number, isBroadcast: boolean): void;
  /** Gives the port back. */
  close(): void;
}

/** A listening socket. `accept` never waits. */
export interface Listener {
  readonly address: Address;
  readonly error: TransportError | undefined;
  readonly isReadable: boolean;
  accept(): ByteStream | "would-block";
  close(): void;
  subscribe(listener: () => void): () => void;
}

/** Opens streams and resolves names. One instance serves a whole Python interpreter. */
export interface Transport {
  /** For messages: `"node"`, `"wisp"`. */
  readonly name: string;
  /** Whether `lookup` gives the real addresses. False means that names are resolved at the far end of the transport. */
  readonly resolvesNames: boolean;

  /**
   * Numeric addresses of a name, in the order to try.
   * @throws {TransportError} (as rejection) EAI_NONAME, EAI_AGAIN or EAI_FAIL
   */
  lookup(host: string, family: 0 | 4 | 6): Promise<readonly { family: 4 | 6; host: string }[]>;

  /**
   * Starts to connect to `host` (a name or a numeric address) and answers at once; never throws. The outcome is the
   * stream's `state` and `error`. A name that does not exist ends it with EAI_NONAME.
   * @param from the local address to connect from, where the transport can choose it
   */
  connect(host: string, port: number, from?: Address): ByteStream;

  /**
   * Takes a port of the host's; undefined where the transport can't. It is taken when the promise settles.
   * @throws {TransportError} (as rejection) EADDRINUSE, EADDRNOTAVAIL, EACCES …
   */
  hold?(host: string, port: number, options?: HoldOptions): Promise<HostPort>;

  /** The name of a numeric address, empty when it has none; undefined where the transport can't tell. Never rejects. */
  reverse?(address: string): Promise<string>;

  /**
   * Opens a datagram socket; undefined where the transport carries none. It is bound when the promise settles.
   * @throws {TransportError} (as rejection) EADDRINUSE, EADDRNOTAVAIL, EACCES …
   */
  openDatagrams?(options: DatagramOptions): Promise<HostDatagrams>;

  /** Aborts every stream and lets go of what the transport holds (the gateway's WebSocket). */
  close(): void;
}
