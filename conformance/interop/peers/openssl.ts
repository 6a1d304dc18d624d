/** OpenSSL's `s_client` and `s_server`, of the version that the machine has. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report, Settings } from "../settings.ts";
import { converseAsClient, converseAsServer, count, failureText } from "./dialogue.ts";
import type { InteropPeer, PeerServer } from "./peer.ts";
import { Tool, versionOf } from "./tool.ts";

/** Arguments that both commands take. */
function commonArguments({ version, leaf, trust, alpn, group, tickets, psk, exchange }: Settings): string[] {
  return [
    version === "1.2" ? "-tls1_2" : "-tls1_3",
    ...(leaf === null ? [] : ["-cert", leaf.certificate, "-key", leaf.key, "-cert_chain", leaf.chain]),
    ...(trust === null ? [] : ["-CAfile", trust]),
    ...(alpn.length === 0 ? [] : ["-alpn", alpn.join(",")]),
    ...(group === null ? [] : ["-groups", group]),
    ...(tickets ? [] : ["-no_ticket"]),
    ...(psk === null ? [] : ["-psk_identity", psk.identity, "-psk", psk.key]),
    // Shows handshake messages: key updates are among them.
    ...(exchange.kind === "key-update" ? ["-msg"] : []),
  ];
}

/** `K` on a line of its own is the command to update keys, and ask the other side to (openssl-s_client(1)). */
async function keyUpdate(tool: Tool): Promise<void> {
  const before = count(tool.output, "KeyUpdate");
  tool.write("K\n");
  await tool.until("KeyUpdate", (output) => (count(output, "KeyUpdate") > before ? true : undefined));
}

function keyUpdatesIn(output: string): Pick<Report, "keyUpdates"> {
  const lines = output.split("\n").filter((line) => line.includes(", KeyUpdate"));
  return {
    keyUpdates: {
      sent: lines.filter((line) => line.startsWith(">>>")).length,
      received: lines.filter((line) => line.startsWith("<<<")).length,
    },
  };
}

/** What `s_server` printed of each connection. */
function serverFacts(output: string): Partial<Report>[] {
  return output
    .split("-----BEGIN SSL SESSION PARAMETERS-----")
    .slice(1)
    .map((section) => ({
      cipher: /^CIPHER is (\S+)/m.exec(section)?.[1] ?? "",
      reused: /^Reused session-id/m.test(section),
      // Said while the handshake goes on, so before the section begins.
      alpn: /^ALPN protocols selected: (\S+)/m.exec(output)?.[1] ?? null,
      peer: /^subject=.*CN ?= ?([^,\n]+)/m.exec(section)?.[1] ?? null,
    }));
}

async function serve(settings: Settings): Promise<PeerServer> {
  const { connections, clientCertificate, psk } = settings;
  // Line by line, so that what is printed of a connection is there when the connection is.
  const tool = new Tool("stdbuf", [
    ...["-oL", "openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", String(connections)],
    ...commonArguments(settings),
    ...(clientCertificate ? ["-Verify", "3", "-verify_return_error"] : []),
    ...(psk === null ? [] : ["-nocert"]),
  ]);
  const port = await tool.until("its port", (output) => {
    const found = /^ACCEPT .*:(\d+)$/m.exec(output)?.[1];
    return found === undefined ? undefined : Number(found);
  });
  const said = converseAsServer(tool, settings, keyUpdate).then(
    (facts): Report => ({
      error: null,
      ...facts,
      ...(settings.exchange.kind === "key-update" ? keyUpdatesIn(tool.output) : {}),
    }),
    (error: unknown): Report => ({ error: failureText(error) }),
  );
  return {
    port,
    finished: async () => {
      const report = await said;
      const facts = serverFacts(tool.output);
      return facts.length === 0 ? [report] : facts.map((seen) => ({ ...seen, ...report }));
    },
    stop: () => tool[Symbol.asyncDispose](),
  };
}

async function connectOnce(settings: Settings, sessions: readonly string[]): Promise<Report> {
  const { port, serverName, psk, exchange } = settings;
  await using tool = new Tool("stdbuf", [
    ...["-oL", "openssl", "s_client", "-connect", `127.0.0.1:${port}`],
    ...commonArguments(settings),
    ...(psk === null
      ? ["-servername", serverName, "-verify_hostname", serverName, "-verify_return_error"]
      : settings.version === "1.2"
        ? ["-cipher", "PSK"]
        : []),
    ...(exchange.kind === "key-update" ? [] : ["-nocommands"]),
    ...sessions,
  ]);
  try {
    const said = await converseAsClient(tool, settings, keyUpdate);
    const { output } = tool;
    const [, how, version, cipher] = /^(New|Reused), (\S+), Cipher is (\S+)/m.exec(output) ?? [];
    return {
      error: null,
      ...(version === undefined ? {} : { version }),
      ...(cipher === undefined ? {} : { cipher }),
      ...(how === undefined ? {} : { reused: how === "Reused" }),
      alpn: /^ALPN protocol: (\S+)/m.exec(output)?.[1] ?? null,
      ...(exchange.kind === "key-update" ? keyUpdatesIn(output) : {}),
      ...said,
    };
  } catch (error) {
    return { error: failureText(error) };
  }
}

async function connect(settings: Settings): Promise<Report[]> {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-s-client-"));
  const session = join(folder, "session.pem");
  try {
    const reports: Report[] = [];
    for (let number = 0; number < settings.connections; number++) {
      const keep = settings.connections > 1 ? ["-sess_out", session] : [];
      reports.push(await connectOnce(settings, number === 0 ? keep : [...keep, "-sess_in", session]));
    }
    return reports;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const NO_HALF_CLOSE = "the tool ends its connection in both directions at once";

export const openssl: InteropPeer = {
  name: "openssl",
  title: "OpenSSL",
  protocol: "raw",
  version: () => versionOf("openssl", ["version"]),
  serve,
  connect,
  lacks: {
    "half-close-ours-1.2": NO_HALF_CLOSE,
    "half-close-ours-1.3": NO_HALF_CLOSE,
    "half-close-theirs-1.2": NO_HALF_CLOSE,
    "half-close-theirs-1.3": NO_HALF_CLOSE,
  },
};
