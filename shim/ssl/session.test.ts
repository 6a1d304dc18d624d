import { beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./bench.fixture.ts";
import { carry, connected, pair, type TlsPair } from "./tls-pair.fixture.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

/** Ends both sides properly, so that the session stays resumable. */
function close(both: TlsPair): void {
  carry(both, "server", "tickets come with the first bytes");
}

describe("a session", () => {
  it.each([
    ["TLSv1.2", 0x303],
    ["TLSv1.3", 0x304],
  ])("is resumed with %s", (version, number) => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.minimumVersion = client.maximumVersion = number;
    using first = connected(client, server);
    close(first);
    expect(first.client.sessionReused).toBe(false);
    using session = first.client.getSession() ?? expect.fail("no session");
    expect(session.hasTicket).toBe(true);
    expect(session.timeout).toBeGreaterThan(0);
    expect(session.ticketLifetimeHint).toBeGreaterThan(0);
    expect(Math.abs(session.time - Date.now() / 1000)).toBeLessThan(3600);

    using second = connected(client, server, { session });
    expect(second.client.sessionReused).toBe(true);
    expect(second.server.sessionReused).toBe(true);
    expect(second.client.version()).toBe(version);
    expect(carry(second, "client", "again")).toBe("again");
    expect(server.sessionStats()).toMatchObject({ accept: 2, accept_good: 2, hits: 1 });
  });

  it("is the same as another handle on it, and another than a second connection's", () => {
    using client = bench.clientContext();
    using server = bench.serverContext();
    client.maximumVersion = 0x303;
    using first = connected(client, server);
    using second = connected(client, server);
    using one = first.client.getSession() ?? expect.fail();
    using same = first.client.getSession() ?? expect.fail();
    using other = second.client.getSession() ?? expect.fail();
    expect(one.id.length).toBe(32);
    expect(one.equals(same)).toBe(true);
    expect(one.equals(one)).toBe(true);
    expect(one.equals(other)).toBe(false);
  });

  it("does not move to another context, to a server, or into a finished handshake", () => {
    using client = bench.clientContext();
    using stranger = bench.clientContext();
    using server = bench.serverContext();
    using first = connected(client, server);
    using session = first.client.getSession() ?? expect.fail();
    expect(() => pair(stranger, server, { session })).toThrow("Session refers to a different SSLContext.");
    expect(() => first.client.setSession(session)).toThrow("Cannot set session after handshake.");
    using both = bench.engine.newContext(2);
    using accepting = both.wrapSocket({ serverSide: true });
    using connecting = both.wrapSocket({ serverSide: false });
    using own = accepting.getSession();
    expect(own).toBeNull();
    expect(connecting.getSession()).toBeNull();
    using again = connected(client, server);
    using other = again.server.getSession() ?? expect.fail();
    expect(() => again.server.setSession(other)).toThrow("Cannot set session for server-side SSLSocket.");
  });

  it("outlives its connection and its context", () => {
    const client = bench.clientContext();
    using server = bench.serverContext();
    const first = connected(client, server);
    const session = first.client.getSession() ?? expect.fail();
    first[Symbol.dispose]();
    client[Symbol.dispose]();
    expect(session.timeout).toBeGreaterThan(0);
    session[Symbol.dispose]();
    session[Symbol.dispose]();
  });
});
