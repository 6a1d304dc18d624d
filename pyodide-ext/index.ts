/** What goes into Pyodide. `install()` is the way in. */
export { type Assets, loadAssets } from "./assets.ts";
export type { ConnectionCertificate, ConnectionEvent, ConnectionTls } from "./connection-events.ts";
export {
  type Installation,
  type InstallationCounts,
  type InstallOptions,
  type InstallStage,
  install,
} from "./install.ts";
