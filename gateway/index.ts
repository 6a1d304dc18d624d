/**
 * A Wisp gateway inside a Node program. On the command line it is `npx pyodide-ssl gateway` (command.ts).
 * @module pyodide-ssl/gateway
 */
export type { Resolve } from "./connect-target.ts";
export { type Log, type LogEntry, lineLog } from "./log.ts";
export { type Gateway, type GatewayOptions, startGateway } from "./server.ts";
export { type GatewaySettings, SettingError } from "./settings.ts";
