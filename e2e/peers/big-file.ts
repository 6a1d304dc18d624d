/** A 100 MB file with a known SHA-256, made once: the key stream of AES-128-CTR, which no compression makes smaller. */
import { createCipheriv, createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { CACHE, publish, withCacheLock } from "../../vendor/cache.ts";

/** The length of {@link bigFile}. */
export const BIG_BYTE_LENGTH = 100 * 1024 * 1024;

const BLOCK_LENGTH = 1024 * 1024;

function write(folder: string): void {
  mkdirSync(folder);
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const hash = createHash("sha256");
  const file = openSync(join(folder, "big.bin"), "w");
  const zeros = Buffer.alloc(BLOCK_LENGTH);
  for (let written = 0; written < BIG_BYTE_LENGTH; written += BLOCK_LENGTH) {
    const block = cipher.update(zeros);
    hash.update(block);
    writeSync(file, block);
  }
  closeSync(file);
  writeFileSync(join(folder, "big.sha256"), hash.digest("hex"));
}

/** The folder that holds `big.bin`, and the file's length and SHA-256 in lower-case hexadecimal. */
export async function bigFile(): Promise<{ folder: string; byteLength: number; sha256: string }> {
  const folder = join(dirname(CACHE), "test-files");
  const isThere = (): boolean => existsSync(join(folder, "big.sha256"));
  if (!isThere()) {
    await withCacheLock(
      () => {},
      async () => {
        if (!isThere()) await publish(folder, write);
      },
    );
  }
  return { folder, byteLength: BIG_BYTE_LENGTH, sha256: readFileSync(join(folder, "big.sha256"), "utf8") };
}
