/**
 * The few DER forms that an X.509 certificate is made of (ITU-T X.690). Writing only; nothing is parsed here.
 */

/** Bytes of one complete DER value: tag, length, content. */
export type Der = Buffer;

const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** One value: `tag`, then the length in its shortest form (X.690 §10.1), then the content. */
function value(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const digits = Buffer.from(
    body.length.toString(16).padStart(body.length > 0xffff ? 6 : body.length > 0xff ? 4 : 2, "0"),
    "hex",
  );
  return Buffer.concat([Buffer.of(tag, 0x80 | digits.length), digits, body]);
}

export const sequence = (...items: readonly Uint8Array[]): Der => value(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Der => value(0x31, ...items);
export const octetString = (content: Uint8Array): Der => value(0x04, content);
export const utf8String = (text: string): Der => value(0x0c, Buffer.from(text, "utf8"));
export const booleanTrue: Der = value(0x01, Buffer.of(0xff));

/** A whole number that is not negative; a leading zero byte keeps the sign bit clear. */
export function integer(magnitude: Uint8Array): Der {
  const first = magnitude[0] ?? 0;
  return first & 0x80 ? value(0x02, Buffer.of(0), magnitude) : value(0x02, magnitude);
}

/** A bit string of whole bytes, or of fewer bits where `unusedBits` says so. */
export const bitString = (content: Uint8Array, unusedBits = 0): Der =>
  value(0x03, Buffer.of(unusedBits), content);

/** `[tag] EXPLICIT`: the value wrapped once more. */
export const explicit = (tag: number, item: Uint8Array): Der => value(CONTEXT | CONSTRUCTED | tag, item);

/** `[tag] IMPLICIT` of a primitive type: the content alone under another tag. */
export const implicit = (tag: number, content: Uint8Array): Der => value(CONTEXT | tag, content);

/** An object identifier from its dotted form: base-128 digits, the first two arcs folded into one (X.690 §8.19). */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return value(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime from 2050 on, as RFC 5280 §4.1.2.5 asks. */
export function time(date: Date): Der {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? value(0x17, Buffer.from(digits.slice(2), "latin1"))
    : value(0x18, Buffer.from(digits, "latin1"));
}
