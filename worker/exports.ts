/** What the package exports beside `createPython()` and `install()`, the same in browsers and on Node. */
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
} from "../transports/stream.ts";
export {
  PythonError,
  type PythonExceptionReport,
  PythonFileError,
  PythonStartError,
  WorkerLostError,
} from "./errors.ts";
export type { LineSource, PythonOptions, StartProgress } from "./options.ts";
export type { FileEntry, PythonVersions, RunOptions } from "./protocol.ts";
export type { Python, PythonFiles } from "./python.ts";
export { PYODIDE_VERSION } from "./versions.ts";
