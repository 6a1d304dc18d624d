/** The programs of `examples/`: which server each needs, and how to start it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLACES, ROOT } from "../../vendor/cache.ts";
import { findProgram, Sandbox } from "./sandbox.ts";
import { startMail } from "./servers/mail.ts";
import { startMariaDb } from "./servers/mariadb.ts";
import { startMosquitto } from "./servers/mosquitto.ts";
import { startPostgreSql } from "./servers/postgresql.ts";
import { startProFtpd } from "./servers/proftpd.ts";
import { startRedis } from "./servers/redis.ts";
import { PASSWORD, type ServerAddress } from "./servers/server.ts";

interface ExampleTraits {
  readonly says: string;
  /** The server's programs, and Debian's packages that have them. */
  readonly programs: readonly string[];
  readonly debian: string;
  readonly start: (sandbox: Sandbox) => Promise<ServerAddress>;
}

/** By the name of the file in `examples/`. */
export const EXAMPLES = {
  postgresql: {
    says: "PostgreSQL with pg8000: verify-full, and a password bound to the connection (SCRAM-SHA-256-PLUS)",
    programs: ["postgres", "initdb"],
    debian: "postgresql-15",
    start: startPostgreSql,
  },
  mariadb: {
    says: "MariaDB with pymysql: a connection that changes to TLS",
    programs: ["mariadbd"],
    debian: "mariadb-server-core",
    start: startMariaDb,
  },
  redis_cache: {
    says: "Redis with redis-py: values, a pipeline, publish and subscribe",
    programs: ["redis-server"],
    debian: "redis-server",
    start: startRedis,
  },
  redis_asyncio: {
    says: "Redis with redis.asyncio: fifty tasks, and publish and subscribe",
    programs: ["redis-server"],
    debian: "redis-server",
    start: startRedis,
  },
  mqtt: {
    says: "MQTT with paho-mqtt: its network loop in a thread",
    programs: ["mosquitto", "mosquitto_passwd"],
    debian: "mosquitto",
    start: startMosquitto,
  },
  mail: {
    says: "mail with smtplib and imaplib: SMTP with STARTTLS, IMAP over TLS, IMAP with STARTTLS",
    programs: ["exim4", "dovecot"],
    debian: "exim4-daemon-light dovecot-imapd",
    start: startMail,
  },
  ftps: {
    says: "FTP with ftplib: explicit TLS for both its connections",
    programs: ["proftpd"],
    debian: "proftpd-core proftpd-mod-crypto",
    start: startProFtpd,
  },
} as const satisfies Record<string, ExampleTraits>;

export type ExampleName = keyof typeof EXAMPLES;
export const EXAMPLE_NAMES = Object.keys(EXAMPLES) as ExampleName[];

export function isExample(name: string): name is ExampleName {
  return Object.hasOwn(EXAMPLES, name);
}

/** The path of an example's program. */
export function exampleFile(name: ExampleName): string {
  return join(ROOT, "examples", `${name}.py`);
}

/** Why an example can't run here; undefined where it can. */
export function missingFor(name: ExampleName): string | undefined {
  const { programs, debian } = EXAMPLES[name];
  const missing = programs.filter((program) => findProgram(program) === undefined);
  return missing.length === 0
    ? undefined
    : `${missing.join(", ")} is not installed (apt-get install --no-install-recommends ${debian})`;
}

/** A running server for an example. */
export interface ExampleServer extends AsyncDisposable {
  /** The environment in which the example finds it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly address: ServerAddress;
}

/** Starts a server in a folder of its own, on ports of 127.0.0.1 that are free. */
export async function startServer(
  name: string,
  start: (sandbox: Sandbox) => Promise<ServerAddress>,
): Promise<ExampleServer> {
  await using stack = new AsyncDisposableStack();
  const address = await start(stack.use(await Sandbox.create(name)));
  const ports = Object.entries(address.ports).map(([variable, port]) => [variable, String(port)] as const);
  const kept = stack.move();
  return {
    environment: { SERVER: "localhost", PASSWORD, ...Object.fromEntries(ports) },
    address,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What the site of a page must serve for the examples besides. */
export const CLIENTS_ARCHIVE = "/client-packages.zip";
export const CLIENTS_RESOURCE = { [CLIENTS_ARCHIVE]: { file: PLACES.clientsZip } } as const;

/** The text of an example's program. */
export function exampleText(name: ExampleName): string {
  return readFileSync(exampleFile(name), "utf8");
}
