/** Assets on Node's disk. */
import { readFile } from "node:fs/promises";

/** Reads a whole file. */
export async function readAsset(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(url));
}
