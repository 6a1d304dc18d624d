/** What browsers and Node share. Node's own TCP is in node.ts. */
export { type ByteStream, type Transport, TransportError, type TransportErrorCode } from "./stream.ts";
export { createWispTransport } from "./wisp.ts";
