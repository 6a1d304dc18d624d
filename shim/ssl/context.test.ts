import { beforeAll, describe, expect, it } from "vitest";
import { KEY_PASSWORD } from "../../e2e/peers/certs.ts";
import { openssl } from "../../e2e/peers/openssl-ca.ts";
import { type Bench, openBench } from "./bench.fixture.ts";
import { DEFAULT_CIPHERS, type Password, SslError, type SslFailure } from "./index.ts";
import { connected } from "./tls-pair.fixture.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

const CLIENT = 16;
const SERVER = 17;

/** The record that `act` throws. */
function failureOf(act: () => unknown): SslFailure {
  try {
    act();
  } catch (error) {
    if (error instanceof SslError) return error.failure;
    throw error;
  }
  return expect.fail("nothing was thrown");
}

const text = (value: string) => new TextEncoder().encode(value);

describe("a new context", () => {
  it.each([
    [2, 0, false],
    [CLIENT, 2, true],
    [SERVER, 0, false],
  ])("of protocol %i has CPython's defaults", (protocol, verifyMode, checkHostname) => {
    using context = bench.engine.newContext(protocol);
    expect(context.protocol).toBe(protocol);
    expect(context.options).toBe(0x8252_0050n);
    expect(context.verifyMode).toBe(verifyMode);
    expect(context.verifyFlags).toBe(0x8000);
    expect(context.checkHostname).toBe(checkHostname);
    expect(context.hostFlags).toBe(4);
    expect(context.minimumVersion).toBe(0x303);
    expect(context.maximumVersion).toBe(-1);
    expect(context.securityLevel).toBe(2);
    expect(context.numTickets).toBe(2);
    expect(context.postHandshakeAuth).toBe(false);
    expect(context.keylogFilename).toBeNull();
  });

  it.each([3, 4, 5])("of the fixed protocol %i refuses other versions", (protocol) => {
    using context = bench.engine.newContext(protocol);
    expect(failureOf(() => (context.minimumVersion = 0x303))).toMatchObject({
      kind: "ValueError",
      message: "The context's protocol doesn't support modification of highest and lowest version.",
    });
  });

  it.each([0, 1, 99])("of the protocol %i is refused", (protocol) => {
    expect(failureOf(() => bench.engine.newContext(protocol))).toEqual({
      kind: "ValueError",
      code: null,
      message: `invalid or unsupported protocol version ${String(protocol)}`,
    });
  });

  it("makes connections of its own side only", () => {
    using client = bench.engine.newContext(CLIENT);
    using server = bench.engine.newContext(SERVER);
    expect(failureOf(() => client.wrapSocket({ serverSide: true }))).toEqual({
      kind: "SSLError",
      code: 0,
      message: "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context (_ssl.c:907)",
      library: null,
      reason: null,
    });
    expect(failureOf(() => server.wrapSocket({ serverSide: false })).message).toBe(
      "Cannot create a client socket with a PROTOCOL_TLS_SERVER context (_ssl.c:914)",
    );
  });

  it.each(["", ".example.test"])("refuses the server name %j", (serverHostname) => {
    using context = bench.engine.newContext(CLIENT);
    expect(failureOf(() => context.wrapSocket({ serverSide: false, serverHostname }))).toMatchObject({
      kind: "ValueError",
      message: "server_hostname cannot be an empty string or start with a leading dot.",
    });
  });
});

