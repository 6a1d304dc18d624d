/** PostgreSQL that lets in by TLS and SCRAM alone. */
import { accepts, freePort } from "../../peers/child.ts";
import type { Sandbox } from "../sandbox.ts";
import { PASSWORD, type ServerAddress } from "./server.ts";

export async function startPostgreSql(sandbox: Sandbox): Promise<ServerAddress> {
  const port = await freePort();
  const data = sandbox.path("data");
  const password = sandbox.file("password", PASSWORD);
  const options = ["--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"];
  sandbox.run("initdb", [
    "-D",
    data,
    "-U",
    "python",
    "-A",
    "scram-sha-256",
    `--pwfile=${password}`,
    ...options,
  ]);
  const access = sandbox.file("access", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    hba_file: access,
    ssl: "on",
    ssl_cert_file: sandbox.chain,
    ssl_key_file: sandbox.key,
    fsync: "off",
  };
  const child = sandbox.start("postgres", [
    "-D",
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ]);
  await child.untilReady((output) =>
    output.includes("ready to accept connections") ? accepts(port) : undefined,
  );
  return { ports: { PORT: port }, child };
}
