import { describe, expect, test } from "vitest";
import { KEY_PASSWORD, makeCertificate } from "./certificate.fixture.ts";
import { clientContext, JoinedPair, serverContext, serverFiles } from "./handshake.fixture.ts";
import { constants, libraryName, type OpenSsl, type OpenSslCallbacks, reasonName } from "./index.ts";
import { start } from "./instance.fixture.ts";

const pair = makeCertificate();
const { TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION } = constants;

/** A client that trusts the test's certificate. */
function trustingClient(openssl: OpenSsl) {
  const client = clientContext(openssl);
  openssl.memory.scoped((scope) =>
    openssl.fn.SSL_CTX_load_verify_file(client.ptr, scope.cString("/cert.pem")),
  );
  return client;
}

/** Callbacks of which a test replaces some. */
function callbacks(replaced: Partial<OpenSslCallbacks>): OpenSslCallbacks {
  const unexpected = (): never => {
    throw new Error("this callback was not expected");
  };
  return {
    password: unexpected,
    servername: unexpected,
    message: unexpected,
    keylog: unexpected,
    pskClient: unexpected,
    pskServer: unexpected,
    receive: unexpected,
    addAnchors: unexpected,
    dropAnchors: unexpected,
    ...replaced,
  };
}

describe("a handshake in memory", () => {
  test.each([
    ["TLSv1.3", TLS1_3_VERSION],
    ["TLSv1.2", TLS1_2_VERSION],
  ])("is done in %s and carries bytes both ways", (name, version) => {
    const { openssl } = start(serverFiles(pair));
    const { fn, memory } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    fn.SSL_CTX_set_max_proto_version(client.ptr, version);
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    const { client: result } = both.shakeHands();
    expect([result.ret, result.sslError, result.error, result.verifyResult]).toEqual([1, 0, 0, 0]);
    expect(memory.readCString(fn.SSL_get_version(both.client.ptr))).toBe(name);
    const bytes = crypto.getRandomValues(new Uint8Array(10_000));
    expect(both.carry(both.client, both.server, bytes)).toEqual(bytes);
    expect(both.carry(both.server, both.client, bytes)).toEqual(bytes);
  });

  test.each([
    ["TLSv1", TLS1_VERSION],
    ["TLSv1.1", TLS1_1_VERSION],
  ])("is done in %s only when both sides lower their security level", (name, version) => {
    const { openssl } = start(serverFiles(pair));
    const { fn, memory } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    const shake = (cipherList: string): string => {
      for (const { ptr } of [server, client]) {
        fn.SSL_CTX_set_min_proto_version(ptr, version);
        fn.SSL_CTX_set_max_proto_version(ptr, version);
        memory.scoped((scope) => fn.SSL_CTX_set_cipher_list(ptr, scope.cString(cipherList)));
      }
      using both = new JoinedPair(openssl, client.ptr, server.ptr);
      const { ret } = both.shakeHands().client;
      return ret === 1 ? memory.readCString(fn.SSL_get_version(both.client.ptr)) : "refused";
    };
    expect(shake("DEFAULT")).toBe("refused");
    expect(shake("DEFAULT:@SECLEVEL=0")).toBe(name);
  });

  test("agrees on the hybrid with ML-KEM first", () => {
    const { openssl } = start(serverFiles(pair));
    const { fn, memory } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    both.shakeHands();
    expect(memory.readCString(fn.SSL_get0_group_name(both.client.ptr))).toBe("X25519MLKEM768");
  });

  test.each(["x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048", "SecP256r1MLKEM768"])(
    "can use the group %s",
    (group) => {
      const { openssl } = start(serverFiles(pair));
      const { fn, memory } = openssl;
      using server = serverContext(openssl);
      using client = trustingClient(openssl);
      for (const { ptr } of [server, client]) {
        expect(memory.scoped((scope) => fn.SSL_CTX_set1_groups_list(ptr, scope.cString(group)))).toBe(1);
      }
      using both = new JoinedPair(openssl, client.ptr, server.ptr);
      expect(both.shakeHands().client.ret).toBe(1);
      expect(memory.readCString(fn.SSL_get0_group_name(both.client.ptr))).toBe(group);
    },
  );

  test("fails with OpenSSL's reason and verification result when the certificate is not trusted", () => {
    const { openssl } = start(serverFiles(pair));
    using server = serverContext(openssl);
    using client = clientContext(openssl);
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    const results = both.shakeHands();
    expect(results.client.sslError).toBe(constants.SSL_ERROR_SSL);
    expect(libraryName(results.client.error)).toBe("SSL");
    expect(reasonName(results.client.error)).toBe("CERTIFICATE_VERIFY_FAILED");
    expect(results.client.verifyResult).toBe(constants.X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
    expect(reasonName(results.server.error)).toBe("TLSV1_ALERT_UNKNOWN_CA");
  });

  test("frees what it allocated", () => {
    const { openssl } = start(serverFiles(pair));
    const cycle = (): void => {
      using server = serverContext(openssl);
      using client = trustingClient(openssl);
      using both = new JoinedPair(openssl, client.ptr, server.ptr);
      both.shakeHands();
      both.carry(both.client, both.server, Uint8Array.of(1, 2, 3));
    };
    cycle();
    const before = openssl.liveAllocations();
    for (let round = 0; round < 5; round++) cycle();
    expect(openssl.liveAllocations()).toBe(before);
  });

  test("closes: both sides see the other's close_notify", () => {
    const { openssl } = start(serverFiles(pair));
    const { fn, memory, outcome } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    both.shakeHands();
    expect(fn.glue_SSL_shutdown(both.server.ptr)).toBe(0);
    const isRead = memory.scoped((scope) => fn.glue_SSL_read_ex(both.client.ptr, scope.alloc(10), 10));
    expect([isRead, outcome.read().sslError]).toEqual([0, constants.SSL_ERROR_ZERO_RETURN]);
    expect(outcome.read().shutdownState).toBe(constants.SSL_RECEIVED_SHUTDOWN);
    expect(fn.glue_SSL_shutdown(both.client.ptr)).toBe(1);
    expect(fn.glue_SSL_shutdown(both.server.ptr)).toBe(1);
  });
});

describe("callbacks", () => {
  test("the password of an encrypted key is asked for with the context's number, and zeroed", () => {
    const { openssl } = start({ "/key.pem": pair.encryptedKey });
    const { fn, memory } = openssl;
    using ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_server_method()), fn.SSL_CTX_free);
    fn.glue_SSL_CTX_set_id(ctx.ptr, 42);
    fn.glue_SSL_CTX_enable_password_callback(ctx.ptr, 1);
    const load = (): number =>
      memory.scoped((scope) => fn.SSL_CTX_use_PrivateKey_file(ctx.ptr, scope.cString("/key.pem"), 1));
    const given: [number, Uint8Array][] = [];
    const answer = (text: string) => (contextId: number) => {
      const password = new TextEncoder().encode(text);
      given.push([contextId, password]);
      return password;
    };
    openssl.callbacks = callbacks({ password: answer(KEY_PASSWORD) });
    expect(load()).toBe(1);
    openssl.callbacks = callbacks({ password: answer("wrong") });
    expect(load()).toBe(0);
    openssl.callbacks = callbacks({ password: () => undefined });
    expect(load()).toBe(0);
    expect(given.map(([id, bytes]) => [id, bytes.every((byte) => byte === 0)])).toEqual([
      [42, true],
      [42, true],
    ]);
  });

  test("what a callback throws comes out of the call that led to it, and the handshake has failed", () => {
    const { openssl } = start(serverFiles(pair));
    const { fn, memory } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    fn.glue_SSL_CTX_enable_servername_callback(server.ptr, 1);
    openssl.callbacks = callbacks({});
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    memory.scoped((scope) => fn.SSL_set_tlsext_host_name(both.client.ptr, scope.cString("localhost")));
    expect(() => both.shakeHands()).toThrow("this callback was not expected");
    expect(openssl.poison).toBeUndefined();
    fn.glue_SSL_do_handshake(both.client.ptr);
    expect(reasonName(openssl.outcome.read().error)).toBe("TLSV1_ALERT_INTERNAL_ERROR");
  });

  test("a server is told the name that the client asked for, and may refuse it with an alert", () => {
    const { openssl } = start(serverFiles(pair));
    const { fn, memory } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    fn.glue_SSL_CTX_enable_servername_callback(server.ptr, 1);
    const asked: [number, string | null][] = [];
    openssl.callbacks = callbacks({
      servername(connectionId, name) {
        asked.push([connectionId, name && new TextDecoder().decode(name)]);
        return name === null ? undefined : { alert: constants.SSL_AD_UNRECOGNIZED_NAME };
      },
    });
    using named = new JoinedPair(openssl, client.ptr, server.ptr);
    fn.glue_SSL_set_id(named.server.ptr, 7);
    memory.scoped((scope) => fn.SSL_set_tlsext_host_name(named.client.ptr, scope.cString("example.org")));
    expect(reasonName(named.shakeHands().client.error)).toBe("TLSV1_UNRECOGNIZED_NAME");
    using unnamed = new JoinedPair(openssl, client.ptr, server.ptr);
    expect(unnamed.shakeHands().client.ret).toBe(1);
    expect(asked).toEqual([
      [7, "example.org"],
      [0, null],
    ]);
  });

  test("messages and key log lines arrive with the connection's number", () => {
    const { openssl } = start(serverFiles(pair));
    const { fn } = openssl;
    using server = serverContext(openssl);
    using client = trustingClient(openssl);
    fn.glue_SSL_CTX_enable_msg_callback(client.ptr, 1);
    fn.glue_SSL_CTX_enable_keylog_callback(client.ptr, 1);
    const lines: string[] = [];
    const messages: string[] = [];
    openssl.callbacks = callbacks({
      keylog: (id, line) => void lines.push(`${id} ${line.split(" ")[0]}`),
      message(id, isWrite, _version, contentType, data) {
        if (contentType === constants.SSL3_RT_HANDSHAKE)
          messages.push(`${id} ${isWrite ? ">" : "<"} ${data[0]}`);
      },
    });
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    fn.glue_SSL_set_id(both.client.ptr, 3);
    both.shakeHands();
    expect(lines).toContain("3 CLIENT_TRAFFIC_SECRET_0");
    expect(messages[0]).toBe(`3 > ${constants.SSL3_MT_CLIENT_HELLO}`);
    expect(messages[1]).toBe(`3 < ${constants.SSL3_MT_SERVER_HELLO}`);
  });

  test.each([
    ["TLSv1.2", TLS1_2_VERSION],
    ["TLSv1.3", TLS1_3_VERSION],
  ])("a pre-shared key is enough in %s, and a wrong one is not", (_name, version) => {
    const { openssl } = start();
    const { fn, memory } = openssl;
    using server = openssl.own(fn.SSL_CTX_new(fn.TLS_server_method()), fn.SSL_CTX_free);
    using client = openssl.own(fn.SSL_CTX_new(fn.TLS_client_method()), fn.SSL_CTX_free);
    for (const { ptr } of [server, client]) {
      fn.SSL_CTX_set_min_proto_version(ptr, version);
      fn.SSL_CTX_set_max_proto_version(ptr, version);
      memory.scoped((scope) => fn.SSL_CTX_set_cipher_list(ptr, scope.cString("PSK")));
    }
    fn.glue_SSL_CTX_enable_psk_server_callback(server.ptr, 1);
    fn.glue_SSL_CTX_enable_psk_client_callback(client.ptr, 1);
    const key = (text: string): Uint8Array => new TextEncoder().encode(text);
    const shake = (serverKey: string): number => {
      openssl.callbacks = callbacks({
        pskClient: () => ({ identity: key("who"), psk: key("0123456789abcdef") }),
        pskServer: (_id, identity) =>
          new TextDecoder().decode(identity ?? key("")) === "who" ? key(serverKey) : undefined,
      });
      using both = new JoinedPair(openssl, client.ptr, server.ptr);
      return both.shakeHands().client.ret;
    };
    expect(shake("0123456789abcdef")).toBe(1);
    expect(shake("another key, as long")).not.toBe(1);
  });
});

