import { describe, expect, test } from "vitest";
import { TransportError } from "../transports/index.ts";
import { decodeError, encodeError } from "./error-codec.ts";
import { PythonError, type PythonExceptionReport, PythonFileError, PythonStartError } from "./errors.ts";

/** There and back, over the same structured clone as a worker's port. */
function cross(error: unknown): Error & Record<string, unknown> {
  return decodeError(structuredClone(encodeError(error))) as Error & Record<string, unknown>;
}

const REPORT: PythonExceptionReport = {
  type: "SSLCertVerificationError",
  module: "ssl",
  message: "certificate verify failed",
  traceback: "Traceback (most recent call last):\n  …\n",
  args: [1, "certificate verify failed"],
  errno: 1,
  library: "SSL",
  reason: "CERTIFICATE_VERIFY_FAILED",
  verifyCode: 10,
  verifyMessage: "certificate has expired",
  context: {
    type: "KeyError",
    module: "builtins",
    message: "'x'",
    traceback: "KeyError: 'x'\n",
    args: ["x"],
  },
};

describe("an error that crosses to the owner", () => {
  test("is a PythonError with all that Python said, and its context as cause", () => {
    const error = cross(new PythonError(REPORT));
    expect(error).toBeInstanceOf(PythonError);
    expect(error).toMatchObject({
      name: "PythonError",
      message: "SSLCertVerificationError: certificate verify failed",
      type: "SSLCertVerificationError",
      module: "ssl",
      reason: "CERTIFICATE_VERIFY_FAILED",
      library: "SSL",
      verifyCode: 10,
      verifyMessage: "certificate has expired",
      report: REPORT,
    });
    expect(error.cause).toBeInstanceOf(PythonError);
    expect(error.cause).toMatchObject({ type: "KeyError", args: ["x"] });
  });

  test("is a PythonError too when Pyodide's own call threw it", () => {
    const thrown = Object.assign(new Error("Traceback…\nValueError: no: this\n"), {
      name: "PythonError",
      type: "ValueError",
    });
    expect(cross(thrown)).toMatchObject({
      name: "PythonError",
      type: "ValueError",
      message: "ValueError: no: this",
    });
  });

  test("keeps class and properties where the class is the package's own", () => {
    const transport = cross(
      new TransportError("ECONNREFUSED", "127.0.0.1:1 refused", { cause: new Error("below") }),
    );
    expect(transport).toBeInstanceOf(TransportError);
    expect(transport).toMatchObject({ code: "ECONNREFUSED", cause: { message: "below" } });
    const file = cross(new PythonFileError("ENOENT", "/x", "no /x"));
    expect(file).toBeInstanceOf(PythonFileError);
    expect(file).toMatchObject({ code: "ENOENT", path: "/x", message: "no /x" });
    const start = cross(new PythonStartError("openssl", "no wasm"));
    expect(start).toBeInstanceOf(PythonStartError);
    expect(start).toMatchObject({ stage: "openssl", code: "START_FAILED" });
  });

  test("keeps name, message, stack and code when the class is unknown", () => {
    class OddError extends Error {
      override name = "OddError";
      code = 7;
    }
    const odd = new OddError("strange");
    expect(cross(odd)).toMatchObject({ name: "OddError", message: "strange", code: 7, stack: odd.stack });
    expect(cross(new RangeError("far"))).toBeInstanceOf(RangeError);
  });

  test("is an Error even when what was thrown is none", () => {
    expect(cross("text")).toMatchObject({ name: "Error", message: "text" });
    expect(cross(undefined)).toMatchObject({ message: "undefined" });
    expect(cross(Object.create(null))).toBeInstanceOf(Error);
  });

  test("has a finite chain of causes even when the causes form a circle", () => {
    const error: Error & { cause?: unknown } = new Error("round");
    error.cause = error;
    let depth = 0;
    for (let e: unknown = cross(error); e instanceof Error; e = e.cause) depth++;
    expect(depth).toBeGreaterThan(1);
    expect(depth).toBeLessThan(30);
  });
});
