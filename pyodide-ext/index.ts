/** What goes into Pyodide. `install()` is the way in. */
export { type AssetLocation, type AssetName, type AssetUrls, assetUrls } from "./asset-urls.ts";
export {
  type AssetSource,
  type Assets,
  loadAssets,
  openAssets,
  type PythonAssets,
  type TlsAssets,
} from "./assets.ts";
export type { ConnectionCertificate, ConnectionEvent, ConnectionTls } from "./connection-events.ts";
export {
  type Installation,
  type InstallationCounts,
  type InstallOptions,
  type InstallStage,
  install,
} from "./install.ts";
export type { PyodideFileSystem, PyodideLike } from "./pyodide-like.ts";