describe("a context's settings", () => {
  it("keep check_hostname and verify_mode in step", () => {
    using context = bench.engine.newContext(CLIENT);
    expect(failureOf(() => (context.verifyMode = 0)).message).toBe(
      "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
    );
    expect(failureOf(() => (context.verifyMode = 7)).message).toBe("invalid value for verify_mode");
    context.checkHostname = false;
    context.verifyMode = 0;
    context.checkHostname = true;
    expect(context.verifyMode).toBe(2);
  });

  it("take every protocol bound that CPython takes", () => {
    using context = bench.engine.newContext(CLIENT);
    context.minimumVersion = -2;
    expect(context.minimumVersion).toBe(-2);
    context.minimumVersion = -1;
    expect(context.minimumVersion).toBe(0x304);
    context.maximumVersion = -2;
    expect(context.maximumVersion).toBe(0x301);
    context.maximumVersion = 0x302;
    expect(context.maximumVersion).toBe(0x302);
    expect(failureOf(() => (context.minimumVersion = 5)).message).toBe("Unsupported TLS/SSL version 0x5");
  });

  it("add and clear options and verify flags", () => {
    using context = bench.engine.newContext(CLIENT);
    context.options |= 1n << 14n;
    expect(context.options).toBe(0x8252_4050n);
    context.options = 0n;
    expect(context.options & (1n << 17n)).toBe(0n);
    context.verifyFlags = 0x20 | 4;
    expect(context.verifyFlags).toBe(0x24);
    context.hostFlags = 2;
    expect(context.hostFlags).toBe(2);
  });

  it("refuse a cipher list that selects nothing", () => {
    using context = bench.engine.newContext(CLIENT);
    expect(failureOf(() => context.setCiphers("^$"))).toEqual({
      kind: "SSLError",
      code: null,
      message: "No cipher can be selected.",
    });
  });

  it("list ciphers with CPython's keys", () => {
    using context = bench.engine.newContext(CLIENT);
    const ciphers = context.getCiphers();
    expect(ciphers[0]).toEqual({
      id: 50336514,
      name: "TLS_AES_256_GCM_SHA384",
      protocol: "TLSv1.3",
      description:
        "TLS_AES_256_GCM_SHA384         TLSv1.3 Kx=any      Au=any   Enc=AESGCM(256)            Mac=AEAD",
      strength_bits: 256,
      alg_bits: 256,
      aead: true,
      symmetric: "aes-256-gcm",
      digest: null,
      kea: "kx-any",
      auth: "auth-any",
    });
    expect(ciphers.map(({ name }) => name)).toContain("ECDHE-RSA-CHACHA20-POLY1305");
    expect(ciphers.every(({ strength_bits }) => strength_bits >= 128)).toBe(true);
    expect(bench.engine.constants()["_DEFAULT_CIPHERS"]).toBe(DEFAULT_CIPHERS);
  });

  it("set ticket numbers on servers only", () => {
    using client = bench.engine.newContext(CLIENT);
    using server = bench.engine.newContext(SERVER);
    server.numTickets = 0;
    expect(server.numTickets).toBe(0);
    expect(failureOf(() => (server.numTickets = -1)).message).toBe("value must be non-negative");
    expect(failureOf(() => (client.numTickets = 1)).message).toBe("SSLContext is not a server context.");
  });

  it("know curves by name", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    server.setEcdhCurve("prime256v1");
    using both = connected(client, server);
    expect(both.client.groupName()).toBe("secp256r1");
    expect(failureOf(() => server.setEcdhCurve("nope")).message).toBe("unknown elliptic curve name 'nope'");
    expect(failureOf(() => server.setEcdhCurve("RSA"))).toMatchObject({ kind: "SSLError" });
  });

  it("keep callbacks to the side they belong to", () => {
    using client = bench.engine.newContext(CLIENT);
    using server = bench.engine.newContext(SERVER);
    expect(failureOf(() => client.setSniCallback(() => null)).message).toBe(
      "sni_callback cannot be set on TLS_CLIENT context",
    );
    expect(failureOf(() => client.setPskServerCallback(() => undefined)).message).toBe(
      "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context (_ssl.c:5279)",
    );
    expect(failureOf(() => server.setPskClientCallback(() => undefined)).message).toBe(
      "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context (_ssl.c:5167)",
    );
  });

  it("take MemoryError for a malformed list of application protocols, as CPython", () => {
    using context = bench.engine.newContext(CLIENT);
    expect(failureOf(() => context.setAlpnProtocols(new Uint8Array([0]))).kind).toBe("MemoryError");
  });
});

