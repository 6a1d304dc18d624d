/** No table that OpenSSL's own C indexes by a secret is in openssl.wasm: what is not there can't be looked up. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const wasm = readFileSync(process.env["OPENSSL_WASM"] ?? new URL("../openssl.wasm", import.meta.url));

/** How each table begins in memory: of 32-bit words the lowest byte comes first. */
const TABLES: Readonly<Record<string, string>> = {
  "AES's S-box": "637c777bf26b6fc53001672bfed7ab76",
  "AES's inverse S-box": "52096ad53036a538bf40a39e81f3d7fb",
  "Te0 (c66363a5, f87c7c84)": "a56363c6847c7cf8",
  "Te1 (a5c66363, 84f87c7c)": "6363c6a57c7cf884",
  "Te2 (63a5c663, 7c84f87c)": "63c6a5637cf8847c",
  "Te3 (6363a5c6, 7c7c84f8)": "c6a56363f8847c7c",
  "Td0 (51f4a750, 7e416553)": "50a7f4515365417e",
  "Td1 (5051f4a7, 537e4165)": "a7f4515065417e53",
  "Td2 (a75051f4, 65537e41)": "f45150a7417e5365",
  "Td3 (f4a75051, 4165537e)": "5150a7f47e536541",
  "GHASH's rem_4bit (0, 1c20, 3840, 2460)": "000000000000201c0000403800006024",
};

test.each(Object.entries(TABLES))("%s is not in openssl.wasm", (_, start) => {
  expect(wasm.includes(Buffer.from(start, "hex"))).toBe(false);
});

test("the numbers that the tables are looked for by are those of FIPS-197 and SP 800-38D", () => {
  const double = (x: number): number => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
  // Te0[0] is 2·S, S, S, 3·S of S(0) = 63, highest byte first.
  const s = 0x63;
  expect([double(s), s, s, double(s) ^ s]).toEqual([0xc6, 0x63, 0x63, 0xa5]);
  // rem_4bit[1] and [2] are x^128 and its double, of the polynomial e1 for bits that fall off: 1c20 = e1 >> 3 and the rest.
  expect([(0xe100 >> 3) & 0xffff, (0xe100 >> 2) & 0xffff]).toEqual([0x1c20, 0x3840]);
});
