import { afterAll, beforeAll, expect, test } from "vitest";
import { type RecordingPeer, startRecordingProxy } from "./peers/plain-tcp.ts";
import { type RecordingGateway, startRecordingGateway } from "./peers/recording-gateway.ts";
import { describeInBrowser, sharedHarness } from "./suite.ts";

const SECRET_PATH = "/echo/a-path-nobody-else-may-see";
const SECRET_BODY = "a body that nobody else may read";
const SECRETS = [SECRET_PATH, SECRET_BODY, "Authorization", "hunter2"];

/** RFC 8446 §5.1: change_cipher_spec, alert, handshake, application_data. */
const CONTENT_TYPES = [20, 21, 22, 23];
const HEADER_LENGTH = 5;
/** RFC 8446 §5.2: 2^14 and at most 256 for what encryption adds; TLS 1.2 allows 2048. */
const MAX_RECORD_LENGTH = 16384 + 2048;

/** Cuts bytes into TLS records. @throws when a byte belongs to none */
function recordTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = bytes[at] ?? 0;
    const length = bytes.readUInt16BE(at + 3);
    if (!CONTENT_TYPES.includes(type) || bytes[at + 1] !== 3 || length > MAX_RECORD_LENGTH) {
      throw new Error(`byte ${at} begins no TLS record`);
    }
    types.push(type);
    at += HEADER_LENGTH + length;
    if (at > bytes.length) throw new Error("the last record is not whole");
  }
  return types;
}

describeInBrowser("what the gateway sees", () => {
  const harness = sharedHarness();
  let behind: RecordingPeer;
  let before: RecordingGateway;

  beforeAll(async () => {
    behind = await startRecordingProxy(harness().peers.port("good"));
    before = await startRecordingGateway(harness().gateway.url);
    await using python = await harness().startPython({ gateway: before.url, ca: harness().ca });
    const result = await python.run(
      `
import requests
a = requests.post(url, data=body, headers={"Authorization": "Bearer hunter2"}).json()
[a["path"], a["body"], a["headers"]["authorization"]]
`,
      { url: `https://localhost:${behind.port}${SECRET_PATH}`, body: SECRET_BODY },
    );
    expect(result).toEqual([SECRET_PATH, SECRET_BODY, "Bearer hunter2"]);
  });
  afterAll(async () => {
    await before?.stop();
    await behind?.stop();
  });

  test("every byte between the gateway and the server belongs to a TLS record, application data among them", () => {
    expect(behind.connections()).toBe(1);
    expect(recordTypes(behind.sent())).toContain(23);
    expect(recordTypes(behind.received())).toContain(23);
  });

  test("neither path nor header nor body occurs on either side of the gateway", () => {
    for (const bytes of [behind.sent(), behind.received(), before.sent(), before.received()]) {
      expect(bytes.length).toBeGreaterThan(500);
      for (const secret of SECRETS) expect(bytes.includes(secret)).toBe(false);
    }
  });

  test("the recording would show them: what the page tells the gateway in the clear is there", () => {
    expect(before.sent().includes("localhost")).toBe(true);
  });
});