describe("load_cert_chain", () => {
  it.each<[string, () => Password]>([
    ["as bytes", () => text(KEY_PASSWORD)],
    ["from a callback", () => () => text(KEY_PASSWORD)],
  ])("opens an encrypted key with its password %s", (_how, password) => {
    using client = bench.clientContext();
    using server = bench.engine.newContext(SERVER);
    server.loadCertChain("/pki/good.chain.pem", "/pki/good.encrypted.key", password());
    using _both = connected(client, server);
  });

  it("wipes the password that it was given", () => {
    using server = bench.engine.newContext(SERVER);
    const password = text(KEY_PASSWORD);
    server.loadCertChain("/pki/good.chain.pem", "/pki/good.encrypted.key", password);
    expect(password.every((byte) => byte === 0)).toBe(true);
  });

  it("does not ask where the key is not encrypted", () => {
    using server = bench.engine.newContext(SERVER);
    server.loadCertChain("/pki/good.chain.pem", "/pki/good.key", () => expect.fail("asked"));
  });

  it("finds the key in the certificate's file", () => {
    using server = bench.engine.newContext(SERVER);
    server.loadCertChain("/pki/good.bundle.pem");
  });

  it("fails with the native record for a wrong password", () => {
    using server = bench.engine.newContext(SERVER);
    const load = () => server.loadCertChain("/pki/good.chain.pem", "/pki/good.encrypted.key", text("wrong"));
    expect(failureOf(load)).toEqual({
      kind: "SSLError",
      code: 524297,
      message: "[SSL] PEM lib (_ssl.c:4242)",
      library: "SSL",
      reason: null,
    });
    server.loadCertChain("/pki/good.chain.pem", "/pki/good.encrypted.key", text(KEY_PASSWORD));
  });

  it("tells what a password callback came to", () => {
    using server = bench.engine.newContext(SERVER);
    const load = (password: Password) => () =>
      server.loadCertChain("/pki/good.chain.pem", "/pki/good.encrypted.key", password);
    expect(failureOf(load(() => undefined)).kind).toBe("CallbackError");
    const failure: SslFailure = {
      kind: "TypeError",
      code: null,
      message: "password callback must return a string",
    };
    expect(failureOf(load(() => failure))).toEqual(failure);
    expect(failureOf(load(new Uint8Array(2000)))).toMatchObject({
      kind: "ValueError",
      message: "password cannot be longer than 1024 bytes",
    });
  });

  it("tells missing files by errno, and what is no PEM by OpenSSL's error", () => {
    using server = bench.engine.newContext(SERVER);
    expect(failureOf(() => server.loadCertChain("/nowhere.pem"))).toEqual({
      kind: "OSError",
      code: null,
      message: "",
      errno: "ENOENT",
    });
    expect(failureOf(() => server.loadCertChain("/pki/good.chain.pem", "/nowhere.key")).errno).toBe("ENOENT");
    expect(failureOf(() => server.loadCertChain("/pki")).errno).toBe("EISDIR");
    bench.files.put("/garbage.pem", "no certificate\n");
    expect(failureOf(() => server.loadCertChain("/garbage.pem"))).toMatchObject({
      code: 524297,
      message: "[SSL] PEM lib (_ssl.c:4221)",
    });
  });

  it("fails for an encrypted key without a password: there is no terminal to ask on", () => {
    using server = bench.engine.newContext(SERVER);
    expect(
      failureOf(() => server.loadCertChain("/pki/good.chain.pem", "/pki/good.encrypted.key")),
    ).toMatchObject({
      kind: "OSError",
      errno: "EINVAL",
    });
  });

  it("refuses a key of another certificate", () => {
    using server = bench.engine.newContext(SERVER);
    expect(failureOf(() => server.loadCertChain("/pki/good.pem", "/pki/expired.key"))).toEqual({
      kind: "SSLError",
      code: 116,
      message: "[X509: KEY_VALUES_MISMATCH] key values mismatch (_ssl.c:4242)",
      library: "X509",
      reason: "KEY_VALUES_MISMATCH",
    });
  });
});

