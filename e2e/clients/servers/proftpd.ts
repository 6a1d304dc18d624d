/** ProFTPD with explicit TLS that both its connections must use. */
import { readFileSync } from "node:fs";
import { testPki } from "../../peers/certs.ts";
import { accepts, freePort } from "../../peers/child.ts";
import type { Sandbox } from "../sandbox.ts";
import { PASSWORD, type ServerAddress } from "./server.ts";

/**
 * @param sessionReuse whether a data connection must resume the session of the control connection. It is ProFTPD's default,
 *   and Python's ftplib can't: it starts a new session for each connection
 */
export async function startProFtpd(sandbox: Sandbox, { sessionReuse = false } = {}): Promise<ServerAddress> {
  const pki = await testPki();
  const port = await freePort();
  const passwords = sandbox.file("passwords", "");
  const home = sandbox.directory("home");
  const id = (flag: string): string => sandbox.run("id", [flag]).trim();
  const hash = sandbox.run("openssl", ["passwd", "-6", "-stdin"], PASSWORD).trim();
  sandbox.file("passwords", `python:${hash}:${id("-u")}:${id("-g")}::${home}:/bin/sh\n`);
  const configuration = sandbox.file(
    "proftpd.conf",
    `ModulePath /usr/lib/proftpd
LoadModule mod_tls.c
ServerName example
ServerType standalone
DefaultAddress 127.0.0.1
SocketBindTight on
Port ${port}
UseIPv6 off
User ${sandbox.user}
Group ${sandbox.group}
PidFile ${sandbox.path("pid")}
ScoreboardFile ${sandbox.path("scoreboard")}
DelayTable none
ControlsEngine off
WtmpLog off
TransferLog none
SystemLog ${sandbox.path("system.log")}
AuthPAM off
AuthOrder mod_auth_file.c
AuthUserFile ${passwords}
RequireValidShell off
AllowOverwrite on
TLSEngine on
TLSProtocol TLSv1.2 TLSv1.3
TLSRequired on
TLSRSACertificateFile ${sandbox.chain}
TLSRSACertificateKeyFile ${sandbox.key}
TLSCertificateChainFile ${sandbox.file("intermediate.pem", readFileSync(pki.intermediate, "utf8"))}
TLSVerifyClient off
TLSLog ${sandbox.path("tls.log")}
${sessionReuse ? "" : "TLSOptions NoSessionReuseRequired"}
`,
  );
  const child = sandbox.start("proftpd", ["-n", "-c", configuration]);
  await child.untilReady(() => accepts(port));
  return { ports: { PORT: port }, child };
}
