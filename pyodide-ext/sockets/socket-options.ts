/** `setsockopt(2)` and `getsockopt(2)`: values are kept and given back; few of them can reach the transport. */
import type { SocketEntry } from "./socket-table.ts";

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const SOL_IPV6 = 41;
const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_LINGER = 13;
const SO_ACCEPTCONN = 30;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const TCP_NODELAY = 1;
const TCP_MAXSEG = 2;

const READ_ONLY = new Set([SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN]);
/** SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_REUSEPORT: kept as 0 or 1. */
const SWITCHES = new Set([1, 2, 5, 6, 9, 10, 15]);
const LEVELS = new Set([SOL_IP, SOL_SOCKET, SOL_TCP, SOL_IPV6]);
/** The highest option number of SOL_SOCKET in Linux 6, and of the other levels. */
const LAST_SOCKET_OPTION = 83;
const LAST_OPTION = 255;

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
  } else if ((level === SOL_SOCKET && SWITCHES.has(name)) || (level === SOL_TCP && name === TCP_NODELAY)) {
    kept = int32(asInt === 0 ? 0 : 1);
  } else if (level === SOL_SOCKET && (name === SO_SNDBUF || name === SO_RCVBUF)) {
    // Linux doubles the size for its own book-keeping and answers the doubled value, socket(7).
    kept = int32(Math.max(asInt * 2, 2304));
  }
  entry.options.set(optionKey(level, name), kept);
  return undefined;
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
    if (name === SO_PROTOCOL) return int32(SOL_TCP);
    if (name === SO_ACCEPTCONN) return int32(entry.isListening ? 1 : 0);
    if (name === SO_LINGER) return entry.options.get(optionKey(level, name)) ?? new Uint8Array(8);
  }
  const key = optionKey(level, name);
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
