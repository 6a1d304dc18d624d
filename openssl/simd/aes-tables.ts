/**
 * Computes `aes-tables.h`: the nibble tables with which aes-swizzle.c does AES.
 *
 * Bytes of GF(2^8) are written as k + i·s with nibbles k and i of GF(2^4) (polynomial t^4 + t + 1) and s² = a·s + a. With
 * j = i + k, and 1/0 = infinity, the inverse of a byte follows from five inversions of nibbles (M. Hamburg, "Accelerating AES
 * with Vector Permute Instructions", CHES 2009, section 3):
 *
 *     u = 1 / (j + 1/(1/i + a/k)),  v = 1 / (i + 1/(1/j + a/k)),  1/(k + i·s) = u·(1 + s·(1/a + 1/a²)) + v·(s/a²)
 *
 * so that each linear image of the inverse is the sum of a table at 1/u and a table at 1/v.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

type ByteMap = (byte: number) => number;

/** Multiplies in GF(2^8) of FIPS-197, section 4.2. */
function multiply(x: number, y: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x80 ? 0x11b : 0);
    if ((y >> bit) & 1) product ^= x;
  }
  return product;
}

/** The x of 0–255 for which `holds`. */
function find(holds: (x: number) => boolean): number {
  for (let x = 0; x < 256; x++) if (holds(x)) return x;
  throw new Error("there is no such element");
}

const invert: ByteMap = (x) => (x === 0 ? 0 : find((y) => multiply(x, y) === 1));

/** The linear part of SubBytes' affine map (FIPS-197, section 5.1.1). */
const affine: ByteMap = (x) => {
  let result = 0;
  for (let turn = 0; turn < 5; turn++) result ^= (x << turn) | (x >> (8 - turn));
  return result & 0xff;
};

const inverseAffine: ByteMap = (x) => find((y) => affine(y) === x);

/** The generator of the field of nibbles inside GF(2^8), and a nibble's element there. */
const t = find((x) => {
  const squared = multiply(x, x);
  return (multiply(squared, squared) ^ x ^ 1) === 0 && x > 1;
});
const fromNibble: ByteMap = (nibble) => {
  let result = 0;
  let power = 1;
  for (let bit = 0; bit < 4; bit++, power = multiply(power, t)) if ((nibble >> bit) & 1) result ^= power;
  return result;
};
const nibbles = Array.from({ length: 16 }, (_, nibble) => nibble);
const toNibble: ByteMap = (element) => {
  const nibble = nibbles.find((candidate) => fromNibble(candidate) === element);
  if (nibble === undefined) throw new Error("no nibble");
  return nibble;
};

/** The first nibble for which s² + a·s + a has its roots outside the field of nibbles, and such a root. */
const a = nibbles
  .slice(1)
  .map(fromNibble)
  .find((candidate) =>
    nibbles.map(fromNibble).every((x) => (multiply(x, x) ^ multiply(candidate, x) ^ candidate) !== 0),
  ) as number;
const s = find((x) => (multiply(x, x) ^ multiply(a, x) ^ a) === 0);

/** k + i·s with k in the low and i in the high nibble. */
const fromTower: ByteMap = (code) => fromNibble(code & 15) ^ multiply(fromNibble(code >> 4), s);
const toTower: ByteMap = (element) => find((code) => fromTower(code) === element);

/** The code of "infinity": a swizzle by it, or by it plus a nibble, gives 0. */
const INFINITY = 0x80;

const pick = (map: ByteMap): number[] => nibbles.map(map);
const linear = (map: ByteMap): [number[], number[]] => [pick(map), pick((nibble) => map(nibble << 4))];
const nibbleOf = (value: ByteMap): number[] =>
  pick((n) => (n === 0 ? INFINITY : toNibble(value(fromNibble(n)))));

const inverseOfA = invert(a);
const inverseOfA2 = multiply(inverseOfA, inverseOfA);
const U = 1 ^ multiply(s, inverseOfA ^ inverseOfA2);
const V = multiply(s, inverseOfA2);

/** The pair of tables that give `image` of the inverse. */
const inverseThen = (image: ByteMap): [number[], number[]] => [
  pick((n) => (n === 0 ? 0 : image(multiply(invert(fromNibble(n)), U)))),
  pick((n) => (n === 0 ? 0 : image(multiply(invert(fromNibble(n)), V)))),
];

/** Round by round a decryption keeps its state as this image of the bytes: what the inverse S-box inverts. */
const forInverse: ByteMap = (x) => toTower(inverseAffine(x));

const times =
  (factor: number, then: ByteMap): ByteMap =>
  (x) =>
    then(multiply(factor, x));

const TABLES: readonly [name: string, says: string, ...tables: number[][]][] = [
  ["to_tower", "a byte of FIPS-197 in nibbles: of its low and of its high four bits", ...linear(toTower)],
  ["from_tower", "and back", ...linear(fromTower)],
  ["invert", "1/x and a/x for nibbles", nibbleOf(invert), nibbleOf((x) => multiply(a, invert(x)))],
  ["sub", "SubBytes (less 0x63) in nibbles", ...inverseThen((x) => toTower(affine(x)))],
  ["sub_2", "the same times 2", ...inverseThen((x) => toTower(multiply(2, affine(x))))],
  ["sub_out", "the same as a byte", ...inverseThen(affine)],
  ["to_inverse", "a byte (plus 0x63) as what InvSubBytes inverts", ...linear(forInverse)],
  ["inverse_9", "InvSubBytes times 9, as what the next round inverts", ...inverseThen(times(9, forInverse))],
  ["inverse_11", "times 11", ...inverseThen(times(11, forInverse))],
  ["inverse_13", "times 13", ...inverseThen(times(13, forInverse))],
  ["inverse_14", "times 14", ...inverseThen(times(14, forInverse))],
  ["inverse_out", "InvSubBytes as a byte", ...inverseThen((x) => x)],
];

const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(", ");

/** The header's text. */
export function aesTables(): string {
  const tables = TABLES.map(
    ([name, says, ...rows]) =>
      `/* ${says} */\nstatic const uint8_t aes_${name}[${rows.length}][16] = {\n${rows.map((row) => `    {${hex(row)}},\n`).join("")}};\n`,
  );
  const constants =
    `/* 0x63, SubBytes' constant, as what InvSubBytes inverts */\n` +
    `enum { AES_63_INVERSE = 0x${forInverse(0x63).toString(16)} };\n`;
  return `/* Made by aes-tables.ts, which says what these are: node openssl/simd/aes-tables.ts */\n${tables.join("")}${constants}`;
}

/** Where it is kept. */
export const AES_TABLES = join(import.meta.dirname, "aes-tables.h");

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(AES_TABLES, aesTables());
