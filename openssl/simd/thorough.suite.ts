/**
 * `npm run test:ciphers`: every length from 0 to 4,200 bytes at sixteen alignments, and Project Wycheproof's cases where its
 * repository lies in the folder that WYCHEPROOF names (https://github.com/C2SP/wycheproof; neither npm nor Debian has it).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasRelaxedSimd } from "../../shim/openssl/relaxed-simd.ts";
import { checkLengths, checkTampering } from "./checks.fixture.ts";
import { Evp } from "./evp.fixture.ts";

/** RELAXED=no tests what engines without relaxed SIMD run. */
const evp = await Evp.open(process.env["RELAXED"] !== "no" && hasRelaxedSimd());
const MODES = ["GCM", "CBC", "CTR"].flatMap((mode) => [128, 192, 256].map((bits) => `AES-${bits}-${mode}`));

test.each([...MODES, "AES-128-CCM", "ChaCha20-Poly1305", "ChaCha20"])("%s agrees everywhere", (cipher) => {
  checkLengths(evp, cipher, { every: 1, alignments: 16 });
});

test.each(["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"])("%s refuses every changed byte", (cipher) => {
  for (let length = 0; length <= 600; length += 23) checkTampering(evp, cipher, length);
});

interface Suite {
  readonly testGroups: readonly {
    readonly ivSize: number;
    readonly keySize: number;
    readonly tagSize: number;
    readonly tests: readonly Readonly<
      Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag" | "result", string> & { tcId: number }
    >[];
  }[];
}

const folder = process.env["WYCHEPROOF"];
const FILES = { "aes_gcm_test.json": "GCM", "aes_ccm_test.json": "CCM", "chacha20_poly1305_test.json": "" };

test.skipIf(folder === undefined).each(Object.entries(FILES))("Wycheproof's %s", (file, mode) => {
  const path = join(folder ?? "", "testvectors_v1", file);
  const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
  let count = 0;
  for (const group of (JSON.parse(readFileSync(path, "utf8")) as Suite).testGroups) {
    const cipher = mode === "" ? "ChaCha20-Poly1305" : `AES-${group.keySize}-${mode}`;
    // OpenSSL's provider takes no nonces above 1,024 bits (GCM_IV_MAX_SIZE).
    if (group.ivSize > 1024) continue;
    for (const given of group.tests) {
      const common = { cipher, key: bytes(given.key), iv: bytes(given.iv), aad: bytes(given.aad) };
      const opened = evp.run({ ...common, encrypt: false, text: bytes(given.ct), tag: bytes(given.tag) });
      const expected = given.result === "valid" ? given.msg : undefined;
      expect(opened && Buffer.from(opened.text).toString("hex"), `case ${given.tcId}`).toBe(expected ?? null);
      if (given.result !== "valid") continue;
      const tag = bytes(given.tag);
      const sealed = evp.run({ ...common, encrypt: true, text: bytes(given.msg), tag });
      expect(
        sealed && Buffer.from(sealed.text).toString("hex") + Buffer.from(sealed.tag).toString("hex"),
      ).toBe(given.ct + given.tag);
      count++;
    }
  }
  expect(count).toBeGreaterThan(50);
});
