/** MariaDB whose user must come by TLS. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accepts, freePort } from "../../peers/child.ts";
import type { Sandbox } from "../sandbox.ts";
import { PASSWORD, type ServerAddress } from "./server.ts";

/** Debian's folder of what mariadb-install-db(1) feeds to a server that it starts for that. */
const SYSTEM_TABLES = "/usr/share/mysql";

function systemTables(): string {
  const files = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];
  const tables = files.map((name) => readFileSync(join(SYSTEM_TABLES, name), "utf8"));
  return ["CREATE DATABASE mysql;", "USE mysql;", "SET @skip_auth_anonymous=1;", ...tables, ""].join("\n");
}

const ACCOUNTS = `FLUSH PRIVILEGES;
CREATE DATABASE example;
CREATE USER python@localhost IDENTIFIED BY '${PASSWORD}' REQUIRE SSL;
GRANT ALL ON example.* TO python@localhost;
`;

export async function startMariaDb(sandbox: Sandbox): Promise<ServerAddress> {
  const port = await freePort();
  const data = sandbox.directory("data");
  const common = ["--no-defaults", `--datadir=${data}`, `--tmpdir=${sandbox.directory("tmp")}`];
  // Without the machine's default sizes: a server for one client is ready sooner.
  const small = ["--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M", "--innodb-flush-method=fsync"];
  sandbox.run("mariadbd", [...common, ...small, "--bootstrap"], systemTables() + ACCOUNTS);
  const child = sandbox.start("mariadbd", [
    ...common,
    ...small,
    "--bind-address=127.0.0.1",
    `--port=${port}`,
    `--socket=${sandbox.path("socket")}`,
    `--pid-file=${sandbox.path("pid")}`,
    `--ssl-cert=${sandbox.chain}`,
    `--ssl-key=${sandbox.key}`,
    "--max-allowed-packet=64M",
  ]);
  await child.untilReady((output) => (output.includes("ready for connections") ? accepts(port) : undefined));
  return { ports: { PORT: port }, child };
}
