/** What is checked of a cipher, in steps that a quick and a thorough test share. */
import { createCipheriv } from "node:crypto";
import { expect } from "vitest";
import type { Evp, Job } from "./evp.fixture.ts";
import { encryptByNode, type Shape, Stream, shapeOf } from "./oracle.fixture.ts";

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString("hex");

function newJob(cipher: string, shape: Shape, random: Stream, length: number): Job {
  const aad = shape.isAead ? { aad: random.bytes([0, 5, 13, 16, 17, 40, 150][random.next(7)] ?? 0) } : {};
  const key = random.bytes(shape.key);
  const iv = random.bytes(shape.iv);
  return { cipher, key, iv, encrypt: true, text: random.bytes(length), ...aad };
}

/** Encrypts and decrypts at the addresses and in the pieces that `how` says, and compares. */
function checkBothWays(evp: Evp, job: Job, how: Partial<Job>): void {
  const expected = encryptByNode(job);
  const says = `${job.cipher}, ${job.text.length} bytes, ${JSON.stringify(how)}`;
  const sealed = evp.run({ ...job, ...how });
  expect(hex(sealed?.text), says).toBe(hex(expected.text));
  expect(hex(sealed?.tag), says).toBe(hex(expected.tag));
  const opened = evp.run({ ...job, ...how, encrypt: false, text: expected.text, tag: expected.tag });
  expect(hex(opened?.text), says).toBe(hex(job.text));
}

/** Which lengths, up to `most` (4,200), at how many alignments of input and output. */
export interface Extent {
  readonly every: number;
  readonly alignments: number;
  readonly most?: number;
}

/** Texts of many lengths, each out of place and in place, whole and in pieces, at several alignments. */
export function checkLengths(evp: Evp, cipher: string, { every, alignments, most = 4_200 }: Extent): void {
  const shape = shapeOf(cipher);
  const random = new Stream(cipher.length + most + every);
  const unit = shape.isBlocks ? 16 : 1;
  for (let length = 0; length <= most; length += unit * every) {
    const job = newJob(cipher, shape, random, length);
    for (let alignment = 0; alignment < alignments; alignment++) {
      const inputOffset = alignments === 1 ? random.next(16) : alignment;
      const outputOffset = random.next(16);
      checkBothWays(evp, job, { inputOffset, outputOffset });
      checkBothWays(evp, job, { inputOffset, inPlace: true });
      if (cipher.endsWith("CCM")) continue; // takes its text whole
      const pieces = [random.next(40), random.next(300), random.next(1000)].map(
        (size) => size - (size % unit),
      );
      checkBothWays(evp, job, { inputOffset, outputOffset, pieces });
    }
  }
}

/** Every byte of ciphertext, tag and additional data, changed by itself. */
export function checkTampering(evp: Evp, cipher: string, length: number): void {
  const random = new Stream(length + 1);
  const job = { ...newJob(cipher, shapeOf(cipher), random, length), aad: random.bytes(13) };
  const { text, tag } = encryptByNode(job);
  const sealed = { ...job, encrypt: false, text, tag };
  expect(hex(evp.run(sealed)?.text)).toBe(hex(job.text));
  for (const part of ["text", "tag", "aad"] as const) {
    for (let at = 0; at < sealed[part].length; at++) {
      const changed = Uint8Array.from(sealed[part]);
      changed[at] = (changed[at] ?? 0) ^ (1 << random.next(8));
      expect(evp.run({ ...sealed, [part]: changed }), `${part}[${at}]`).toBeNull();
    }
  }
}

/** x·y in GHASH's field, whose highest bit is x^0 (SP 800-38D, section 6.3). */
function multiply(x: bigint, y: bigint): bigint {
  let product = 0n;
  let multiple = y;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= multiple;
    multiple = multiple & 1n ? (multiple >> 1n) ^ (0xe1n << 120n) : multiple >> 1n;
  }
  return product;
}

/** 1/x, which is x^(2^128 - 2). */
function invert(x: bigint): bigint {
  let result = 1n << 127n;
  let power = x;
  for (let i = 1; i < 128; i++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

/** A nonce of 16 bytes from which GCM makes the given first counter block: (nonce·H + length)·H, backwards. */
function nonceFor(counterBlock: bigint, key: Uint8Array): Uint8Array {
  const ecb = createCipheriv(`aes-${key.length * 8}-ecb`, key, null);
  const h = BigInt(`0x${hex(ecb.update(new Uint8Array(16)))}`);
  const inverse = invert(h);
  const nonce = multiply(multiply(counterBlock, inverse) ^ 128n, inverse);
  return Uint8Array.from(Buffer.from(nonce.toString(16).padStart(32, "0"), "hex"));
}

/** The counter's last 32 bits pass 2^32 at each of the first 40 blocks. */
export function checkWraps(evp: Evp, cipher: string): void {
  const random = new Stream(99);
  const shape = shapeOf(cipher);
  for (let before = 1; before <= 40; before++) {
    const start = `${"a5".repeat(12)}${(2 ** 32 - before).toString(16)}`;
    const job = newJob(cipher, shape, random, 900);
    const iv = shape.isAead
      ? nonceFor(BigInt(`0x${start}`), job.key)
      : Uint8Array.from(Buffer.from(start, "hex"));
    checkBothWays(evp, { ...job, iv }, {});
  }
}
