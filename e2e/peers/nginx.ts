/** nginx as a peer: one process, one port for each TLS configuration, an application behind for what is dynamic. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBackend } from "./backend.ts";
import { bigFile } from "./big-file.ts";
import type { LeafFiles } from "./certs.ts";
import { accepts, freePort, ServerProcess } from "./child.ts";

/** What nginx needs of a leaf's files. */
type ShownLeaf = Pick<LeafFiles, "certificate" | "chain" | "key">;

/** One TLS configuration. Everything but the certificate has nginx's default. */
export interface NginxSite {
  readonly leaf: ShownLeaf;
  /** Leave the intermediate out of what is sent. */
  readonly withoutChain?: boolean;
  /** `ssl_protocols`; default `TLSv1.2 TLSv1.3`. */
  readonly protocols?: string;
  /** `ssl_ciphers`: the ciphers of TLS 1.2. */
  readonly ciphers?: string;
  /** `ssl_conf_command Ciphersuites`: the ciphers of TLS 1.3. */
  readonly ciphersuites?: string;
  /** Ask for a client certificate by this CA: required, or only when the client has one. */
  readonly clientCa?: { readonly file: string; readonly isOptional?: boolean };
  /** `ssl_ecdh_curve`: the groups of the key exchange. */
  readonly groups?: string;
  /** How sessions can be resumed; default by tickets (and in TLS 1.2 by session ids as well). */
  readonly resumption?: "tickets" | "session-ids" | "none";
  /** More servers on the same port, chosen by SNI. */
  readonly names?: Readonly<Record<string, LeafFiles>>;
}

/** A running nginx. */
export interface Nginx<Name extends string> extends AsyncDisposable {
  /** The port of each site. */
  readonly ports: Readonly<Record<Name, number>>;
  /** What `/big.bin` is. */
  readonly big: { readonly byteLength: number; readonly sha256: string };
  /** What nginx logged of failed handshakes and requests. */
  errors(): string;
  stop(): Promise<void>;
}

function server(site: NginxSite, port: number, leaf: ShownLeaf, name: string, backend: number): string {
  const client = site.clientCa;
  return `
  server {
    listen 127.0.0.1:${port} ssl;
    server_name ${name};
    ssl_certificate ${site.withoutChain === true ? leaf.certificate : leaf.chain};
    ssl_certificate_key ${leaf.key};
    ssl_protocols ${site.protocols ?? "TLSv1.2 TLSv1.3"};
    ${site.ciphers === undefined ? "" : `ssl_ciphers ${site.ciphers};`}
    ${site.ciphersuites === undefined ? "" : `ssl_conf_command Ciphersuites ${site.ciphersuites};`}
    ${site.groups === undefined ? "" : `ssl_ecdh_curve ${site.groups};`}
    ssl_session_cache ${site.resumption === "none" ? "none" : `shared:s${port}:1m`};
    ssl_session_tickets ${(site.resumption ?? "tickets") === "tickets" ? "on" : "off"};
    ${client === undefined ? "" : `ssl_client_certificate ${client.file};`}
    ${client === undefined ? "" : "ssl_verify_depth 3;"}
    ${client === undefined ? "" : `ssl_verify_client ${client.isOptional === true ? "optional" : "on"};`}
    location = / { default_type text/plain; return 200 "hello from nginx\\n"; }
    location = /tls {
      default_type application/json;
      return 200 '{"protocol":"$ssl_protocol","cipher":"$ssl_cipher","name":"$ssl_server_name","alpn":"$ssl_alpn_protocol","reused":"$ssl_session_reused","client":"$ssl_client_s_dn","verified":"$ssl_client_verify"}';
    }
    location = /status/404 { default_type text/plain; return 404 "nothing here\\n"; }
    location = /redirect { return 302 https://$host:$server_port/; }
    location ~ ^/(echo|upload|silent|trickle) {
      proxy_pass http://127.0.0.1:${backend};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 600s;
    }
  }`;
}

/**
 * Starts nginx with the sites given, each on a port of its own. Every site answers `/`, `/tls` (what nginx knows of the
 * connection), `/status/404`, `/redirect`, `/big.bin`, `/echo`, `/upload`, `/silent` and `/trickle`.
 */
export async function startNginx<Name extends string>(
  sites: Readonly<Record<Name, NginxSite>>,
): Promise<Nginx<Name>> {
  const big = await bigFile();
  const backend = await startBackend();
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-nginx-"));
  const names = Object.keys(sites) as Name[];
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<Name, number>;
  const servers = names.flatMap((name) => {
    const site = sites[name];
    const named = Object.entries(site.names ?? {});
    return [
      server(site, ports[name], site.leaf, "_", backend.port),
      ...named.map(([host, leaf]) => server(site, ports[name], leaf, host, backend.port)),
    ];
  });
  const child = nginxProcess(
    folder,
    `error_log ${folder}/error.log info;`,
    `root ${big.folder};
  client_max_body_size 200m;
  keepalive_requests 10000;
${servers.join("\n")}`,
  );
  const stop = async (): Promise<void> => {
    await child.stop();
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await child.untilReady(async () => {
      const answers = await Promise.all(names.map((name) => accepts(ports[name])));
      return answers.every((answer) => answer === true) ? true : undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const errors = (): string =>
    readFileSync(join(folder, "error.log"), "utf8")
      .split("\n")
      .filter((line) =>
        / SSL_do_handshake\(\) failed| client sent no required | client SSL certificate verify error/.test(
          line,
        ),
      )
      .join("\n");
  return { ports, big, errors, stop, [Symbol.asyncDispose]: stop };
}

/**
 * nginx in the foreground, with everything that it writes in `folder`.
 * @param main directives beside `http`
 * @param http what stands in `http { }`
 */
export function nginxProcess(folder: string, main: string, http: string): ServerProcess {
  mkdirSync(join(folder, "temp"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${folder}/temp/${kind};`)
    .join("\n");
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
${main}
${process.getuid?.() === 0 ? "user root;" : ""}
events { worker_connections 1024; }
http {
  access_log off;
${temporary}
  ${http}
}
`,
  );
  return new ServerProcess("nginx", ["-p", folder, "-e", join(folder, "error.log"), "-c", "nginx.conf"]);
}
