/** How benches start this package's gateway: whatever is on this machine may be reached, as often as one likes. */
import type { GatewayOptions } from "pyodide-ssl/gateway";

export const BENCH_GATEWAY: GatewayOptions = {
  port: 0,
  dangerAllowAddresses: ["127.0.0.1"],
  dangerAnyPort: true,
  newStreamsPerSecond: 1_000_000,
  newStreamsBurst: 1_000_000,
  stopTimeoutSeconds: 0,
  log: "none",
};
