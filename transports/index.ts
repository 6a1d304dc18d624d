export {
  type Address,
  type ByteStream,
  type Listener,
  type NoBytes,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from "./stream.ts";
