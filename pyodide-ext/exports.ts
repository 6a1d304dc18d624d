/** What the package exports of this layer without the code that runs in Pyodide: `install()` alone has that. */
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
export type { Installation, InstallationCounts, InstallOptions, InstallStage } from "./install.ts";
export type { PyodideFileSystem, PyodideLike } from "./pyodide-like.ts";
