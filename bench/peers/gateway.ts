/** This package's gateway in a process of its own, which may reach the origin on this machine and tells its parent its port. */
import { startGateway } from "pyodide-ssl/gateway";

const gateway = await startGateway({
  port: 0,
  dangerAllowAddresses: ["127.0.0.1"],
  dangerAnyPort: true,
  newStreamsPerSecond: 1_000_000,
  newStreamsBurst: 1_000_000,
  stopTimeoutSeconds: 0,
  log: "none",
  resolve: async () => [{ address: "127.0.0.1", family: 4 }],
});
process.send?.(gateway.port);
process.once("disconnect", () => process.exit());
