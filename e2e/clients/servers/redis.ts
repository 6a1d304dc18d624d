/** Redis that listens for TLS alone. */
import { accepts, freePort } from "../../peers/child.ts";
import type { Sandbox } from "../sandbox.ts";
import { PASSWORD, type ServerAddress } from "./server.ts";

export async function startRedis(sandbox: Sandbox): Promise<ServerAddress> {
  const port = await freePort();
  const configuration = sandbox.file(
    "redis.conf",
    `bind 127.0.0.1
port 0
tls-port ${port}
tls-cert-file ${sandbox.chain}
tls-key-file ${sandbox.key}
tls-auth-clients no
requirepass ${PASSWORD}
save ""
dir ${sandbox.folder}
`,
  );
  const child = sandbox.start("redis-server", [configuration]);
  await child.untilReady(() => accepts(port));
  return { ports: { PORT: port }, child };
}
