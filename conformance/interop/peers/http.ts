/** nginx as a server and curl as a client: they speak HTTP. */
import { setTimeout as delay } from "node:timers/promises";
import { startNginx } from "../../../e2e/peers/nginx.ts";
import { pattern, type Report, type Settings } from "../settings.ts";
import { patternIn } from "./dialogue.ts";
import type { InteropPeer, PeerServer } from "./peer.ts";
import { Tool, ToolError, versionOf } from "./tool.ts";

const LOG_DEADLINE_MS = 10_000;
const LOG_POLL_MS = 20;

async function serve(settings: Settings): Promise<PeerServer> {
  const { leaf, version, clientCertificate, trust, group, tickets } = settings;
  if (leaf === null) throw new Error("nginx needs a certificate");
  const nginx = await startNginx({
    only: {
      leaf,
      protocols: `TLSv${version}`,
      ...(clientCertificate && trust !== null ? { clientCa: { file: trust } } : {}),
      ...(group === null ? {} : { groups: group }),
      resumption: tickets ? "tickets" : "session-ids",
    },
  });
  return {
    port: nginx.ports.only,
    // What nginx knows of a connection it answers to `GET /tls`: it is in Python's report, and read there.
    finished: async (isRefused) => {
      const deadline = Date.now() + LOG_DEADLINE_MS;
      // It writes its log in its own time.
      while (isRefused && nginx.errors() === "" && Date.now() < deadline) await delay(LOG_POLL_MS);
      const errors = nginx.errors();
      return [{ error: errors === "" ? null : errors }];
    },
    stop: () => nginx.stop(),
  };
}

/** What curl tells with `-v`, of one connection. */
function facts(section: string): Partial<Report> {
  const [, version, cipher] = /SSL connection using (\S+) \/ (\S+)/.exec(section) ?? [];
  return {
    ...(version === undefined ? {} : { version }),
    ...(cipher === undefined ? {} : { cipher }),
    reused: /SSL re-?using session/i.test(section),
    alpn: /ALPN: server accepted (\S+)/.exec(section)?.[1] ?? null,
  };
}

async function connect(settings: Settings): Promise<Report[]> {
  const { port, version, trust, leaf, group, alpn, serverName, connections, exchange } = settings;
  const url = `https://${serverName}:${port}/`;
  const isLarge = exchange.kind === "large";
  await using tool = new Tool("curl", [
    ...["--silent", "--show-error", "--verbose", "--connect-to", `::127.0.0.1:${port}`],
    ...["--http1.1", `--tlsv${version}`, "--tls-max", version, "--header", "Connection: close"],
    ...(trust === null ? [] : ["--cacert", trust]),
    ...(leaf === null ? [] : ["--cert", leaf.chain, "--key", leaf.key]),
    ...(group === null ? [] : ["--curves", group]),
    ...(alpn.length === 0 ? ["--no-alpn"] : []),
    // It would wait a second for a leave to send the body.
    ...(isLarge ? ["--header", "Expect:", "--data-binary", "@-"] : []),
    ...Array.from({ length: connections }, () => url),
  ]);
  if (isLarge) tool.write(pattern(exchange.byteLength));
  tool.endInput();
  await tool.end();
  const failed = tool.output.split("\n").filter((line) => line.startsWith("curl: ("));
  const sections = tool.output.split(/^\* Connected to /m).slice(1);
  const received = isLarge ? { received: patternIn(tool.output) } : {};
  if (failed.length > 0) return [{ error: new ToolError(failed.join("\n"), tool.output).saying }];
  return sections.map((section) => ({ error: null, ...facts(section), ...received }));
}

const HTTP_REFUSAL = "nginx completes the handshake and refuses with an HTTP status";
const HTTP_ONLY = "an HTTP server: a request is answered, and then the connection ends";
const NO_PSK = "it has no external PSKs";
const NO_KEY_UPDATE = "it never updates keys";

export const nginx: InteropPeer = {
  name: "nginx",
  title: "nginx",
  protocol: "http",
  version: () => versionOf("nginx", ["-v"]),
  serve,
  lacks: {
    "key-update": NO_KEY_UPDATE,
    "psk-1.2": NO_PSK,
    "psk-1.3": NO_PSK,
    "half-close-ours-1.2": HTTP_ONLY,
    "half-close-ours-1.3": HTTP_ONLY,
    "half-close-theirs-1.2": HTTP_ONLY,
    "half-close-theirs-1.3": HTTP_ONLY,
  },
  differs: {
    "client-certificate-wrong-1.2 server": { ours: /HTTP 400/, why: HTTP_REFUSAL },
    "client-certificate-wrong-1.3 server": { ours: /HTTP 400/, why: HTTP_REFUSAL },
    "client-certificate-missing-1.2 server": { ours: /HTTP 400/, why: HTTP_REFUSAL },
    "client-certificate-missing-1.3 server": { ours: /HTTP 400/, why: HTTP_REFUSAL },
  },
};

const NAME_LATER = "curl looks at the name after the handshake, and closes";
const CURL_ONLY = "an HTTP client: it ends when it has the answer";

export const curl: InteropPeer = {
  name: "curl",
  title: "curl",
  protocol: "http",
  version: () => versionOf("curl", ["--version"]),
  connect,
  lacks: {
    "key-update": NO_KEY_UPDATE,
    "psk-1.2": NO_PSK,
    "psk-1.3": NO_PSK,
    "half-close-ours-1.2": CURL_ONLY,
    "half-close-ours-1.3": CURL_ONLY,
    "half-close-theirs-1.2": CURL_ONLY,
    "half-close-theirs-1.3": CURL_ONLY,
  },
  differs: {
    "other-name-1.2 client": { ours: /EOF/, why: NAME_LATER },
    "other-name-1.3 client": { ours: /EOF/, why: NAME_LATER },
  },
};
