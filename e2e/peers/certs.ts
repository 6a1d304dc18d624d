/**
 * The test PKI: a root, an intermediate, and a leaf for each thing that can be right or wrong with a certificate. Made by
 * the `openssl` command before a run and kept for a day; nothing that expires is committed.
 */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CACHE, publish, withCacheLock } from "../../vendor/cache.ts";
import { type CertificateRequest, issue, type KeyKind, openssl } from "./openssl-ca.ts";

const DAY_MS = 86_400_000;

/** The password of every encrypted key here. */
export const KEY_PASSWORD = "correct horse battery staple";

/** What the good leaves are valid for. */
export const GOOD_NAMES = [
  "DNS:localhost",
  "DNS:example.test",
  "DNS:*.example.test",
  "IP:127.0.0.1",
  "IP:::1",
] as const;

/** What is special about each leaf; without a word here it is as the good one. */
interface LeafTraits {
  readonly key?: KeyKind;
  readonly issuer?: "intermediate" | "root" | "other-root" | "self";
  readonly usage?: "server" | "client";
  readonly alternativeNames?: readonly string[];
  /** Days from now. */
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly commonName?: string;
}

const LEAVES = {
  /** RSA-2048 by the intermediate, valid for {@link GOOD_NAMES}. */
  good: {},
  "good-ec": { key: "ec" },
  "good-ed25519": { key: "ed25519" },
  expired: { validFrom: -30, validTo: -1 },
  "not-yet-valid": { validFrom: 10, validTo: 30 },
  "wrong-host": { alternativeNames: ["DNS:wrong.example.org"], commonName: "wrong.example.org" },
  /** Right for one name only: a client that uses the address of the same server must refuse it. */
  "localhost-only": { alternativeNames: ["DNS:localhost"] },
  "wrong-ip": { alternativeNames: ["DNS:localhost", "IP:127.0.0.99"] },
  /** The subject has the host, the alternative names do not: names are matched by the latter only (RFC 6125). */
  "common-name-only": { alternativeNames: ["DNS:somewhere.example.org"] },
  "self-signed": { issuer: "self" },
  "unknown-ca": { issuer: "other-root" },
  /** A good leaf for one name: what a server answers by SNI. */
  "sni-one": { alternativeNames: ["DNS:one.example.test"], commonName: "one.example.test" },
  client: { usage: "client", alternativeNames: [], commonName: "Test Client" },
  "client-ec": { usage: "client", alternativeNames: [], commonName: "Test EC Client", key: "ec" },
  "client-unknown": {
    usage: "client",
    alternativeNames: [],
    commonName: "Unknown Client",
    issuer: "other-root",
  },
} as const satisfies Record<string, LeafTraits>;

export type LeafName = keyof typeof LEAVES;

/** Paths of the files of one leaf, all PEM. */
export interface LeafFiles {
  /** The leaf's certificate alone: a server that sends it leaves the intermediate out. */
  readonly certificate: string;
  /** The leaf and the intermediate. */
  readonly chain: string;
  readonly key: string;
  /** The key under {@link KEY_PASSWORD}. */
  readonly encryptedKey: string;
  /** Key and chain in one file, as `load_cert_chain(certfile)` takes it. */
  readonly bundle: string;
}

/** The test PKI's files. */
export interface TestPki {
  readonly folder: string;
  /** The root that tests trust. */
  readonly ca: string;
  /** The intermediate that signed the leaves. */
  readonly intermediate: string;
  /** A root that nobody is told to trust. */
  readonly otherCa: string;
  /** A folder for `load_verify_locations(capath=…)`: the root under its subject hash. */
  readonly capath: string;
  leaf(name: LeafName): LeafFiles;
}

function describe(folder: string): TestPki {
  return {
    folder,
    ca: join(folder, "root.pem"),
    intermediate: join(folder, "intermediate.pem"),
    otherCa: join(folder, "other-root.pem"),
    capath: join(folder, "capath"),
    leaf: (name) => ({
      certificate: join(folder, `${name}.pem`),
      chain: join(folder, `${name}.chain.pem`),
      key: join(folder, `${name}.key`),
      encryptedKey: join(folder, `${name}.encrypted.key`),
      bundle: join(folder, `${name}.bundle.pem`),
    }),
  };
}

