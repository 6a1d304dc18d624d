/** Files from the open internet: only by a pinned SHA-256, and only as the last route. */
import { createHash } from "node:crypto";

/** How long one download may take before it counts as unreachable. */
const DOWNLOAD_TIMEOUT_MS = 120_000;

/** A file fixed by its content. */
export interface Pin {
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * Downloads a pinned file.
 * @throws when it can't be reached, or is not the pinned one
 */
export async function downloadPinned(pin: Pin): Promise<Uint8Array> {
  const response = await fetch(pin.url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${pin.url} answered ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== pin.sha256) throw new Error(`${pin.url} has SHA-256 ${sha256}, pinned is ${pin.sha256}`);
  return bytes;
}
