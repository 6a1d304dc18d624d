/** This package's gateway in a process of its own, which may reach the origin on this machine and tells its parent its port. */
import { startGateway } from "pyodide-ssl/gateway";
import { BENCH_GATEWAY } from "../gateway-options.ts";

const gateway = await startGateway({
  ...BENCH_GATEWAY,
  resolve: async () => [{ address: "127.0.0.1", family: 4 }],
});
process.send?.(gateway.port);
process.once("disconnect", () => process.exit());
