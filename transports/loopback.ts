/**
 * TCP inside the interpreter: who listens here is reached without a host's network. `connect` and `listen` never wait, so that one
 * thread of Python can be both ends.
 */
import { FailedStream } from "./buffered-stream.ts";
import { LoopbackListener } from "./loopback-listener.ts";
import {
  type Binding,
  type BindRequest,
  destinationOf,
  isLoopbackHost,
  isWildcardHost,
  PortTable,
} from "./loopback-ports.ts";
import type { Address, ByteStream, Transport } from "./stream.ts";
import { TransportError } from "./stream.ts";

/** A bound TCP socket; its owner is there while it listens. */
export type TcpBinding = Binding<LoopbackListener>;

/** The bound and the listening TCP sockets of one interpreter. */
export class LoopbackNetwork {
  readonly ports: PortTable<LoopbackListener> = new PortTable<LoopbackListener>({ sharesOwned: false });
  /** Spreads connections over those who share a port with `SO_REUSEPORT`. */
  #turn = 0;

  /** Undefined: the address is in use. */
  bind(request: BindRequest): TcpBinding | undefined {
    return this.ports.bind(request);
  }

  /** Starts to listen, or changes the backlog. Undefined: someone who shares the address listens already. */
  listen(binding: TcpBinding, backlog: number): LoopbackListener | undefined {
    if (binding.owner) {
      binding.owner.setBacklog(backlog);
      return binding.owner;
    }
    if (!this.ports.canBind(binding, binding)) return undefined;
    binding.owner = new LoopbackListener(binding.address, backlog);
    return binding.owner;
  }

  /** Ends listening; the address stays bound. */
  stopListening(binding: TcpBinding): void {
    binding.owner?.close();
    binding.owner = undefined;
  }

  release(binding: TcpBinding): void {
    this.stopListening(binding);
    this.ports.release(binding);
  }

  /**
   * Connects to who listens at an address: at once, or when the backlog has room. Undefined: nobody here is bound to it. A socket
   * that is bound and does not listen refuses.
   * @param from where the client is bound, if it is
   */
  connect(host: string, port: number, from?: Address): ByteStream | undefined {
    const to = destinationOf(host, port);
    const bindings = this.ports.matches(to);
    if (bindings.length === 0) return undefined;
    const listeners = bindings.flatMap((binding) => binding.owner ?? []);
    const best = bindings.filter((binding) => binding.owner && binding.sharesPort);
    const listener =
      best.length > 1 && best[0]?.owner === listeners[0]
        ? best[this.#turn++ % best.length]?.owner
        : listeners[0];
    const bound = from && !isWildcardHost(from.host) ? from : undefined;
    const client: Address = bound ?? {
      family: to.family,
      host: to.host,
      port: from?.port || this.ports.ephemeralPort(),
    };
    if (listener) return listener.connect(client, to);
    return new FailedStream("ECONNREFUSED", `Nobody listens on ${to.host}:${port}.`);
  }
}

/** A transport that reaches the interpreter's own listeners and nothing else. */
export function createLoopbackTransport(network: LoopbackNetwork = new LoopbackNetwork()): Transport {
  return new LoopbackTransport(network);
}

class LoopbackTransport implements Transport {
  readonly name = "loopback";
  readonly resolvesNames = true;
  readonly #network: LoopbackNetwork;
  readonly #streams = new Set<ByteStream>();

  constructor(network: LoopbackNetwork) {
    this.#network = network;
  }

  async lookup(host: string, family: 0 | 4 | 6): Promise<readonly { family: 4 | 6; host: string }[]> {
    const own = addressesOf(host);
    const fitting = own.filter((address) => family === 0 || address.family === family);
    if (fitting.length === 0) throw new TransportError("EAI_NONAME", `${host}: Name or service not known`);
    return fitting;
  }

  connect(host: string, port: number): ByteStream {
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      return new FailedStream("EINVAL", `${port} is not a port number.`);
    }
    const numeric = addressesOf(host)[0]?.host;
    if (numeric === undefined) return new FailedStream("EAI_NONAME", `${host}: Name or service not known`);
    if (!isLoopbackHost(numeric)) {
      return new FailedStream("ENETUNREACH", `${host} is outside of the interpreter.`);
    }
    const stream =
      this.#network.connect(numeric, port) ??
      new FailedStream("ECONNREFUSED", `Nobody listens on ${numeric}:${port}.`);
    this.#streams.add(stream);
    stream.subscribe(() => {
      if (stream.state === "closed") this.#streams.delete(stream);
    });
    return stream;
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.abort();
  }
}

function addressesOf(host: string): { family: 4 | 6; host: string }[] {
  if (host.includes(":")) return [{ family: 6, host }];
  if (/^[\d.]+$/.test(host)) return [{ family: 4, host }];
  const isLocal = host === "localhost" || host.endsWith(".localhost");
  return isLocal
    ? [
        { family: 4, host: "127.0.0.1" },
        { family: 6, host: "::1" },
      ]
    : [];
}
