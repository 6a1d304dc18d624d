import { describe, expect, test } from "vitest";
import { makeCertificate } from "./certificate.fixture.ts";
import { clientContext, JoinedPair, serverContext, serverFiles } from "./handshake.fixture.ts";
import { errnoName, libraryName, type MemoryFiles, type OpenSsl, reasonName, resolvePath } from "./index.ts";
import { type Instance, start } from "./instance.fixture.ts";

const pair = makeCertificate();

/** Loads trusted certificates from a file or a directory; how many there are, or the errno. */
function load(openssl: OpenSsl, cafile: string): number | string {
  const { fn, memory } = openssl;
  using store = openssl.own(fn.X509_STORE_new(), fn.X509_STORE_free);
  fn.glue_clear_failure();
  const isLoaded = memory.scoped((scope) => fn.X509_STORE_load_file(store.ptr, scope.cString(cafile)));
  fn.glue_capture_failure();
  if (isLoaded !== 1) {
    const { sysErrno, error } = openssl.outcome.read();
    return errnoName(sysErrno) ?? `${libraryName(error)}/${reasonName(error)}`;
  }
  return fn.sk_X509_OBJECT_num(fn.X509_STORE_get0_objects(store.ptr));
}

describe("files that OpenSSL reads", () => {
  test("are the host's, by absolute and by relative path", () => {
    const { openssl, files } = start({ "/home/ca.pem": pair.certificate, "/ca.pem": "not the one" });
    files.directory = "/home";
    expect(load(openssl, "/home/ca.pem")).toBe(1);
    expect(load(openssl, "ca.pem")).toBe(1);
    expect(load(openssl, "../home/./ca.pem")).toBe(1);
    expect(load(openssl, "/ca.pem")).toBe("X509/NO_CERTIFICATE_OR_CRL_FOUND");
  });

  test("may be larger than any buffer", () => {
    const { openssl } = start({ "/many.pem": `# ${"x".repeat(100_000)}\n${pair.certificate}` });
    expect(load(openssl, "/many.pem")).toBe(1);
  });

  test("fail with the host's errno", () => {
    const { openssl, files } = start();
    expect(load(openssl, "/missing.pem")).toBe("ENOENT");
    files.open = () => "EACCES";
    expect(load(openssl, "/forbidden.pem")).toBe("EACCES");
  });

  test("fail with the host's errno when reading fails on the way", () => {
    const { openssl, files } = start({ "/ca.pem": pair.certificate });
    files.read = () => "EIO";
    expect(load(openssl, "/ca.pem")).not.toBe(1);
    expect(files.openCount).toBe(0);
  });

  test("are closed again, whether they could be used or not", () => {
    const { openssl, files } = start({ "/good.pem": pair.certificate, "/bad.pem": "nonsense" });
    load(openssl, "/good.pem");
    load(openssl, "/bad.pem");
    load(openssl, "/missing.pem");
    expect([openssl.openFiles, files.openCount]).toEqual([0, 0]);
  });

  test("can be appended to", () => {
    const { openssl, files } = start({ "/log": "first\n" });
    const { fn, memory } = openssl;
    memory.scoped((scope) => {
      using bio = openssl.own(fn.BIO_new_file(scope.cString("/log"), scope.cString("a")), fn.BIO_free);
      expect(fn.BIO_puts(bio.ptr, scope.cString("second\n"))).toBe(7);
      expect(fn.BIO_flush(bio.ptr)).toBe(1);
    });
    expect(new TextDecoder().decode(files.files.get("/log"))).toBe("first\nsecond\n");
  });

  test("can be read from any position", () => {
    const { openssl } = start({ "/text": "one two three" });
    const { fn, memory } = openssl;
    memory.scoped((scope) => {
      using bio = openssl.own(fn.BIO_new_file(scope.cString("/text"), scope.cString("r")), fn.BIO_free);
      const target = scope.alloc(100);
      expect(fn.BIO_read(bio.ptr, target, 4)).toBe(4);
      expect(fn.BIO_tell(bio.ptr)).toBe(4);
      expect(memory.readString(target, fn.BIO_read(bio.ptr, target, 100))).toBe("two three");
      expect(fn.BIO_reset(bio.ptr)).toBe(0);
      expect(memory.readString(target, fn.BIO_read(bio.ptr, target, 3))).toBe("one");
    });
  });

  test("an exception of the host's reaches the caller and breaks nothing", () => {
    const { openssl, files } = start({ "/ca.pem": pair.certificate });
    files.open = () => {
      throw new Error("the host is broken");
    };
    expect(() => load(openssl, "/ca.pem")).toThrow("the host is broken");
    delete (files as Partial<MemoryFiles>).open;
    expect(load(openssl, "/ca.pem")).toBe(1);
  });
});

describe("a directory of certificates", () => {
  /** Whether a client that trusts the default locations accepts the server's certificate. */
  function verifies({ openssl, files }: Instance): boolean {
    for (const [path, content] of Object.entries(serverFiles(pair))) files.put(path, content);
    using server = serverContext(openssl);
    using client = clientContext(openssl);
    expect(openssl.fn.SSL_CTX_set_default_verify_paths(client.ptr)).toBe(1);
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    const isDone = both.shakeHands().client.ret === 1;
    expect([openssl.openFiles, files.openCount]).toEqual([0, 0]);
    return isDone;
  }

  test("is looked up by the hash of the name, and read only then", () => {
    const instance = start({ [`/etc/ssl/certs/${pair.subjectHash}.0`]: pair.certificate });
    expect(verifies(instance)).toBe(true);
    expect(verifies(start({ "/etc/ssl/certs/other.pem": pair.certificate }))).toBe(false);
  });

  test("an exception of the environment's reaches the caller and breaks nothing", () => {
    const broken = (): never => {
      throw new Error("no environment");
    };
    const { openssl } = start({}, { env: broken });
    using client = clientContext(openssl);
    expect(() => openssl.fn.SSL_CTX_set_default_verify_paths(client.ptr)).toThrow("no environment");
    expect(openssl.poison).toBeUndefined();
  });

  test("is found by SSL_CERT_DIR, as the environment says at that moment", () => {
    const instance = start({ [`/home/trust/${pair.subjectHash}.0`]: pair.certificate });
    expect(verifies(instance)).toBe(false);
    instance.environment.set("SSL_CERT_DIR", "/home/trust");
    expect(verifies(instance)).toBe(true);
    instance.environment.set("SSL_CERT_DIR", "/home/elsewhere/that/is/longer/than/before");
    expect(verifies(instance)).toBe(false);
    instance.environment.delete("SSL_CERT_DIR");
    instance.environment.set("SSL_CERT_FILE", `/home/trust/${pair.subjectHash}.0`);
    expect(verifies(instance)).toBe(true);
  });
});

test("paths are made absolute and plain", () => {
  expect(resolvePath("/home/user", "ca.pem")).toBe("/home/user/ca.pem");
  expect(resolvePath("/home", "/etc//ssl/./certs/../cert.pem")).toBe("/etc/ssl/cert.pem");
  expect(resolvePath("/", "../../x")).toBe("/x");
});
