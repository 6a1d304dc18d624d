/** Issuing certificates with the `openssl` command: req(1), ca(1), genpkey(1). Knows nothing of which ones tests need. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Kinds of private keys, as arguments of `openssl genpkey`. */
const KEY_ARGUMENTS = {
  rsa: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  ec: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  ed25519: ["-algorithm", "ED25519"],
} as const;

export type KeyKind = keyof typeof KEY_ARGUMENTS;

/** What one certificate says. */
export interface CertificateRequest {
  /** Base name of the files made. */
  readonly name: string;
  readonly key: KeyKind;
  /** Attributes of the subject, in order. */
  readonly subject: readonly (readonly [attribute: string, value: string])[];
  /** Base name of the signer's files, or its own name for a self-signed one. */
  readonly issuer: string;
  readonly usage: "ca" | "server" | "client";
  /** In the form of openssl: `DNS:localhost`, `IP:127.0.0.1`. */
  readonly alternativeNames?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The `openssl` command is missing or refused; the message has its own words. */
export class OpenSslCommandError extends Error {
  override readonly name = "OpenSslCommandError";
}

/** Runs `openssl` without the machine's own configuration. */
export async function openssl(parameters: readonly string[], folder: string): Promise<string> {
  try {
    const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", OPENSSL_CONF: "/dev/null", LC_ALL: "C" };
    const { stdout } = await run("openssl", parameters, { cwd: folder, env });
    return stdout;
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stderr?: string };
    if (failure.code === "ENOENT") {
      throw new OpenSslCommandError("the openssl command is not installed; install the package `openssl`");
    }
    throw new OpenSslCommandError(`openssl ${parameters[0] ?? ""}: ${failure.stderr ?? failure.message}`);
  }
}

/** `YYYYMMDDHHMMSSZ`, the GeneralizedTime of RFC 5280 §4.1.2.5.2. */
function generalizedTime(date: Date): string {
  return `${date.toISOString().replace(/[-:T]|\.\d+Z$/g, "")}Z`;
}

const USAGES = {
  ca: "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n",
  server:
    "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth\n",
  client:
    "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth\n",
} as const;

function configuration(request: CertificateRequest): string {
  const names = request.alternativeNames ?? [];
  // RFC 5280 §4.2.1.1: a self-signed certificate may leave the authority's key out, everything else names it.
  const authority = request.issuer === request.name ? "" : "authorityKeyIdentifier = keyid:always\n";
  const subject = request.subject
    .map(([attribute, value], index) => `${index}.${attribute} = ${value}`)
    .join("\n");
  return `[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = subject
[subject]
${subject}
[ca]
default_ca = issuer
[issuer]
new_certs_dir = .
database = index.txt
unique_subject = no
rand_serial = yes
default_md = sha256
policy = policy
email_in_dn = yes
[policy]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[extensions]
${USAGES[request.usage]}subjectKeyIdentifier = hash
${authority}${names.length > 0 ? `subjectAltName = ${names.join(", ")}\n` : ""}`;
}

/** Makes `NAME.key` and `NAME.pem` in `folder`. The issuer's must be there. */
export async function issue(request: CertificateRequest, folder: string): Promise<void> {
  const { name, issuer } = request;
  const work = join(folder, `.${name}`);
  mkdirSync(work);
  writeFileSync(join(work, "openssl.cnf"), configuration(request));
  writeFileSync(join(work, "index.txt"), "");
  await openssl(["genpkey", ...KEY_ARGUMENTS[request.key], "-out", `../${name}.key`], work);
  // Ed25519 signs without a digest of its own (RFC 8410), and the command then wants none.
  const base = ["-config", "openssl.cnf"];
  await openssl(["req", ...base, "-new", "-key", `../${name}.key`, "-out", "request.pem"], work);
  const signer = issuer === name ? ["-selfsign"] : ["-cert", `../${issuer}.pem`];
  const dates = [
    "-startdate",
    generalizedTime(request.notBefore),
    "-enddate",
    generalizedTime(request.notAfter),
  ];
  await openssl(
    ["ca", ...base, "-batch", "-notext", "-extensions", "extensions", ...dates, "-in", "request.pem"].concat([
      ...signer,
      "-keyfile",
      `../${issuer}.key`,
      "-out",
      `../${name}.pem`,
    ]),
    work,
  );
}
