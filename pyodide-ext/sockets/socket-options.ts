/** `setsockopt(2)` and `getsockopt(2)`: values are kept and given back; few of them can reach the transport. */
import { LoopbackStream } from "../../transports/loopback-stream.ts";
import type { DatagramMarks } from "../../transports/stream.ts";
import type { SocketEntry } from "./socket-table.ts";

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const SOL_IPV6 = 41;
const SOL_UDP = 17;
const SO_REUSEADDR = 2;
const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_BROADCAST = 6;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_LINGER = 13;
const SO_REUSEPORT = 15;
const SO_ACCEPTCONN = 30;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const IPV6_UNICAST_HOPS = 16;
const IPV6_V6ONLY = 26;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_RECVTCLASS = 66;
const IPV6_TCLASS = 67;
/** Linux's `net.ipv6.conf.default.hop_limit`. */
const DEFAULT_HOP_LIMIT = 64;
const TCP_NODELAY = 1;
const TCP_MAXSEG = 2;

const READ_ONLY = new Set([SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN]);
/** SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_REUSEPORT: kept as 0 or 1. */
const SWITCHES = new Set([1, 2, 5, 6, 9, 10, 15]);
const LEVELS = new Set([SOL_IP, SOL_SOCKET, SOL_TCP, SOL_IPV6, SOL_UDP]);
/** The highest option number of SOL_SOCKET in Linux 6, and of the other levels. */
const LAST_SOCKET_OPTION = 83;
const LAST_OPTION = 255;

const SOCK_DGRAM = 2;

/** What a fresh TCP socket of Linux answers where that is not 0. */
const DEFAULTS: ReadonlyMap<number, number> = new Map([
  [optionKey(SOL_SOCKET, SO_SNDBUF), 16384],
  [optionKey(SOL_SOCKET, SO_RCVBUF), 131072],
  [optionKey(SOL_TCP, TCP_MAXSEG), 536],
]);

function optionKey(level: number, name: number): number {
  return level * 0x10000 + name;
}

/**
 * Keeps an option. Answers an errno name when Linux would refuse it.
 * @param value the bytes as in C: an int is four, little-endian
 */
export function setOption(
  entry: SocketEntry,
  level: number,
  name: number,
  value: Uint8Array,
): "ENOPROTOOPT" | "EINVAL" | undefined {
  if (!LEVELS.has(level) || !isOption(level, name)) return "ENOPROTOOPT";
  if (level === SOL_SOCKET && READ_ONLY.has(name)) return "ENOPROTOOPT";
  if (value.length < 4) return "EINVAL";
  let kept = value.slice();
  const asInt = new DataView(kept.buffer).getInt32(0, true);
  if (level === SOL_SOCKET && name === SO_LINGER) {
    if (value.length < 8) return "EINVAL";
    const seconds = new DataView(kept.buffer).getInt32(4, true);
    entry.isCloseAbortive = asInt !== 0 && seconds === 0;
    if (asInt === 0) {
      // As in sk_setsockopt(): the time is that of the last time when it was on.
      kept = (entry.options.get(optionKey(level, name)) ?? new Uint8Array(8)).slice();
      kept.fill(0, 0, 4);
    }
  } else if ((level === SOL_SOCKET && SWITCHES.has(name)) || (level === SOL_TCP && name === TCP_NODELAY)) {
    kept = int32(asInt === 0 ? 0 : 1);
  } else if (level === SOL_SOCKET && (name === SO_SNDBUF || name === SO_RCVBUF)) {
    // Linux doubles the size for its own book-keeping and answers the doubled value, socket(7).
    kept = int32(Math.max(asInt * 2, 2304));
  }
  entry.options.set(optionKey(level, name), kept);
  applyBufferSizes(entry);
  return undefined;
}

/** The options that decide whether an address can be bound. */
export function bindOptions(entry: SocketEntry): {
  isIpv6Only: boolean;
  reusesAddress: boolean;
  sharesPort: boolean;
} {
  return {
    isIpv6Only: isOn(entry, SOL_IPV6, IPV6_V6ONLY),
    reusesAddress: isOn(entry, SOL_SOCKET, SO_REUSEADDR),
    sharesPort: isOn(entry, SOL_SOCKET, SO_REUSEPORT),
  };
}

