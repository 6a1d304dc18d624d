import { BlockList, isIP } from "node:net";
import type { GatewaySettings } from "./settings.ts";
import { SettingError } from "./settings.ts";

/** IPv4 ranges that are not the public internet: IANA's special-purpose registry (RFC 6890), multicast and reserved. */
const SPECIAL_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/**
 * Of IPv6 only global unicast (2000::/3) is let through, which leaves out ::, ::1, mapped IPv4, NAT64, unique local,
 * link-local and multicast; and within it not what tunnels IPv4 (an inner private address would slip by) or is for
 * documentation.
 */
const GLOBAL_IPV6 = ["2000::/3"];
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** What may be connected to, and who may ask. Made once from the settings; holds no state. */
export class Policy {
  #settings: GatewaySettings;
  #ports: readonly (readonly [number, number])[];
  #special = addressList("", SPECIAL_IPV4.concat(SPECIAL_IPV6));
  #globalIpv6 = addressList("", GLOBAL_IPV6);
  #denied: BlockList;
  #allowed: BlockList;
  #origins: readonly OriginPattern[];

  /** @throws {SettingError} when a port range, address range or origin is malformed */
  constructor(settings: GatewaySettings) {
    this.#settings = settings;
    this.#ports = settings.targetPorts.map(portRange);
    this.#denied = addressList("denyAddresses", settings.denyAddresses);
    this.#allowed = addressList("dangerAllowAddresses", settings.dangerAllowAddresses);
    this.#origins = settings.origins.map(originPattern);
  }

  /** Why a target may not be connected to, before its name is resolved; undefined when it may. */
  refuseTarget(host: string, port: number): string | undefined {
    const { dangerAnyPort, allowHosts, denyHosts, targetPorts } = this.#settings;
    if (!dangerAnyPort && !this.#ports.some(([low, high]) => port >= low && port <= high)) {
      return `port ${port} is not among the gateway's target ports (${targetPorts.join(", ") || "none"})`;
    }
    const name = host.toLowerCase().replace(/\.$/, "");
    if (denyHosts.some((pattern) => matchesHost(pattern, name))) return `host ${host} is denied`;
    if (allowHosts.length > 0 && !allowHosts.some((pattern) => matchesHost(pattern, name))) {
      return `host ${host} is not among the gateway's allowed hosts`;
    }
    return undefined;
  }

  /** Whether a resolved, numeric address may be connected to. */
  allowsAddress(address: string): boolean {
    // A zone ("fe80::1%eth0") belongs to this machine's links only.
    const family = isIP(address);
    if (family === 0 || address.includes("%")) return false;
    const kind = family === 4 ? "ipv4" : "ipv6";
    if (this.#denied.check(address, kind)) return false;
    if (this.#settings.dangerAllowPrivate || this.#allowed.check(address, kind)) return true;
    if (this.#special.check(address, kind)) return false;
    return family === 4 || this.#globalIpv6.check(address, kind);
  }

  /**
   * Why a client may not use the gateway; undefined when it may.
   * @param origin the Origin header, which browsers always send and pages cannot change
   * @param own origins under which the gateway itself is served
   */
  refuseOrigin(origin: string | undefined, own: readonly string[]): string | undefined {
    if (this.#settings.dangerAnyOrigin) return undefined;
    if (origin === undefined) {
      return this.#settings.requireOrigin ? "a request without Origin is not allowed" : undefined;
    }
    if (own.includes(origin) || isLoopbackOrigin(origin)) return undefined;
    if (this.#origins.some((pattern) => pattern(origin))) return undefined;
    return `origin ${origin.slice(0, 60)} is not allowed; see --origins`;
  }
}

/**
 * A list of addresses and CIDR ranges.
 * @throws {SettingError} naming `setting`
 */
export function addressList(setting: string, ranges: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const range of ranges) {
    const [address = "", bits, ...rest] = range.split("/");
    const family = isIP(address);
    const kind = family === 4 ? "ipv4" : "ipv6";
    const width = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (family === 0 || rest.length > 0 || prefix < 0 || prefix > width) {
      throw new SettingError(`"${setting}": ${JSON.stringify(range)} is not an address or CIDR range`);
    }
    blocks.addSubnet(address, prefix, kind);
  }
  return blocks;
}

function portRange(text: string): readonly [number, number] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const low = Number(match?.[1] ?? Number.NaN);
  const high = Number(match?.[2] ?? low);
  if (!(low >= 1 && low <= high && high <= 65535)) {
    throw new SettingError(
      `"targetPorts": ${JSON.stringify(text)} is not a port (443) or a range of ports (8000-8100)`,
    );
  }
  return [low, high];
}

function matchesHost(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  return wanted.startsWith("*.") ? name.endsWith(wanted.slice(1)) : name === wanted;
}

type OriginPattern = (origin: string) => boolean;

function originPattern(text: string): OriginPattern {
  if (text === "null") return (origin) => origin === "null";
  const match = /^(https?):\/\/(\*\.)?([a-z0-9.[\]:-]+)$/i.exec(text);
  if (match === null) {
    throw new SettingError(
      `"origins": ${JSON.stringify(text)} is not an origin: it must look like https://app.example, without a path`,
    );
  }
  const [, scheme = "", wildcard, host = ""] = match;
  const prefix = `${scheme.toLowerCase()}://`;
  const rest = host.toLowerCase();
  if (wildcard === undefined) return (origin) => origin === prefix + rest;
  return (origin) => origin.startsWith(prefix) && origin.slice(prefix.length).endsWith(`.${rest}`);
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  if (protocol !== "http:" && protocol !== "https:") return false;
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
