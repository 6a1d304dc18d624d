import { afterEach, describe, expect, it } from "vitest";
import { createNodeTransport } from "../../transports/node.ts";
import type { Transport } from "../../transports/stream.ts";
import { FAILED, IN_PROGRESS } from "./failure.ts";
import { createSocketBridge, FIRST_SOCKET_NUMBER, type SocketBridge } from "./index.ts";
import { serve } from "./pyodide.fixture.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const POLLIN = 1;
const POLLOUT = 4;

let io: SocketBridge | undefined;

afterEach(() => {
  io?.dispose();
  expect(io?.table.size).toBe(0);
});

/**
 * Node's sockets behind the face of a gateway: names are resolved at connect, and nothing listens.
 * @param names what the gateway's resolver knows beside the machine's own
 */
async function farResolvingTransport(names: Record<string, string> = {}): Promise<Transport> {
  const node = await createNodeTransport();
  return {
    name: "wisp",
    resolvesNames: false,
    lookup: () => Promise.reject(new Error("names are resolved at the far end")),
    connect: (host, port) => node.connect(names[host] ?? host, port),
    close: () => node.close(),
  };
}

describe("a bridge whose transport resolves names at its far end", () => {
  it("looks a name up as a synthetic address, and connects to the name", async () => {
    await using server = await serve((socket) => socket.end("found"));
    io = createSocketBridge({ transport: await farResolvingTransport({ "server.test": "127.0.0.1" }) });
    expect(io.lookup("server.test", 0)).toBe('{"addresses":[{"family":4,"host":"198.18.0.1"}]}');
    expect(io.nameFor("198.18.0.1")).toBe("server.test");

    const fd = io.open(AF_INET, SOCK_STREAM, 0);
    expect(io.connect(fd, "198.18.0.1", server.port)).toBe(IN_PROGRESS);
    await io.waits.wait([{ fd, events: POLLOUT }], 10_000);
    expect(io.finishConnect(fd, true)).toBe(0);
    await io.waits.wait([{ fd, events: POLLIN }], 10_000);
    expect(io.receive(fd, 100, false)).toEqual(new TextEncoder().encode("found"));
    expect(io.peerName(fd)).toBe(`["198.18.0.1",${server.port}]`);
  });

  it("has no addresses for what can't be a name", async () => {
    io = createSocketBridge({ transport: await farResolvingTransport() });
    for (const name of [
      "0.1.1.~1",
      "1+.1.1.1",
      "256.1.1.1",
      "::1q",
      "a..b",
      "-a.test",
      `${"a".repeat(64)}.test`,
    ]) {
      expect(io.lookup(name, 0), name).toBe('{"code":"EAI_NONAME"}');
    }
    for (const name of ["example.org.", "_srv.example.org", "xn--bcher-kva.test", "3com.example", "single"]) {
      expect(io.lookup(name, 0), name).toContain("198.18.0.");
    }
  });

  it("fails a connect to a synthetic address as the name fails, with the address freed for a new try", async () => {
    io = createSocketBridge({ transport: await farResolvingTransport() });
    await io.lookup("no-such-host.invalid", 4);
    const fd = io.open(AF_INET, SOCK_STREAM, 0);
    expect(io.connect(fd, "198.18.0.1", 443)).toBe(IN_PROGRESS);
    await io.waits.wait([{ fd, events: POLLOUT }], 10_000);
    expect(io.finishConnect(fd, true)).toBe(FAILED);
    expect(JSON.parse(io.failure())).toEqual({ code: "EAI_NONAME", message: "" });
    expect(io.connect(fd, "198.18.0.1", 443)).toBe(IN_PROGRESS);
  });

  it("has IPv6 addresses on loopback only, where alone it binds and listens, and says so", async () => {
    io = createSocketBridge({ transport: await farResolvingTransport() });
    expect(io.hasIpv6).toBe(true);
    expect(io.lookup("example.com", 6)).toBe('{"code":"EAI_ADDRFAMILY"}');
    expect(io.lookup("localhost", 0)).toBe('{"addresses":[{"family":4,"host":"127.0.0.1"}]}');
    expect(io.lookup("localhost", 6)).toBe('{"addresses":[{"family":6,"host":"::1"}]}');
    for (const [family, host] of [
      [AF_INET6, "::1"],
      [AF_INET, "0.0.0.0"],
    ] as const) {
      const fd = io.open(family, SOCK_STREAM, 0);
      expect(io.bind(fd, host, 0)).toBe(0);
      expect(io.listen(fd, 5)).toBe(0);
      expect(JSON.parse(io.localName(fd))).toEqual([host, expect.toSatisfy((port) => port >= 32768)]);
    }
    expect(io.bind(io.open(AF_INET, SOCK_STREAM, 0), "192.0.2.1", 0)).toBe(FAILED);
    expect(JSON.parse(io.failure())).toEqual({
      code: "EADDRNOTAVAIL",
      message: expect.stringContaining("loopback addresses only") as unknown,
    });
  });
});

describe("a bridge without a transport", () => {
  it("fails to connect, and says how to get a gateway", () => {
    io = createSocketBridge({ transport: undefined });
    const fd = io.open(AF_INET, SOCK_STREAM, 0);
    expect(io.connect(fd, "198.18.0.1", 443)).toBe(FAILED);
    const failure = JSON.parse(io.failure()) as { code: string; message: string };
    expect(failure.code).toBe("ENETUNREACH");
    expect(failure.message).toMatch(
      /no gateway is configured.*createPython.*install.*npx pyodide-ssl gateway/is,
    );
  });
});

describe("socket numbers", () => {
  it("begin at 65536 and are never given out again", () => {
    io = createSocketBridge({ transport: undefined });
    const first = io.open(AF_INET, SOCK_STREAM, 0);
    expect(first).toBe(FIRST_SOCKET_NUMBER);
    expect([io.close(first), io.close(first)]).toEqual([0, FAILED]);
    expect(io.open(AF_INET, SOCK_STREAM, 0)).toBe(first + 1);
  });

  it("fail with EBADF everywhere when they are not open", async () => {
    io = createSocketBridge({ transport: undefined });
    const attempts = [
      io.connect(7, "127.0.0.1", 1),
      io.finishConnect(7, true),
      io.shutdown(7, 2),
      io.accept(7),
      io.send(7, 0),
      io.receive(7, 1, false),
      io.duplicate(7),
      io.setOption(7, 1, 2, 1),
      await io.bind(7, "127.0.0.1", 0),
      await io.listen(7, 1),
    ];
    expect(new Set(attempts)).toEqual(new Set([FAILED]));
    expect([io.localName(7), io.peerName(7), io.getOption(7, 1, 2), io.describe(7)]).toEqual([
      "",
      "",
      "",
      "",
    ]);
    expect(JSON.parse(io.failure())).toEqual({ code: "EBADF", message: "" });
  });

  it("close the stream with the last of them", () => {
    io = createSocketBridge({ transport: undefined });
    const one = io.pair(AF_INET, SOCK_STREAM, 0);
    const copy = io.duplicate(one);
    io.close(one);
    expect(io.receive(one + 1, 1, false)).toBe(-1);
    io.close(copy);
    expect(io.receive(one + 1, 1, false)).toBe(0);
  });
});