const subjectOf = (commonName: string): CertificateRequest["subject"] => [
  ["C", "ZZ"],
  ["O", "pyodide-ssl tests"],
  ["CN", commonName],
];

function authority(name: string, issuer: string, commonName: string): CertificateRequest {
  const now = Date.now();
  return {
    name,
    issuer,
    key: "rsa",
    subject: subjectOf(commonName),
    usage: "ca",
    notBefore: new Date(now - 60 * DAY_MS),
    notAfter: new Date(now + 60 * DAY_MS),
  };
}

async function makeLeaf(name: string, traits: LeafTraits, folder: string): Promise<void> {
  const now = Date.now();
  const issuer = traits.issuer ?? "intermediate";
  const request: CertificateRequest = {
    name,
    issuer: issuer === "self" ? name : issuer,
    key: traits.key ?? "rsa",
    subject: subjectOf(traits.commonName ?? "localhost"),
    usage: traits.usage ?? "server",
    alternativeNames: traits.alternativeNames ?? GOOD_NAMES,
    notBefore: new Date(now + (traits.validFrom ?? -1) * DAY_MS),
    notAfter: new Date(now + (traits.validTo ?? 30) * DAY_MS),
  };
  await issue(request, folder);
  const at = (suffix: string): string => join(folder, `${name}${suffix}`);
  copyFileSync(at(".pem"), at(".chain.pem"));
  if (issuer === "intermediate")
    appendFileSync(at(".chain.pem"), readFileSync(join(folder, "intermediate.pem")));
  copyFileSync(at(".key"), at(".bundle.pem"));
  appendFileSync(at(".bundle.pem"), readFileSync(at(".chain.pem")));
  const password = `pass:${KEY_PASSWORD}`;
  await openssl(
    ["pkey", "-in", at(".key"), "-aes256", "-passout", password, "-out", at(".encrypted.key")],
    folder,
  );
}

async function makePki(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await Promise.all([
    issue(authority("root", "root", "Test Root CA"), folder),
    issue(authority("other-root", "other-root", "Unknown Root CA"), folder),
  ]);
  await issue(authority("intermediate", "root", "Test Intermediate CA"), folder);
  await Promise.all(Object.entries(LEAVES).map(([name, traits]) => makeLeaf(name, traits, folder)));
  mkdirSync(join(folder, "capath"));
  const hash = await openssl(["x509", "-in", "root.pem", "-noout", "-subject_hash"], folder);
  copyFileSync(join(folder, "root.pem"), join(folder, "capath", `${hash.trim()}.0`));
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith(".")) rmSync(join(folder, entry), { recursive: true });
  }
}

/** What this PKI is made by, and on which day: another answer makes another PKI. */
function pkiFolderName(): string {
  const recipe = createHash("sha256");
  for (const file of ["certs.ts", "openssl-ca.ts"])
    recipe.update(readFileSync(join(import.meta.dirname, file)));
  return `${new Date().toISOString().slice(0, 10)}-${recipe.digest("hex").slice(0, 12)}`;
}

/**
 * The test PKI of today, made when it is not there. Safe to call from several processes at once.
 * @throws {OpenSslCommandError} when the openssl command is missing
 */
export async function testPki(): Promise<TestPki> {
  const parent = join(dirname(CACHE), "test-pki");
  const folder = join(parent, pkiFolderName());
  if (!existsSync(folder)) {
    await withCacheLock(
      () => {},
      async () => {
        if (existsSync(folder)) return;
        await publish(folder, makePki);
        for (const entry of readdirSync(parent)) {
          // Yesterday's may be in use by a run that began before midnight; what is older is not.
          const isOld = entry.slice(0, 10) < new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
          if (isOld) rmSync(join(parent, entry), { recursive: true, force: true });
        }
      },
    );
  }
  return describe(folder);
}
