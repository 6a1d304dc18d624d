/** A mail server: Exim takes mail by SMTP with STARTTLS into a Maildir, from which Dovecot gives it by IMAP. */
import { accepts, freePort } from "../../peers/child.ts";
import type { Sandbox } from "../sandbox.ts";
import { PASSWORD, type ServerAddress } from "./server.ts";

function eximConfiguration(sandbox: Sandbox, port: number): string {
  return `primary_hostname = localhost
exim_user = ${sandbox.user}
exim_group = ${sandbox.group}
never_users =
spool_directory = ${sandbox.directory("spool")}
log_file_path = ${sandbox.path("spool")}/%slog
pid_file_path = ${sandbox.path("exim.pid")}
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
deliver_drop_privilege = true
keep_environment =
hosts_treat_as_local = localhost
tls_advertise_hosts = *
tls_certificate = ${sandbox.chain}
tls_privatekey = ${sandbox.key}
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_mail = mail
acl_smtp_rcpt = recipient
begin acl
mail:
  deny !encrypted = *
  message = Must issue a STARTTLS command first
  accept authenticated = *
recipient:
  accept domains = localhost
         local_parts = python
begin routers
local:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = ${sandbox.path("maildir")}
  maildir_format
  create_directory
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{python}}{eq{$auth3}{${PASSWORD}}}}}
  server_set_id = $auth2
`;
}

function dovecotConfiguration(sandbox: Sandbox, imap: number, imaps: number): string {
  const passwords = sandbox.file("passwords", `python:{PLAIN}${PASSWORD}:::::\n`);
  return `base_dir = ${sandbox.directory("run")}
state_dir = ${sandbox.path("run")}
protocols = imap
listen = 127.0.0.1
log_path = /dev/stderr
default_internal_user = ${sandbox.user}
default_internal_group = ${sandbox.group}
default_login_user = ${sandbox.user}
mail_location = maildir:${sandbox.path("maildir")}
ssl = required
ssl_cert = <${sandbox.chain}
ssl_key = <${sandbox.key}
passdb {
  driver = passwd-file
  args = ${passwords}
}
userdb {
  driver = static
  args = uid=${sandbox.user} gid=${sandbox.group} home=${sandbox.folder}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`;
}

export async function startMail(sandbox: Sandbox): Promise<ServerAddress> {
  const [smtp, imap, imaps] = [await freePort(), await freePort(), await freePort()];
  const exim = sandbox.start("exim4", [
    "-C",
    sandbox.file("exim.conf", eximConfiguration(sandbox, smtp)),
    "-bdf",
    "-q1m",
  ]);
  const dovecot = sandbox.start("dovecot", [
    "-F",
    "-c",
    sandbox.file("dovecot.conf", dovecotConfiguration(sandbox, imap, imaps)),
  ]);
  await exim.untilReady(() => accepts(smtp));
  await dovecot.untilReady(async () => ((await accepts(imap)) === true ? accepts(imaps) : undefined));
  return { ports: { SMTP_PORT: smtp, IMAP_PORT: imap, IMAPS_PORT: imaps }, child: dovecot };
}
