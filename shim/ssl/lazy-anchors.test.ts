import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { testPki } from "../../e2e/peers/certs.ts";
import { openssl } from "../../e2e/peers/openssl-ca.ts";
import { trustStore } from "../../scripts/assets.ts";
import { MemoryFiles } from "../openssl/index.ts";
import { type Bench, openBench } from "./bench.fixture.ts";
import { type SslContext, SslError, type SslFailure } from "./index.ts";
import { stackItems } from "./stack.ts";
import { connected, pair, shakeHands } from "./tls-pair.fixture.ts";

const pki = await testPki();
const read = (path: string): string => readFileSync(path, "utf8");
const [root, otherRoot] = [read(pki.ca), read(pki.otherCa)];

/** As `cacert.pem` has it. */
async function known(path: string): Promise<string> {
  const hash = await openssl(["x509", "-in", path, "-noout", "-subject_hash"], pki.folder);
  return `# subject hash ${hash.trim()}\n${read(path).slice(read(path).indexOf("-----BEGIN"))}`;
}

/** Another certificate with the root's subject and another key. */
async function imposter(): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), "pyodide-ssl-anchors-"));
  const subject = await openssl(["x509", "-in", pki.ca, "-noout", "-subject", "-nameopt", "compat"], work);
  const name = subject.replace(/^subject=\s*/, "").trim();
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"];
  const pem = await openssl(["req", "-x509", ...key, "-subj", name, "-days", "2"], work);
  rmSync(work, { recursive: true });
  return pem;
}

let bench: Bench;
let plain: Bench;
beforeAll(async () => {
  const roots = `${await known(pki.ca)}\n${await known(pki.otherCa)}`;
  [bench, plain] = await Promise.all([openBench(roots), openBench()]);
});

/** How many objects a context's store holds now, without asking the context. */
function parsed({ engine }: Bench, context: SslContext): number {
  const { fn } = engine.openssl;
  const objects = fn.X509_STORE_get0_objects(fn.SSL_CTX_get_cert_store(context.ptr));
  return stackItems(engine.openssl, objects).length;
}

function contextWith({ engine, files }: Bench, content: string): SslContext {
  files.put("/anchors.pem", content);
  const context = engine.newContext(16);
  context.loadVerifyLocations("/anchors.pem", null, null);
  return context;
}

function failureOf(action: () => unknown): SslFailure {
  try {
    action();
  } catch (error) {
    if (error instanceof SslError) return error.failure;
    throw error;
  }
  return expect.fail("no failure");
}

describe("a trust anchor that comes with the package", () => {
  it("is parsed when a chain needs it, alone", () => {
    using client = contextWith(bench, `${root}${otherRoot}`);
    expect(parsed(bench, client)).toBe(0);
    using server = bench.serverContext();
    using _both = connected(client, server);
    expect(parsed(bench, client)).toBe(1);
  });

  it("is there for who looks, in the order of the file", () => {
    using client = contextWith(bench, `${otherRoot}${root}`);
    using native = contextWith(plain, `${otherRoot}${root}`);
    expect(client.certStoreStats()).toEqual({ x509: 2, crl: 0, x509_ca: 2 });
    expect(client.getCaCertsDer()).toEqual(native.getCaCertsDer());
  });

  it("is trusted no further than natively: the wrong one does not do", () => {
    using client = contextWith(bench, otherRoot);
    using server = bench.serverContext();
    using both = pair(client, server);
    expect(shakeHands(both).client).toMatchObject({ verifyCode: 20 });
  });

  it("stays trusted beside another certificate of its subject, from a file or from memory", async () => {
    const other = await imposter();
    using server = bench.serverContext();
    using inFile = contextWith(bench, `${other}${root}`);
    using _first = connected(inFile, server);
    using added = contextWith(bench, `${otherRoot}${root}`);
    added.loadVerifyLocations(null, null, other);
    using _second = connected(added, server);
    bench.files.put("/imposter.pem", other);
    using fromFile = contextWith(bench, root);
    fromFile.loadVerifyLocations("/imposter.pem", null, null);
    using _third = connected(fromFile, server);
    expect(fromFile.certStoreStats().x509).toBe(2);
  });

  it("is trusted in a context that was given more", () => {
    bench.files.put("/one.pem", otherRoot);
    using client = contextWith(bench, root);
    client.loadVerifyLocations("/one.pem", "/pki/capath", null);
    using server = bench.serverContext();
    using _both = connected(client, server);
    expect(client.certStoreStats().x509).toBe(2);
  });

  it("does not hide what is wrong with the rest of its file", () => {
    const broken = root
      .replace(/[A-Za-z0-9]{20}\n-----END/, "AAAAAAAAAAAAAAAAAAAA\n-----END")
      .replace("MII", "MIX");
    for (const content of [`${otherRoot}${broken}`, `${otherRoot}-----BEGIN CERTIFICATE-----\n`]) {
      const failure = failureOf(() => contextWith(bench, content));
      expect(failure).toEqual(failureOf(() => contextWith(plain, content)));
    }
  });

  it("shares its store among contexts with a directory, also when some of it was parsed", () => {
    bench.files.put("/default.pem", root);
    bench.env.set("SSL_CERT_FILE", "/default.pem");
    bench.env.set("SSL_CERT_DIR", "/pki/capath");
    using server = bench.serverContext();
    const stores = [1, 2].map(() => {
      using client = bench.engine.newContext(16);
      client.setDefaultVerifyPaths();
      using _both = connected(client, server);
      return bench.engine.openssl.fn.SSL_CTX_get_cert_store(client.ptr);
    });
    bench.env.clear();
    expect(stores[0]).toBe(stores[1]);
  });
});

