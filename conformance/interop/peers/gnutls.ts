/** GnuTLS's `gnutls-cli` and `gnutls-serv`. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../e2e/peers/child.ts";
import { PEER_HELLO, PYTHON_HELLO, type Report, type Settings } from "../settings.ts";
import { converseAsClient, count, failureText } from "./dialogue.ts";
import type { InteropPeer, PeerServer } from "./peer.ts";
import { Tool, ToolError, versionOf } from "./tool.ts";

const GROUPS: Readonly<Record<string, string>> = { secp384r1: "GROUP-SECP384R1" };

/** GnuTLS's priority string: one version, one group if asked for. */
function priority({ version, group, psk, side }: Settings): string {
  const parts = ["NORMAL", "-VERS-ALL", `+VERS-TLS${version}`];
  // gnutls-cli 3.7.9 dies of a segmentation fault after a TLS 1.2 handshake of ECDHE-PSK or DHE-PSK, with any server.
  const isPlain = version === "1.2" && side === "client";
  if (psk !== null) parts.push("-KX-ALL", ...(isPlain ? [] : ["+ECDHE-PSK", "+DHE-PSK"]), "+PSK");
  if (group !== null) parts.push("-GROUP-ALL", `+${GROUPS[group] ?? group}`);
  return parts.join(":");
}

function commonArguments(settings: Settings): string[] {
  const { leaf, trust, alpn, tickets } = settings;
  return [
    `--priority=${priority(settings)}`,
    ...(leaf === null ? [] : [`--x509certfile=${leaf.chain}`, `--x509keyfile=${leaf.key}`]),
    ...(trust === null ? [] : [`--x509cafile=${trust}`]),
    ...alpn.map((protocol) => `--alpn=${protocol}`),
    ...(tickets ? [] : ["--noticket"]),
  ];
}

/** The common name in the first certificate that is shown, which is the leaf: the server prints no more of it. */
function nameInPem(section: string): string | null {
  const pem = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(section)?.[0];
  return pem === undefined ? null : (/^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1] ?? null);
}

