/** Which addresses are bound inside the interpreter, and which bound address a destination means. One table for TCP, one for UDP. */
import type { Address } from "./stream.ts";

/** What `bind(2)` is asked for, with the socket's options that decide whether an address may be shared. */
export interface BindRequest {
  readonly address: Address;
  /** `IPV6_V6ONLY`: `[::]` does not stand for the IPv4 addresses too. */
  readonly isIpv6Only: boolean;
  /** `SO_REUSEADDR` */
  readonly reusesAddress: boolean;
  /** `SO_REUSEPORT` */
  readonly sharesPort: boolean;
}

/** A bound address. `owner` is what destinations reach through it, undefined while nothing is there: not yet listening. */
export interface Binding<T> extends BindRequest {
  owner: T | undefined;
}

/** Linux's default `ip_local_port_range`. */
const FIRST_EPHEMERAL_PORT = 32768;
const LAST_EPHEMERAL_PORT = 60999;

/** The bound addresses of one protocol. */
export class PortTable<T> {
  readonly #bindings = new Map<number, Binding<T>[]>();
  /** `SO_REUSEADDR` lets a listening address be bound again: so it is with UDP, not with TCP. */
  readonly #sharesOwned: boolean;
  #next: number = FIRST_EPHEMERAL_PORT;

  constructor(options: { readonly sharesOwned: boolean }) {
    this.#sharesOwned = options.sharesOwned;
  }

  /** How many addresses are bound. */
  get size(): number {
    let count = 0;
    for (const bindings of this.#bindings.values()) count += bindings.length;
    return count;
  }

  /**
   * Binds an address; port 0 takes a free one. Undefined: it is in use, by the rules of Linux's
   * `inet_csk_bind_conflict` and `udp_lib_get_port`.
   */
  bind(request: BindRequest): Binding<T> | undefined {
    const port = request.address.port || this.#freePort(request);
    if (port === undefined) return undefined;
    const binding: Binding<T> = { ...request, address: { ...request.address, port }, owner: undefined };
    if (!this.canBind(binding)) return undefined;
    const bindings = this.#bindings.get(port);
    if (bindings) bindings.push(binding);
    else this.#bindings.set(port, [binding]);
    return binding;
  }

  /** Whether an address with a port could be bound. @param except a binding that does not count */
  canBind(request: BindRequest, except?: Binding<T>): boolean {
    const others = this.#bindings.get(request.address.port) ?? [];
    return others.every(
      (other) => other === except || !overlaps(request, other) || this.#mayShare(request, other),
    );
  }

  release(binding: Binding<T>): void {
    const port = binding.address.port;
    const rest = (this.#bindings.get(port) ?? []).filter((other) => other !== binding);
    if (rest.length > 0) this.#bindings.set(port, rest);
    else this.#bindings.delete(port);
  }

  /** The bindings that a destination reaches, the most exact first. */
  matches(destination: Address): Binding<T>[] {
    return (this.#bindings.get(destination.port) ?? [])
      .map((binding) => ({ binding, rank: rankOf(binding, destination) }))
      .filter(({ rank }) => rank > 0)
      .sort((one, other) => other.rank - one.rank)
      .map(({ binding }) => binding);
  }

  /** A port for a client's end: no one is bound to it. */
  ephemeralPort(): number {
    for (let tries = 0; tries <= LAST_EPHEMERAL_PORT - FIRST_EPHEMERAL_PORT; tries++) {
      const port = this.#advance();
      if (!this.#bindings.has(port)) return port;
    }
    return this.#advance();
  }

  #advance(): number {
    const port = this.#next;
    this.#next = port === LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    return port;
  }

  #freePort(request: BindRequest): number | undefined {
    for (let tries = 0; tries <= LAST_EPHEMERAL_PORT - FIRST_EPHEMERAL_PORT; tries++) {
      const port = this.#advance();
      if (!this.#bindings.has(port)) return port;
    }
    return request.sharesPort ? this.#advance() : undefined;
  }

  #mayShare(one: BindRequest, other: Binding<T>): boolean {
    if (one.sharesPort && other.sharesPort) return true;
    return one.reusesAddress && other.reusesAddress && (this.#sharesOwned || other.owner === undefined);
  }
}

/** Whether an address is one that only the interpreter itself can mean: 127.0.0.0/8, ::1, and as destinations the wildcards. */
export function isLoopbackHost(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === "::1" || isWildcardHost(host);
}

export function isWildcardHost(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The IPv4 address inside `::ffff:a.b.c.d`, other addresses as they are; a wildcard destination is the loopback address. */
export function destinationOf(host: string, port: number): Address {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1];
  const plain = mapped ?? host;
  if (plain === "0.0.0.0") return { family: 4, host: "127.0.0.1", port };
  if (plain === "::") return { family: 6, host: "::1", port };
  return { family: plain.includes(":") ? 6 : 4, host: plain, port };
}

function overlaps(one: BindRequest, other: BindRequest): boolean {
  if (one.address.family !== other.address.family) {
    const [six, four] = one.address.family === 6 ? [one, other] : [other, one];
    return (
      coversIpv4(six) && (isWildcardHost(six.address.host) || mappedIs(six.address.host, four.address.host))
    );
  }
  const [a, b] = [one.address.host, other.address.host];
  return a === b || isWildcardHost(a) || isWildcardHost(b);
}

function coversIpv4(request: BindRequest): boolean {
  return !request.isIpv6Only && (request.address.host === "::" || request.address.host.startsWith("::ffff:"));
}

function mappedIs(six: string, four: string): boolean {
  const plain = destinationOf(six, 0).host;
  return plain === four || isWildcardHost(four);
}

/**
 * 0: not reached. Exact addresses win over wildcards, and the family's own wildcard over the dual one. What a wildcard covers
 * beyond loopback is the host's to know.
 */
function rankOf(binding: BindRequest, destination: Address): number {
  const { address } = binding;
  if (isWildcardHost(address.host) && !isLoopbackHost(destination.host)) return 0;
  if (address.family === destination.family) {
    if (address.host === destination.host) return 3;
    return isWildcardHost(address.host) ? 2 : 0;
  }
  if (destination.family === 6 || !coversIpv4(binding)) return 0;
  if (address.host === "::") return 1;
  return destinationOf(address.host, 0).host === destination.host ? 3 : 0;
}