it("Mozilla's roots are the same, parsed at once and one after another", async () => {
  const roots = await trustStore();
  const [lazy, eager] = await Promise.all([openBench(roots), openBench()]);
  using one = contextWith(lazy, roots);
  expect(parsed(lazy, one)).toBe(0);
  using other = contextWith(eager, roots);
  expect(one.getCaCertsDer()).toEqual(other.getCaCertsDer());
  expect(one.certStoreStats()).toEqual(other.certStoreStats());
});

/** Files with times that a test sets, and a count of how often one was opened. */
class DatedFiles extends MemoryFiles {
  changedMs = 0;
  modifiedMs = 0;
  opened = 0;

  override open(...parameters: Parameters<MemoryFiles["open"]>): ReturnType<MemoryFiles["open"]> {
    this.opened++;
    return super.open(...parameters);
  }

  override stat(path: string): ReturnType<MemoryFiles["stat"]> {
    const stat = super.stat(path);
    return typeof stat === "string"
      ? stat
      : { ...stat, changedMs: this.changedMs, modifiedMs: this.modifiedMs, inode: 1 };
  }
}

describe("a CA file that is loaded again", () => {
  const opensFor = (action: () => void, files: DatedFiles): number => {
    const before = files.opened;
    action();
    return files.opened - before;
  };

  it("is not read when it has not been touched, and is when it has, whatever its size", async () => {
    const files = new DatedFiles();
    const dated = await openBench("", files);
    const content = [root, otherRoot].map((pem) => pem.padEnd(4000, "\n"));
    files.put("/ca.pem", content[0] ?? "");
    const der = (): Uint8Array | undefined => {
      using context = dated.engine.newContext(16);
      context.loadVerifyLocations("/ca.pem", null, null);
      return context.getCaCertsDer()[0];
    };
    const first = der();
    expect(opensFor(() => expect(der()).toEqual(first), files)).toBe(0);
    files.put("/ca.pem", content[1] ?? "");
    files.changedMs = 1;
    expect(der()).not.toEqual(first);
    expect(opensFor(der, files)).toBe(0);
  });

  it("is read again while its times are too young to tell it from a later state", async () => {
    const files = new DatedFiles();
    const dated = await openBench("", files);
    files.put("/ca.pem", root);
    for (const time of ["changedMs", "modifiedMs"] as const) {
      files[time] = Date.now() + 60_000;
      const load = (): void => {
        using context = dated.engine.newContext(16);
        context.loadVerifyLocations("/ca.pem", null, null);
      };
      load();
      expect(opensFor(load, files)).toBeGreaterThan(0);
      files[time] = 0;
    }
  });
});
