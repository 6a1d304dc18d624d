export { createSocketBridge, SocketBridge, type SocketBridgeOptions } from "./socket-bridge.ts";
export { FIRST_SOCKET_NUMBER, SocketEntry, SocketTable } from "./socket-table.ts";
