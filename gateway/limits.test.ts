import { describe, expect, it } from "vitest";
import { Limits } from "./limits.ts";
import { completeSettings } from "./settings.ts";

describe("limits", () => {
  it("bound WebSockets in all and for each client, and give places back", () => {
    const limits = new Limits(completeSettings({ maxConnections: 3, maxConnectionsPerClient: 2 }));
    expect(limits.enterConnection("a")).toBeUndefined();
    expect(limits.enterConnection("a")).toBeUndefined();
    expect(limits.enterConnection("a")).toContain("your address");
    expect(limits.enterConnection("b")).toBeUndefined();
    expect(limits.enterConnection("c")).toContain("no room");
    limits.leaveConnection("a");
    expect(limits.enterConnection("c")).toBeUndefined();
    expect(limits.connections).toBe(3);
  });

  it("bound streams in all and on one connection", () => {
    const limits = new Limits(completeSettings({ maxStreams: 2, maxStreamsPerConnection: 5 }));
    expect(limits.enterStream("a", 5)).toContain("more than 5 streams");
    expect(limits.enterStream("a", 0)).toBeUndefined();
    expect(limits.enterStream("b", 0)).toBeUndefined();
    expect(limits.enterStream("c", 0)).toContain("no room");
    limits.leaveStream();
    expect(limits.enterStream("c", 0)).toBeUndefined();
  });

  it("allow a burst of new streams from one client, then so many a second, whichever WebSocket they come by", () => {
    let clock = 0;
    const limits = new Limits(completeSettings({ newStreamsBurst: 3, newStreamsPerSecond: 2 }), () => clock);
    const tryAt = (now: number): boolean => {
      clock = now;
      return limits.enterStream("a", 0) === undefined;
    };
    expect([tryAt(0), tryAt(0), tryAt(0), tryAt(0)]).toEqual([true, true, true, false]);
    expect(limits.enterStream("b", 0)).toBeUndefined();
    expect([tryAt(500), tryAt(500)]).toEqual([true, false]);
    limits.enterConnection("a");
    limits.leaveConnection("a");
    expect(tryAt(500)).toBe(false);
    expect([tryAt(60_000), tryAt(60_000), tryAt(60_000), tryAt(60_000)]).toEqual([true, true, true, false]);
  });
});
