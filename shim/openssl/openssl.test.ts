import { describe, expect, test } from "vitest";
import {
  constants,
  errorLibrary,
  errorReason,
  libraryName,
  NULL,
  PoisonedError,
  type Ptr,
  reasonName,
  reasonText,
} from "./index.ts";
import { start } from "./instance.fixture.ts";

describe("an OpenSSL instance", () => {
  test("says which version it is and where it looks for trusted certificates", () => {
    const { openssl } = start();
    const { fn, memory } = openssl;
    expect(memory.readCString(fn.OpenSSL_version(constants.OPENSSL_VERSION))).toMatch(/^OpenSSL 3\.5\.\d+ /);
    expect(memory.readCString(fn.X509_get_default_cert_file())).toBe("/etc/ssl/cert.pem");
    expect(memory.readCString(fn.X509_get_default_cert_dir())).toBe("/etc/ssl/certs");
    expect(memory.readCString(fn.X509_get_default_cert_file_env())).toBe("SSL_CERT_FILE");
  });

  test("answers unsigned results without a sign, 32 and 64 bits wide", () => {
    const { openssl } = start();
    const { fn } = openssl;
    using ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_method()), fn.SSL_CTX_free);
    fn.SSL_CTX_set_options(ctx.ptr, 1n << 63n);
    expect(fn.SSL_CTX_get_options(ctx.ptr)).toBeGreaterThan(1n << 63n);
    fn.glue_clear_failure();
    openssl.memory.scoped((scope) => fn.SSL_CTX_load_verify_file(ctx.ptr, scope.cString("/missing.pem")));
    // A system error, whose code has its highest bit set.
    expect(fn.ERR_get_error()).toBeGreaterThan(0x7fff_ffff);
  });

  test("takes its random bytes from the host", () => {
    let asked = 0;
    const random = (target: Uint8Array): void => {
      asked += target.length;
      crypto.getRandomValues(target as Uint8Array<ArrayBuffer>);
    };
    const { openssl } = start({}, { random });
    const bytes = openssl.memory.scoped((scope) => {
      const target = scope.copyIn(new Uint8Array(64));
      expect(openssl.fn.RAND_bytes(target, 64)).toBe(1);
      return openssl.memory.copyOut(target, 64);
    });
    expect(asked).toBeGreaterThanOrEqual(32);
    expect(new Set(bytes).size).toBeGreaterThan(16);
  });

  test("fails to make random bytes when the host has none, and does not make weak ones", () => {
    const broken = (): never => {
      throw new Error("no entropy");
    };
    const { openssl } = start({}, { random: broken });
    openssl.memory.scoped((scope) => {
      const target = scope.alloc(16);
      expect(() => openssl.fn.RAND_bytes(target, 16)).toThrow("no entropy");
    });
  });

  test("two instances of one module know nothing of each other", () => {
    const first = start().openssl;
    const second = start().openssl;
    const before = second.liveAllocations();
    first.memory.alloc(1000);
    expect(second.liveAllocations()).toBe(before);
  });
});

describe("the failure of a call", () => {
  test("is captured with errno and both ends of the error queue, and leaves the queue empty", () => {
    const { openssl } = start();
    const { fn, memory } = openssl;
    using ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_method()), fn.SSL_CTX_free);
    fn.glue_clear_failure();
    const loaded = memory.scoped((scope) =>
      fn.SSL_CTX_use_PrivateKey_file(ctx.ptr, scope.cString("/missing.pem"), constants.SSL_FILETYPE_PEM),
    );
    fn.glue_capture_failure();
    const outcome = openssl.outcome.read();
    expect(loaded).not.toBe(1);
    expect(libraryName(outcome.error)).toBe("SSL");
    expect(errorLibrary(outcome.firstError)).toBe(constants.ERR_LIB_SYS);
    expect(errorReason(outcome.firstError)).toBe(outcome.sysErrno);
    expect(fn.ERR_peek_error()).toBe(0);
  });

  test("is named as CPython names it", () => {
    const { openssl } = start({ "/not-a-certificate.pem": "hello" });
    const { fn, memory } = openssl;
    using ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_method()), fn.SSL_CTX_free);
    fn.glue_clear_failure();
    memory.scoped((scope) =>
      fn.SSL_CTX_use_certificate_chain_file(ctx.ptr, scope.cString("/not-a-certificate.pem")),
    );
    fn.glue_capture_failure();
    const { error, firstError } = openssl.outcome.read();
    // CPython has no names for reasons that stand for a library: "[SSL] PEM lib".
    expect([libraryName(error), reasonName(error)]).toEqual(["SSL", undefined]);
    expect([libraryName(firstError), reasonName(firstError)]).toEqual(["PEM", "NO_START_LINE"]);
  });

  test("has OpenSSL's text", () => {
    const code = (library: number, reason: number): number => (library << constants.ERR_LIB_OFFSET) | reason;
    expect(reasonText(code(constants.ERR_LIB_SSL, constants.SSL_R_CERTIFICATE_VERIFY_FAILED))).toBe(
      "certificate verify failed",
    );
    expect(reasonText(code(constants.ERR_LIB_SSL, 1040))).toBe("ssl/tls alert handshake failure");
    expect(reasonText(code(constants.ERR_LIB_RAND, 100))).toBe("PRNG not seeded");
    expect(reasonText(code(constants.ERR_LIB_SSL, constants.ERR_R_PEM_LIB))).toBe("PEM lib");
    expect(reasonText(code(constants.ERR_LIB_SSL, 99))).toBeUndefined();
  });
});

describe("after a trap", () => {
  test("every call throws, with the first cause", () => {
    const { openssl } = start();
    const { fn } = openssl;
    // Far outside the memory: the load traps.
    const nowhere = 0x7fff_0000 as Ptr<"SSL">;
    expect(() => fn.SSL_version(nowhere)).toThrow(PoisonedError);
    expect(openssl.poison?.cause).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(() => fn.OpenSSL_version_num()).toThrow(openssl.poison);
    expect(() => openssl.memory.alloc(1)).toThrow(openssl.poison);
  });

  test("another instance goes on", () => {
    const broken = start().openssl;
    const sound = start().openssl;
    expect(() => broken.fn.SSL_version(0x7fff_0000 as Ptr<"SSL">)).toThrow(PoisonedError);
    expect(sound.fn.OpenSSL_version_num()).toBeGreaterThan(0x3050_0000);
  });
});

test("what OpenSSL allocates for a context, a connection and its BIOs is freed with them", () => {
  const { openssl } = start();
  const { fn } = openssl;
  const cycle = (): void => {
    using ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_client_method()), fn.SSL_CTX_free);
    using ssl = openssl.own(fn.SSL_new(ctx.ptr), fn.SSL_free);
    fn.SSL_set_bio(ssl.ptr, fn.BIO_new(fn.BIO_s_mem()), fn.BIO_new(fn.BIO_s_mem()));
    fn.SSL_set_connect_state(ssl.ptr);
    fn.glue_SSL_do_handshake(ssl.ptr);
    expect(openssl.outcome.read().sslError).toBe(constants.SSL_ERROR_WANT_READ);
  };
  // The first time fills caches that stay.
  cycle();
  const before = [openssl.liveAllocations(), openssl.liveBytes()];
  for (let round = 0; round < 20; round++) cycle();
  expect([openssl.liveAllocations(), openssl.liveBytes()]).toEqual(before);
  const kept = fn.BIO_new(fn.BIO_s_mem());
  expect(openssl.liveAllocations()).toBeGreaterThan(before[0] ?? 0);
  fn.BIO_free(kept);
  expect(kept).not.toBe(NULL);
});
