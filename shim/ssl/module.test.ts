import { beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./bench.fixture.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

describe("the module", () => {
  it("has constants with CPython's values", () => {
    expect(bench.engine.constants()).toMatchObject({
      CERT_REQUIRED: 2,
      PROTOCOL_TLS_CLIENT: 16,
      PROTO_TLSv1_3: 0x304,
      OP_ALL: 0x8000_0050,
      OP_NO_SSLv2: 0,
      OP_NO_TLSv1_3: 0x2000_0000,
      VERIFY_CRL_CHECK_CHAIN: 12,
      HOSTFLAG_NEVER_CHECK_SUBJECT: 32,
      ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY: 115,
      SSL_ERROR_EOF: 8,
      ENCODING_DER: 2,
      HAS_TLSv1_3: true,
      HAS_NPN: false,
    });
  });

  it("tells OpenSSL's version in three ways that agree", () => {
    const { OPENSSL_VERSION, OPENSSL_VERSION_INFO, OPENSSL_VERSION_NUMBER } = bench.engine.constants();
    const [major, minor, , patch] = OPENSSL_VERSION_INFO as number[];
    expect(OPENSSL_VERSION).toMatch(
      new RegExp(`^OpenSSL ${String(major)}\\.${String(minor)}\\.${String(patch)} `),
    );
    expect(Number(OPENSSL_VERSION_NUMBER) >>> 28).toBe(major);
  });

  it("looks objects up by OID, by name and by number", () => {
    const serverAuth = [129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"];
    expect(bench.engine.txt2obj("1.3.6.1.5.5.7.3.1")).toEqual(serverAuth);
    expect(bench.engine.txt2obj("serverAuth", true)).toEqual(serverAuth);
    expect(bench.engine.nid2obj(129)).toEqual(serverAuth);
    expect(() => bench.engine.txt2obj("serverAuth")).toThrow("unknown object 'serverAuth'");
    expect(() => bench.engine.txt2obj("1.2.3.4.5.6")).toThrow("Unknown object");
    expect(() => bench.engine.nid2obj(-1)).toThrow("NID must be positive.");
    expect(() => bench.engine.nid2obj(100_000)).toThrow("unknown NID 100000");
    expect(() => bench.engine.nid2obj(0)).toThrow("Unknown object");
  });

  it("gives random bytes", () => {
    expect(bench.engine.randStatus()).toBe(true);
    bench.engine.randAdd(new Uint8Array(100), 0);
    const one = bench.engine.randBytes(32);
    expect(one.length).toBe(32);
    expect(one).not.toEqual(bench.engine.randBytes(32));
    expect(bench.engine.randBytes(0)).toEqual(new Uint8Array(0));
    expect(() => bench.engine.randBytes(-1)).toThrow("num must be positive");
  });

  it("tells where default trust anchors are looked for", () => {
    const [fileVariable, file, dirVariable, dir] = bench.engine.getDefaultVerifyPaths();
    expect([fileVariable, dirVariable]).toEqual(["SSL_CERT_FILE", "SSL_CERT_DIR"]);
    expect(file).toMatch(/^\/.*cert\.pem$/);
    expect(dir).toMatch(/^\/.*certs$/);
  });
});
