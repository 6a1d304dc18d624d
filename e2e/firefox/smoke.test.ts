import { expect, test } from "vitest";
import { describeInBrowser, sharedHarness, sharedPython } from "../suite.ts";
import { missingFirefox, startFirefox } from "./firefox-bidi.ts";

describeInBrowser(
  "the main job in Firefox",
  () => {
    const harness = sharedHarness(startFirefox);
    const python = sharedPython(harness);

    test("requests gets a page over verified TLS 1.3", async () => {
      const result = await python().run(`
import requests
r = requests.get("https://${harness().address("good")}/tls")
[r.status_code, r.raw.version, r.json()["protocol"]]
`);
      expect(result).toEqual([200, 11, "TLSv1.3"]);
    });

    test("a session posts again and again on one connection", async () => {
      const result = await python().run(`
import requests
with requests.Session() as session:
    answers = [session.post("https://${harness().address("good")}/echo", json={"n": n}).json()["body"] for n in range(20)]
[answers[0], answers[-1], len(answers)]
`);
      expect(result).toEqual(['{"n": 0}', '{"n": 19}', 20]);
    });

    test("an expired certificate is an SSLCertVerificationError", async () => {
      const report = await python().raised(`
import urllib.request, urllib.error
try:
    urllib.request.urlopen("https://${harness().address("expired")}/")
except urllib.error.URLError as error:
    raise error.reason
`);
      expect(report).toMatchObject({ type: "SSLCertVerificationError", module: "ssl", verifyCode: 10 });
    });

    test("a refused port is a ConnectionRefusedError", async () => {
      const report = await python().raised(
        `import socket; socket.create_connection(("localhost", ${harness().peers.port("refused")}))`,
      );
      expect(report).toMatchObject({ type: "ConnectionRefusedError", errnoName: "ECONNREFUSED" });
    });

    test("a 10 MB part of a download arrives", async () => {
      const result = await python().run(`
import requests
with requests.get("https://${harness().address("good")}/big.bin", stream=True) as response:
    total = 0
    for chunk in response.iter_content(1 << 20):
        total += len(chunk)
        if total >= 10 << 20:
            break
total >= 10 << 20
`);
      expect(result).toBe(true);
    });
  },
  missingFirefox(),
);
