import { expect, test } from "vitest";
import { describeInBrowser, sharedHarness, sharedPython } from "./suite.ts";

/** Numbers and texts as OpenSSL 3.5 has them (x509_txt.c); native CPython gives the same for the same peers. */
const CASES = [
  { peer: "expired", host: "localhost", code: 10, message: "certificate has expired" },
  { peer: "not-yet-valid", host: "localhost", code: 9, message: "certificate is not yet valid" },
  {
    peer: "wrong-host",
    host: "localhost",
    code: 62,
    message: "Hostname mismatch, certificate is not valid for 'localhost'.",
  },
  {
    peer: "wrong-ip",
    host: "127.0.0.1",
    code: 64,
    message: "IP address mismatch, certificate is not valid for '127.0.0.1'.",
  },
  { peer: "self-signed", host: "localhost", code: 18, message: "self-signed certificate" },
  { peer: "unknown-ca", host: "localhost", code: 20, message: "unable to get local issuer certificate" },
  {
    peer: "missing-intermediate",
    host: "localhost",
    code: 20,
    message: "unable to get local issuer certificate",
  },
] as const;

describeInBrowser("a bad certificate", () => {
  const harness = sharedHarness();
  const python = sharedPython(harness);

  test.for(CASES)(
    "$peer is an SSLCertVerificationError with OpenSSL's code",
    async ({ peer, host, code, message }) => {
      const report = await python().raised(
        `
import socket, ssl
context = ssl.create_default_context()
with socket.create_connection((host, port)) as plain:
    context.wrap_socket(plain, server_hostname=host)
`,
        { host, port: harness().peers.port(peer) },
      );
      expect(report).toMatchObject({
        type: "SSLCertVerificationError",
        module: "ssl",
        library: "SSL",
        reason: "CERTIFICATE_VERIFY_FAILED",
        verifyCode: code,
        verifyMessage: message,
      });
      expect(report.message).toMatch(
        /^\[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: .* \(_ssl\.c:\d+\)$/,
      );
    },
  );

  test.for(CASES)(
    "$peer is a requests.exceptions.SSLError that carries it",
    async ({ peer, host, code, message }) => {
      const result = await python().run(
        `
import requests
try:
    requests.get(url)
    seen = "no error"
except requests.exceptions.SSLError as error:
    cause = error.args[0].reason.args[0]
    seen = [type(cause).__name__, cause.verify_code, cause.verify_message]
seen
`,
        { url: `https://${host}:${harness().peers.port(peer)}/` },
      );
      expect(result).toEqual(["SSLCertVerificationError", code, message]);
    },
  );

  test("turned off on purpose, the same peer is reached", async () => {
    const result = await python().run(
      `
import requests, urllib3
urllib3.disable_warnings()
requests.get(url, verify=False).status_code
`,
      { url: `https://${harness().address("self-signed")}/` },
    );
    expect(result).toBe(200);
  });
});