test("ALPN: the server's order decides, and no overlap is no failure", () => {
  const { openssl } = start(serverFiles(pair));
  const { fn, memory } = openssl;
  using server = serverContext(openssl);
  using client = trustingClient(openssl);
  const list = (names: readonly string[]): Uint8Array =>
    Uint8Array.from(names.flatMap((name) => [name.length, ...new TextEncoder().encode(name)]));
  const offer = (ctx: typeof server, names: readonly string[]): void => {
    const bytes = list(names);
    expect(
      memory.scoped((scope) => fn.glue_SSL_CTX_set_alpn(ctx.ptr, scope.copyIn(bytes), bytes.length)),
    ).toBe(0);
  };
  const agreed = (): string => {
    using both = new JoinedPair(openssl, client.ptr, server.ptr);
    expect(both.shakeHands().client.ret).toBe(1);
    return memory.scoped((scope) => {
      const data = scope.word<"char*">();
      const length = scope.word<"unsigned int">();
      fn.SSL_get0_alpn_selected(both.client.ptr, data, length);
      return memory.readString(memory.readPtr(data), memory.readU32(length));
    });
  };
  offer(server, ["h2", "http/1.1"]);
  offer(client, ["http/1.1", "h2"]);
  expect(agreed()).toBe("h2");
  offer(client, ["http/1.1"]);
  expect(agreed()).toBe("http/1.1");
  offer(client, ["imap"]);
  expect(agreed()).toBe("");
});