/** What the datagrams of a socket carry besides their bytes, where a message itself does not say. */
export function sentMarks(entry: SocketEntry): DatagramMarks {
  const value = (name: number): number => {
    const kept = entry.options.get(optionKey(SOL_IPV6, name));
    return kept ? intOf(kept) : -1;
  };
  const [hops, trafficClass] = [value(IPV6_UNICAST_HOPS), value(IPV6_TCLASS)];
  return { hopLimit: hops < 0 ? DEFAULT_HOP_LIMIT : hops, trafficClass: Math.max(trafficClass, 0) };
}

/** Which of them a socket wants to be told. */
export function wantedMarks(entry: SocketEntry): { hopLimit: boolean; trafficClass: boolean } {
  return {
    hopLimit: isOn(entry, SOL_IPV6, IPV6_RECVHOPLIMIT),
    trafficClass: isOn(entry, SOL_IPV6, IPV6_RECVTCLASS),
  };
}

/** `SO_BROADCAST` */
export function isBroadcastAllowed(entry: SocketEntry): boolean {
  return isOn(entry, SOL_SOCKET, SO_BROADCAST);
}

/** An accepted socket has the options of the one that listened: Linux's `sk_clone_lock`. */
export function inheritOptions(entry: SocketEntry, listening: SocketEntry): void {
  for (const [key, value] of listening.options) entry.options.set(key, value);
  entry.isCloseAbortive = listening.isCloseAbortive;
  applyBufferSizes(entry);
}

/** Buffers inside the interpreter are as large as the program says; what a host's network holds is its own. */
export function applyBufferSizes(entry: SocketEntry): void {
  const sent = entry.options.get(optionKey(SOL_SOCKET, SO_SNDBUF));
  const received = entry.options.get(optionKey(SOL_SOCKET, SO_RCVBUF));
  if (entry.stream instanceof LoopbackStream) {
    if (sent) entry.stream.sendBufferSize = intOf(sent);
    if (received) entry.stream.receiveBufferSize = intOf(received);
  }
  if (entry.datagrams && received) entry.datagrams.receiveBufferSize = intOf(received);
}

function isOn(entry: SocketEntry, level: number, name: number): boolean {
  const value = entry.options.get(optionKey(level, name));
  return value !== undefined && intOf(value) !== 0;
}

function intOf(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset).getInt32(0, true);
}

/** An option's bytes, or an errno name. Reading SO_ERROR is the bridge's, since it takes the error away. */
export function getOption(
  entry: SocketEntry,
  level: number,
  name: number,
): Uint8Array | "ENOPROTOOPT" | "EOPNOTSUPP" {
  if (!LEVELS.has(level)) return "EOPNOTSUPP";
  if (!isOption(level, name)) return "ENOPROTOOPT";
  if (level === SOL_SOCKET) {
    if (name === SO_TYPE) return int32(entry.type);
    if (name === SO_DOMAIN) return int32(entry.family);
    if (name === SO_PROTOCOL) return int32(entry.proto || (entry.type === SOCK_DGRAM ? SOL_UDP : SOL_TCP));
    if (name === SO_ACCEPTCONN) return int32(entry.isListening ? 1 : 0);
    if (name === SO_LINGER) return entry.options.get(optionKey(level, name)) ?? new Uint8Array(8);
  }
  const key = optionKey(level, name);
  if (entry.datagrams && level === SOL_SOCKET && (name === SO_SNDBUF || name === SO_RCVBUF)) {
    return entry.options.get(key) ?? int32(212_992);
  }
  return entry.options.get(key) ?? int32(DEFAULTS.get(key) ?? 0);
}

/** Whether an option is SO_ERROR. */
export function isErrorOption(level: number, name: number): boolean {
  return level === SOL_SOCKET && name === SO_ERROR;
}

function isOption(level: number, name: number): boolean {
  return name >= 0 && name <= (level === SOL_SOCKET ? LAST_SOCKET_OPTION : LAST_OPTION);
}

function int32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