/** What both tools print of a connection. */
function facts(section: string): Partial<Report> {
  const version = /^- Description: \((TLS1\.\d)/m.exec(section)?.[1];
  return {
    ...(version === undefined ? {} : { version: version.replace("TLS", "TLSv") }),
    reused: section.includes("*** This is a resumed session"),
    alpn: /^- Application protocol: (\S+)/m.exec(section)?.[1] ?? null,
    peer: /^ - subject `CN=([^,']+)/m.exec(section)?.[1] ?? nameInPem(section),
  };
}

async function serve(settings: Settings): Promise<PeerServer> {
  const { psk, clientCertificate, connections, exchange } = settings;
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-gnutls-"));
  const passwords = join(folder, "psk.txt");
  if (psk !== null) writeFileSync(passwords, `${psk.identity}:${psk.key}\n`);
  // The tool can't choose a port of its own.
  const port = await freePort();
  const tool = new Tool("stdbuf", [
    ...["-oL", "gnutls-serv", "--echo", `--port=${port}`],
    ...commonArguments(settings),
    ...(clientCertificate ? ["--require-client-cert", "--verify-client-cert"] : ["--disable-client-cert"]),
    ...(psk === null ? [] : [`--pskpasswd=${passwords}`]),
  ]);
  await tool.untilText(`port ${port}...done`);
  const isOver = (output: string): true | undefined => {
    const sections = output.split("* Accepted connection").slice(1);
    const done = sections.filter(
      (section) => exchange.kind === "large" || /received cmd|^Error/m.test(section),
    );
    return done.length >= connections ? true : undefined;
  };
  return {
    port,
    finished: async () => {
      await tool.until(`${connections} connections`, isOver);
      const sections = tool.output.split("* Accepted connection").slice(1);
      return sections.map((section) => {
        const isFailed = /^Error/m.test(section);
        return {
          error: isFailed ? new ToolError("gnutls-serv", section).saying : null,
          ...facts(section),
          ...(exchange.kind === "hello" && !isFailed ? { line: PYTHON_HELLO } : {}),
        };
      });
    },
    stop: async () => {
      await tool[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `^rekey^` updates keys and asks the other side to (gnutls-cli(1), inline commands). */
async function keyUpdate(tool: Tool): Promise<void> {
  const before = count(tool.output, "Rekey was completed");
  tool.write("^rekey^\n");
  await tool.until("rekey", (output) => (count(output, "Rekey was completed") > before ? true : undefined));
}

/** `^resume^` ends the connection and makes another one with its session. */
async function resume(tool: Tool): Promise<Partial<Report>> {
  tool.write(PEER_HELLO);
  await tool.untilText(PYTHON_HELLO);
  tool.write("^resume^\n");
  await tool.untilText("Resume Handshake was completed");
  tool.write(PEER_HELLO);
  await tool.until("a second hello", (output) => (count(output, PYTHON_HELLO) === 2 ? true : undefined));
  tool.endInput();
  await tool.end();
  return { line: PYTHON_HELLO };
}

async function connect(settings: Settings): Promise<Report[]> {
  const { port, serverName, psk, connections, exchange } = settings;
  const usesCommands = connections > 1 || exchange.kind === "key-update";
  await using tool = new Tool("stdbuf", [
    ...["-oL", "gnutls-cli", `--port=${port}`],
    ...commonArguments(settings),
    ...(psk === null
      ? [`--sni-hostname=${serverName}`, `--verify-hostname=${serverName}`]
      : [`--pskusername=${psk.identity}`, `--pskkey=${psk.key}`]),
    ...(usesCommands ? ["--inline-commands"] : []),
    ...(connections > 1 && settings.version === "1.3" ? ["--waitresumption"] : []),
    "127.0.0.1",
  ]);
  try {
    const said = connections > 1 ? await resume(tool) : await converseAsClient(tool, settings, keyUpdate);
    const sections = tool.output.split("Connecting to '").slice(1);
    return sections.map((section) => ({ error: null, ...facts(section), ...said }));
  } catch (error) {
    return [{ error: failureText(error) }];
  }
}

const OTHER_ALERT = "GnuTLS chooses another alert than most";
/** Native OpenSSL does the same: it has not changed to the handshake's keys when it looks at the certificate. */
const EARLY_ALERT = "OpenSSL sends this alert in the clear, which GnuTLS does not read";

const CLI_ENDS = "gnutls-cli ends when the server has said close_notify";
const SERV_ENDS = "gnutls-serv ends a connection in both directions at once";

export const gnutls: InteropPeer = {
  name: "gnutls",
  title: "GnuTLS",
  protocol: "raw",
  isEchoServer: true,
  largeByteLength: 128 * 1024,
  version: () => versionOf("gnutls-cli", ["--version"]),
  serve,
  connect,
  lacks: {
    "key-update": { server: "gnutls-serv has no command to update keys" },
    "half-close-ours-1.2": { server: SERV_ENDS, client: CLI_ENDS },
    "half-close-ours-1.3": { server: SERV_ENDS, client: CLI_ENDS },
    "half-close-theirs-1.2": { server: SERV_ENDS },
    "half-close-theirs-1.3": { server: SERV_ENDS },
  },
  differs: {
    "client-certificate-wrong-1.2 server": { ours: /ACCESS_DENIED/, why: OTHER_ALERT },
    "client-certificate-wrong-1.3 server": {
      ours: /ACCESS_DENIED|ConnectionReset|BrokenPipe/,
      why: OTHER_ALERT,
    },
    "client-certificate-missing-1.2 server": {
      ours: /DECODE_ERROR/,
      theirs: /No certificate was found/,
      why: OTHER_ALERT,
    },
    "client-certificate-missing-1.3 server": {
      ours: /CERTIFICATE_REQUIRED|ConnectionReset|BrokenPipe/,
      theirs: /Certificate is required/,
      why: "it closes with unread data, and the reset may be quicker than the alert",
    },
    "version-mismatch-1.2 server": {
      ours: /HANDSHAKE_FAILURE/,
      theirs: /No supported cipher suites/,
      why: OTHER_ALERT,
    },
    "version-mismatch-1.3 server": {
      ours: /HANDSHAKE_FAILURE/,
      theirs: /No supported cipher suites/,
      why: OTHER_ALERT,
    },
    "untrusted-1.3 server": { theirs: /Decryption has failed/, why: EARLY_ALERT },
    "other-name-1.3 server": { theirs: /Decryption has failed/, why: EARLY_ALERT },
  },
};