describe("load_verify_locations", () => {
  it("loads PEM text and DER bytes, once each", () => {
    using context = bench.engine.newContext(CLIENT);
    const pem = new TextDecoder().decode(bench.files.files.get("/pki/root.pem"));
    context.loadVerifyLocations(null, null, pem + pem);
    expect(context.certStoreStats()).toEqual({ x509: 1, crl: 0, x509_ca: 1 });
    const der = context.getCaCertsDer()[0] ?? expect.fail();
    using other = bench.engine.newContext(CLIENT);
    other.loadVerifyLocations(null, null, new Uint8Array([...der, ...der]));
    expect(other.getCaCerts()).toEqual(context.getCaCerts());
    expect(other.getCaCerts()[0]).toMatchObject({ version: 3, subject: context.getCaCerts()[0]?.issuer });
  });

  it("fails as CPython does for what it can't use", () => {
    using context = bench.engine.newContext(CLIENT);
    const load = (...args: Parameters<typeof context.loadVerifyLocations>) =>
      failureOf(() => context.loadVerifyLocations(...args));
    expect(load(null, null, null)).toMatchObject({
      kind: "TypeError",
      message: "cafile, capath and cadata cannot be all omitted",
    });
    expect(load(null, null, "").message).toBe("Empty certificate data");
    expect(load(null, null, "ä").kind).toBe("TypeError");
    expect(load(null, null, "abc")).toEqual({
      kind: "SSLError",
      code: 0,
      message: "no start line: cadata does not contain a certificate (_ssl.c:4340)",
      library: null,
      reason: null,
    });
    expect(load(null, null, text("abc")).message).toBe(
      "not enough data: cadata does not contain a certificate (_ssl.c:4340)",
    );
    expect(load("/nowhere.pem", null, null)).toMatchObject({ kind: "OSError", errno: "ENOENT" });
    bench.files.put("/empty.pem", "");
    expect(load("/empty.pem", null, null)).toMatchObject({
      code: 136,
      reason: "NO_CERTIFICATE_OR_CRL_FOUND",
      library: "X509",
    });
    context.loadVerifyLocations(null, "/nowhere", null);
  });

  it("stops at broken data after good", () => {
    using context = bench.engine.newContext(CLIENT);
    const pem = new TextDecoder().decode(bench.files.files.get("/pki/root.pem"));
    const broken = pem.slice(pem.indexOf("-----BEGIN")).replaceAll("M", "!");
    expect(failureOf(() => context.loadVerifyLocations(null, null, pem + broken))).toMatchObject({
      code: 100,
      message: "[PEM: BAD_BASE64_DECODE] bad base64 decode (_ssl.c:4353)",
    });
    context.loadVerifyLocations(null, null, pem);
    const der = context.getCaCertsDer()[0] ?? expect.fail();
    expect(
      failureOf(() => context.loadVerifyLocations(null, null, new Uint8Array([...der, 65]))),
    ).toMatchObject({
      library: "ASN1",
      reason: "NOT_ENOUGH_DATA",
    });
  });
});

describe("other files", () => {
  it("takes the empty path for a missing file", () => {
    using context = bench.engine.newContext(SERVER);
    const acts = [
      () => context.loadCertChain(""),
      () => context.loadCertChain("/pki/good.chain.pem", ""),
      () => context.loadVerifyLocations("", null, null),
      () => context.loadDhParams(""),
      () => {
        context.keylogFilename = "";
      },
    ];
    for (const act of acts) expect(failureOf(act)).toMatchObject({ kind: "OSError", errno: "ENOENT" });
    expect(failureOf(() => context.loadVerifyLocations(null, "", null)).reason).toBe("INVALID_DIRECTORY");
  });

  it("uses Diffie-Hellman parameters from a file", async () => {
    bench.files.put(
      "/dh.pem",
      await openssl(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"], "/"),
    );
    using client = bench.clientContext();
    using server = bench.serverContext();
    server.loadDhParams("/dh.pem");
    client.maximumVersion = 0x303;
    client.setCiphers("DHE-RSA-AES128-GCM-SHA256");
    server.setCiphers("DHE-RSA-AES128-GCM-SHA256");
    using both = connected(client, server);
    expect(both.client.cipher()?.[0]).toBe("DHE-RSA-AES128-GCM-SHA256");
  });

  it("names the file in what load_dh_params fails with", () => {
    using context = bench.engine.newContext(SERVER);
    expect(failureOf(() => context.loadDhParams("/nowhere.pem"))).toMatchObject({
      kind: "OSError",
      errno: "ENOENT",
      filename: "/nowhere.pem",
    });
    bench.files.put("/empty.pem", "");
    expect(failureOf(() => context.loadDhParams("/empty.pem"))).toMatchObject({
      code: 108,
      message: "[PEM: NO_START_LINE] no start line (_ssl.c:4530)",
    });
  });

  it("logs secrets, with a header in a new file only", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    const log = () => new TextDecoder().decode(bench.files.files.get("/keys.log"));
    client.keylogFilename = "/keys.log";
    expect(client.keylogFilename).toBe("/keys.log");
    connected(client, server)[Symbol.dispose]();
    client.keylogFilename = "/keys.log";
    connected(client, server)[Symbol.dispose]();
    client.keylogFilename = null;
    connected(client, server)[Symbol.dispose]();
    expect(log().split("# TLS secrets log file, generated by OpenSSL / Python\n").length).toBe(2);
    expect(log().match(/^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]+$/gm)?.length).toBe(2);
    expect(failureOf(() => (client.keylogFilename = "/no/where.log"))).toMatchObject({
      kind: "OSError",
      errno: "ENOENT",
      filename: "/no/where.log",
    });
    expect(client.keylogFilename).toBeNull();
  });
});
