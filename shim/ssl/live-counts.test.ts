import { beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./bench.fixture.ts";
import { carry, connected, pair, shakeHands } from "./tls-pair.fixture.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

/** Runs `act` often; what it leaves behind beyond a first run is a leak. */
function expectNoGrowth(act: () => void): void {
  act();
  const before = bench.engine.liveCounts();
  for (let i = 0; i < 5; i++) act();
  expect(bench.engine.liveCounts()).toEqual(before);
  expect(before).toMatchObject({ contexts: 0, connections: 0, bios: 0, sessions: 0, certificates: 0 });
  expect(bench.engine.openssl.openFiles).toBe(0);
}

describe("nothing stays behind", () => {
  it.each([0x303, 0x304])(
    "after a connection of version %i, a resumed one, and everything read from them",
    (version) => {
      expectNoGrowth(() => {
        using client = bench.clientContext();
        using server = bench.serverContext();
        client.maximumVersion = version;
        using first = connected(client, server);
        carry(first, "server", "hello");
        using session = first.client.getSession() ?? expect.fail();
        using second = connected(client, server, { session });
        second.client.getPeerCert();
        second.client.getPeerCertDer();
        for (const each of second.client.getVerifiedChain() ?? []) each[Symbol.dispose]();
        second.client.cipher();
        second.server.sharedCiphers();
        client.getCiphers();
        client.getCaCerts();
        client.sessionStats();
      });
    },
  );

  it("after a failed handshake and an abandoned one", () => {
    expectNoGrowth(() => {
      using client = bench.clientContext();
      using server = bench.serverContext("self-signed");
      using failed = pair(client, server);
      expect(shakeHands(failed).client).toMatchObject({ verifyCode: 18 });
      using abandoned = pair(client, server);
      abandoned.client.doHandshake();
    });
  });

  it("after constructors that fail", () => {
    expectNoGrowth(() => {
      using client = bench.engine.newContext(16);
      expect(() => client.wrapSocket({ serverSide: false, serverHostname: "" })).toThrow();
      expect(() => client.wrapSocket({ serverSide: true })).toThrow();
      expect(() => client.loadCertChain("/pki/good.chain.pem", "/pki/expired.key")).toThrow();
      expect(() => client.loadVerifyLocations(null, null, "abc")).toThrow();
      expect(() => client.loadVerifyLocations("/nowhere", null, null)).toThrow();
      expect(() => bench.engine.txt2obj("nothing")).toThrow();
      expect(() => bench.engine.testDecodeCert("/nowhere")).toThrow();
      expect(() => {
        client.keylogFilename = "/no/where";
      }).toThrow();
    });
  });

  it("when contexts go before their connections, and twice", () => {
    expectNoGrowth(() => {
      const client = bench.clientContext();
      const server = bench.serverContext();
      const both = connected(client, server);
      client[Symbol.dispose]();
      server[Symbol.dispose]();
      client[Symbol.dispose]();
      expect(carry(both, "client", "still here")).toBe("still here");
      both[Symbol.dispose]();
      both[Symbol.dispose]();
    });
  });

  it("when a connection is let go in one of its own callbacks", async () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    const before = bench.engine.liveCounts();
    const both = pair(client, server);
    server.setSniCallback((connection) => {
      connection[Symbol.dispose]();
      return null;
    });
    both.client.doHandshake();
    both.server.receive(both.client.takeOutgoing());
    expect(both.server.doHandshake()).toBe("want-read");
    await Promise.resolve();
    both.client[Symbol.dispose]();
    expect(bench.engine.liveCounts()).toMatchObject({ connections: before.connections, bios: before.bios });
  });

  it("and the program's BIOs outlive the connection that used them", () => {
    expectNoGrowth(() => {
      using client = bench.clientContext();
      using incoming = bench.engine.newMemoryBio();
      using outgoing = bench.engine.newMemoryBio();
      const connection = client.wrapBio(incoming, outgoing, {
        serverSide: false,
        serverHostname: "localhost",
      });
      connection.doHandshake();
      connection[Symbol.dispose]();
      expect(outgoing.pending).toBeGreaterThan(0);
    });
  });
});
