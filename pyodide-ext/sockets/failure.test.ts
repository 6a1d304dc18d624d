import { describe, expect, it } from "vitest";
import { TransportError } from "../../transports/stream.ts";
import { Failures } from "./failure.ts";

describe("Failures", () => {
  const refused = new TransportError("ECONNREFUSED", "a.test:443 refused the connection (through wss://g)");

  it("leaves the text to the system where the target alone is to blame", () => {
    const failures = new Failures();
    failures.noteError(refused, false);
    expect(JSON.parse(failures.take())).toEqual({ code: "ECONNREFUSED", message: "" });
  });

  it("shows what is said of the gateway, whatever the code", () => {
    const failures = new Failures();
    failures.noteError(
      new TransportError("ECONNREFUSED", "cannot reach it", { concernsGateway: true }),
      false,
    );
    expect(JSON.parse(failures.take())).toEqual({ code: "ECONNREFUSED", message: "cannot reach it" });
    failures.noteError(new TransportError("EACCES", "blocked by the gateway"), false);
    expect(JSON.parse(failures.take())).toEqual({ code: "EACCES", message: "blocked by the gateway" });
  });

  it("leaves every text to the operating system when the transport is its own", () => {
    const failures = new Failures();
    failures.noteError(new TransportError("EACCES", "bind 127.0.0.1:80"), true);
    expect(JSON.parse(failures.take())).toEqual({ code: "EACCES", message: "" });
  });

  it("lets everything else through: it is a bug, not a failure", () => {
    expect(() => new Failures().noteError(new TypeError("oops"), true)).toThrow("oops");
  });
});
