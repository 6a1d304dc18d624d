/** Bytes kept free in front of what is read, so that the packet's header can stand there and nothing is copied. */
export const HEADROOM = 8;
/** What a stream reads into at first, and while it carries little. */
const SMALLEST = 16 * 1024;
/** What it reads into while its target fills the buffers: one WebSocket message. */
const LARGEST = 256 * 1024;
const STEP = 4;
/** Free buffers of each size that are kept: some messages under way on a few busy WebSockets. */
const KEPT = 16;

/**
 * The buffers that targets are read into, used over and over: on many machines first touching fresh memory costs more than
 * reading. A buffer belongs to one stream from `take` to `give`.
 */
export class ReadBuffers {
  #free = new Map<number, Buffer[]>();

  /** A buffer for `length` bytes behind {@link HEADROOM}. */
  take(length: number): Buffer {
    return this.#free.get(length)?.pop() ?? Buffer.allocUnsafeSlow(HEADROOM + length);
  }

  /** Takes a buffer back. Nobody may look at it any more. */
  give(buffer: Buffer): void {
    const length = buffer.length - HEADROOM;
    const free = this.#free.get(length);
    if (free === undefined) this.#free.set(length, [buffer]);
    else if (free.length < KEPT) free.push(buffer);
  }
}

/**
 * How large the next buffer of a stream is: larger when the last one was filled, so that a target that sends much comes in few
 * large messages; smaller when little came, so that a stream that waits holds little.
 * @param length the last buffer's; 0 for the first
 * @param filled bytes that it got
 */
export function nextReadLength(length: number, filled: number): number {
  if (length === 0) return SMALLEST;
  if (filled >= length) return Math.min(LARGEST, length * STEP);
  return filled < length / STEP ? Math.max(SMALLEST, length / STEP) : length;
}
