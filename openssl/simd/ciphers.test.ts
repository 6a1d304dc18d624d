/** The ciphers of simd/: published vectors, and whatever else there is against Node's OpenSSL. `npm run test:ciphers` does more. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasRelaxedSimd } from "../../shim/openssl/relaxed-simd.ts";
import { AES_TABLES, aesTables } from "./aes-tables.ts";
import { checkLengths, checkTampering, checkWraps } from "./checks.fixture.ts";
import { Evp } from "./evp.fixture.ts";
import { VECTORS } from "./vectors.fixture.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array | undefined): string | undefined => data && Buffer.from(data).toString("hex");

/** Every cipher that TLS and key files use. */
const CIPHERS = [128, 192, 256]
  .flatMap((bits) => ["GCM", "CCM", "CBC", "CTR", "ECB"].map((mode) => `AES-${bits}-${mode}`))
  .concat("ChaCha20-Poly1305", "ChaCha20");
const AEADS = ["AES-128-GCM", "AES-256-GCM", "AES-128-CCM", "ChaCha20-Poly1305"];

test("aes-tables.h is what aes-tables.ts computes", () => {
  expect(readFileSync(AES_TABLES, "utf8")).toBe(aesTables());
});

describe.each([
  ["without relaxed SIMD", false],
  ["with relaxed SIMD", true],
])("%s", async (_, isRelaxed) => {
  if (isRelaxed && !hasRelaxedSimd()) return test.skip("this engine has none");
  const evp = await Evp.open(isRelaxed);

  test.each(VECTORS)("$cipher gives what $source says", (vector) => {
    const key = bytes(vector.key);
    const common = { cipher: vector.cipher, key, iv: bytes(vector.iv), aad: bytes(vector.aad ?? "") };
    const tag = bytes(vector.tag ?? "");
    const sealed = evp.run({ ...common, encrypt: true, text: bytes(vector.plaintext), tag });
    expect(hex(sealed?.text)).toBe(vector.ciphertext);
    expect(hex(sealed?.tag)).toBe(vector.tag ?? "");
    const opened = evp.run({ ...common, encrypt: false, text: bytes(vector.ciphertext), tag });
    expect(hex(opened?.text)).toBe(vector.plaintext);
  });

  test.each(CIPHERS)("%s agrees with Node's OpenSSL for lengths of 0 to 4,200 bytes", (cipher) => {
    checkLengths(evp, cipher, { every: 7, alignments: 1 });
  });

  test.each(CIPHERS)(
    "%s agrees for every length up to 600, in pieces, in place and at odd addresses",
    (cipher) => {
      checkLengths(evp, cipher, { every: 1, alignments: 1, most: 600 });
    },
  );

  test.each(AEADS)(
    "%s refuses a message with any byte of it, of its tag or of its additional data changed",
    (cipher) => {
      for (const length of [0, 1, 65, 300]) checkTampering(evp, cipher, length);
    },
  );

  test.each(["AES-128-GCM", "AES-256-GCM", "AES-256-CTR"])(
    "%s wraps its counter as Node's OpenSSL does",
    (cipher) => {
      checkWraps(evp, cipher);
    },
  );
});
