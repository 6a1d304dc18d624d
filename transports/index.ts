/** What browsers and Node share. Node's own TCP is in node.ts. */
export {
  type Address,
  type Arrival,
  type ByteStream,
  type Datagram,
  type DatagramMarks,
  type DatagramOptions,
  type HoldOptions,
  type HostDatagrams,
  type HostPort,
  type NoBytes,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from "./stream.ts";
export { createWispTransport } from "./wisp.ts";
