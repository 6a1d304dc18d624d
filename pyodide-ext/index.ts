/** What goes into Pyodide. `install()` is the way in. */
export { type Assets, loadAssets } from "./assets.ts";
export type { ConnectionCertificate, ConnectionEvent, ConnectionTls } from "./connection-events.ts";
export {
  type InstallOptions,
  type InstallStage,
  type Installation,
  type InstallationCounts,
  install,
} from "./install.ts";
