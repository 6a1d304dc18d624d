/** What browsers and Node share. Node's own TCP is in node.ts. */
export {
  type Address,
  type ByteStream,
  type Listener,
  type NoBytes,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from "./stream.ts";
export { createWispTransport, type WispTransportOptions } from "./wisp.ts";
