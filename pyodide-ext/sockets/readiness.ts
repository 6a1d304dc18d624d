/** What `poll(2)` would say of a socket. */
import type { SocketEntry } from "./socket-table.ts";

/** Event bits of `poll(2)`, as Emscripten's musl and Python's `select` module number them. */
export const POLLIN = 0x001;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
const POLLRDNORM = 0x040;
const POLLWRNORM = 0x100;
const POLLRDHUP = 0x2000;

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/**
 * The events that hold for a socket now, as Linux's `tcp_poll` and `datagram_poll` compute them. An undefined entry is a number that is not
 * open: POLLNVAL.
 */
export function pollEvents(entry: SocketEntry | undefined): number {
  if (!entry) return POLLNVAL;
  if (entry.listener) return entry.listener.isReadable ? READABLE : 0;
  if (entry.datagrams) {
    const { isReadable, isRefused } = entry.datagrams;
    return (isReadable ? READABLE : 0) | WRITABLE | (isRefused ? POLLERR : 0);
  }
  const stream = entry.stream;
  if (!stream) return WRITABLE | POLLHUP;
  if (entry.pendingError) {
    return READABLE | WRITABLE | POLLERR | POLLHUP | POLLRDHUP;
  }
  if (stream.state === "connecting") return 0;
  const hasBytes = stream.readableLength > 0 || (entry.hasHeldBytes?.() ?? false);
  const hasEnded = entry.isReadShut || (stream.isReadable && stream.readableLength === 0);
  let events = 0;
  if (hasBytes || hasEnded) events |= READABLE;
  if (hasEnded) events |= POLLRDHUP;
  if (stream.isWritable || entry.isWriteShut) events |= WRITABLE;
  if ((hasEnded && entry.isWriteShut) || stream.state === "closed") events |= POLLHUP;
  return events;
}
