import { beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./bench.fixture.ts";
import type { SslFailure } from "./index.ts";
import { carry, connected, pair, pump, shakeHands } from "./tls-pair.fixture.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

describe("a handshake in memory", () => {
  it.each([
    ["TLSv1.2", 0x303, "ECDHE-RSA-AES256-GCM-SHA384"],
    ["TLSv1.3", 0x304, "TLS_AES_256_GCM_SHA384"],
  ])("agrees on %s and carries text both ways", (version, number, cipher) => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.minimumVersion = client.maximumVersion = number;
    using both = connected(client, server);
    expect(both.client.version()).toBe(version);
    expect(both.server.version()).toBe(version);
    expect(both.client.cipher()?.[0]).toBe(cipher);
    expect(both.client.cipher()?.[2]).toBe(256);
    expect(carry(both, "client", "from the client")).toBe("from the client");
    expect(carry(both, "server", "from the server")).toBe("from the server");
  });

  it.each([
    ["TLSv1", 0x301],
    ["TLSv1.1", 0x302],
  ])("agrees on %s only when both ends lower their bounds and security level", (version, number) => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.minimumVersion = client.maximumVersion = number;
    server.minimumVersion = number;
    using refused = pair(client, server);
    expect(shakeHands(refused).client).toMatchObject({ kind: "SSLError" });
    for (const context of [client, server]) context.setCiphers("DEFAULT:@SECLEVEL=0");
    using both = connected(client, server);
    expect(both.client.version()).toBe(version);
    expect(carry(both, "client", "old but fine")).toBe("old but fine");
  });

  it("offers the post-quantum group first", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    using both = connected(client, server);
    expect(both.client.groupName()).toBe("X25519MLKEM768");
  });

  it("knows neither version nor group nor peer before it is done", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    using both = pair(client, server);
    expect(both.client.doHandshake()).toBe("want-read");
    expect(both.client.outgoingLength).toBeGreaterThan(0);
    expect(both.client.version()).toBeNull();
    expect(both.client.groupName()).toBeNull();
    expect(both.client.cipher()).toBeNull();
    expect(both.client.getChannelBinding()).toBeNull();
    expect(() => both.client.getPeerCert()).toThrow("handshake not done yet");
  });

  it("picks the server's preferred application protocol, and none without an overlap", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    server.setAlpnProtocols(wire("http/1.1", "h2"));
    client.setAlpnProtocols(wire("h2", "http/1.1"));
    using both = connected(client, server);
    expect(both.client.selectedAlpnProtocol()).toBe("http/1.1");
    expect(both.server.selectedAlpnProtocol()).toBe("http/1.1");

    client.setAlpnProtocols(wire("spdy/3"));
    using other = connected(client, server);
    expect(other.client.selectedAlpnProtocol()).toBeNull();
  });

  it("tells the server's callback the name, and takes the context it chooses", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    using other = bench.serverContext("sni-one");
    const names: (string | null)[] = [];
    server.setSniCallback((connection, name) => {
      names.push(name);
      connection.context = other;
      return null;
    });
    using both = connected(client, server, { serverHostname: "one.example.test" });
    expect(names).toEqual(["one.example.test"]);
    expect(both.server.context).toBe(other);
    expect(both.client.getPeerCert()).toMatchObject({ subjectAltName: [["DNS", "one.example.test"]] });
  });

  it("sends no server name for an address", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    const names: (string | null)[] = [];
    server.setSniCallback((_connection, name) => {
      names.push(name);
      return null;
    });
    using _both = connected(client, server, { serverHostname: "127.0.0.1" });
    expect(names).toEqual([null]);
  });

  it("ends with the alert that the server's callback answers", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    server.setSniCallback(() => 49);
    using both = pair(client, server);
    const results = shakeHands(both);
    expect(results.client).toMatchObject({ kind: "SSLError", reason: "TLSV1_ALERT_ACCESS_DENIED", code: 1 });
    expect(results.server).toMatchObject({ kind: "SSLError", reason: "CALLBACK_FAILED" });
  });

  it("gives both ends the same channel binding", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.maximumVersion = 0x303;
    using both = connected(client, server);
    const binding = both.client.getChannelBinding();
    expect(binding?.length).toBe(12);
    expect(both.server.getChannelBinding()).toEqual(binding);
    expect(() => both.client.getChannelBinding("tls-exporter")).toThrow(
      "'tls-exporter' channel binding type not implemented",
    );
  });

  it("tells the ciphers that both ends share to the server only", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.maximumVersion = 0x303;
    client.setCiphers("ECDHE-RSA-AES128-GCM-SHA256");
    using both = connected(client, server);
    expect(both.server.sharedCiphers()).toContainEqual(["ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2", 128]);
    expect(both.client.sharedCiphers()).toBeNull();
  });

  it("reports every message to the message callback", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    const seen: string[] = [];
    client.setMessageCallback((_connection, direction, version, contentType, messageType) => {
      seen.push(`${direction} ${version.toString(16)} ${String(contentType)} ${String(messageType)}`);
    });
    using _both = connected(client, server);
    // The record's header (its own version), then the ClientHello in it, as native CPython reports them.
    expect(seen.slice(0, 2)).toEqual(["write 301 256 22", "write 304 22 1"]);
  });

  it("agrees on a pre-shared key", () => {
    using client = bench.engine.newContext(16);
    using server = bench.engine.newContext(17);
    for (const context of [client, server]) {
      context.maximumVersion = 0x303;
      context.setCiphers("PSK");
    }
    client.checkHostname = false;
    client.verifyMode = 0;
    const asked: unknown[] = [];
    client.setPskClientCallback((_connection, hint) => {
      asked.push(hint);
      return { identity: new TextEncoder().encode("me"), psk: new Uint8Array([1, 2, 3]) };
    });
    server.setPskServerCallback((_connection, identity) => {
      asked.push(identity);
      return new Uint8Array([1, 2, 3]);
    }, "hint");
    using both = connected(client, server);
    expect(both.client.cipher()?.[0]).toMatch(/PSK/);
    expect(asked).toEqual(["hint", "me"]);
  });

  it("fails where the versions have no overlap", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.maximumVersion = 0x303;
    server.minimumVersion = 0x304;
    using both = pair(client, server);
    const results = shakeHands(both);
    expect(results.server).toMatchObject({ reason: "UNSUPPORTED_PROTOCOL" });
    expect(results.client).toMatchObject({ reason: "TLSV1_ALERT_PROTOCOL_VERSION", library: "SSL", code: 1 });
  });

  it("fails with the native text where the peer speaks plain HTTP", () => {
    using client = bench.clientContext();
    using connection = client.wrapSocket({ serverSide: false, serverHostname: "localhost" });
    expect(connection.doHandshake()).toBe("want-read");
    connection.receive(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const failure = connection.doHandshake() as SslFailure;
    expect(failure).toEqual({
      kind: "SSLError",
      code: 1,
      message: "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1127)",
      library: "SSL",
      reason: "WRONG_VERSION_NUMBER",
    });
  });

  it("asks the client for a certificate after the handshake", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.postHandshakeAuth = true;
    server.postHandshakeAuth = true;
    client.loadCertChain("/pki/client.chain.pem", "/pki/client.key");
    server.verifyMode = 2;
    server.loadVerifyLocations("/pki/root.pem", null, null);
    using both = connected(client, server);
    expect(both.server.getPeerCert()).toBeNull();
    both.server.verifyClientPostHandshake();
    both.server.write(new TextEncoder().encode("x"));
    pump(both);
    expect(both.client.read(10)).toBeInstanceOf(Uint8Array);
    expect(carry(both, "client", "here")).toBe("here");
    expect(both.server.getPeerCert()).toMatchObject({ version: 3 });
  });
});

function wire(...names: string[]): Uint8Array {
  return Uint8Array.from(names.flatMap((name) => [name.length, ...new TextEncoder().encode(name)]));
}
