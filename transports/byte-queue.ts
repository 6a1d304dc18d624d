/** A queue of received chunks, read in any sizes without copying where a chunk is handed on whole or in part. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Index of the first live chunk; taken ones are cut off in batches, so taking stays O(1). */
  #head = 0;
  #length = 0;

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Appends a chunk. The queue keeps the array itself: the caller must not change it afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Puts a chunk in front of everything else. */
  unshift(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#head > 0) this.#chunks[--this.#head] = chunk;
    else this.#chunks.unshift(chunk);
    this.#length += chunk.length;
  }

  /**
   * Takes up to `maxLength` bytes. A large chunk is answered as a view of itself; small ones are joined, so that a reader
   * asking for 16 KB of a stream that came in crumbs does not come back a hundred times.
   */
  take(maxLength: number): Uint8Array {
    const first = this.#chunks[this.#head];
    if (first === undefined || maxLength <= 0) return new Uint8Array(0);
    if (first.length > maxLength) {
      this.#chunks[this.#head] = first.subarray(maxLength);
      this.#length -= maxLength;
      return first.subarray(0, maxLength);
    }
    const isWorthJoining =
      first.length < JOIN_BELOW && this.#length > first.length && first.length < maxLength;
    if (!isWorthJoining) return this.#shift(first);
    return this.#join(Math.min(maxLength, this.#length, JOIN_UP_TO));
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks = [];
    this.#head = 0;
    this.#length = 0;
  }

  #shift(first: Uint8Array): Uint8Array {
    this.#head++;
    this.#length -= first.length;
    if (this.#head > 64 && this.#head * 2 > this.#chunks.length) {
      this.#chunks.splice(0, this.#head);
      this.#head = 0;
    }
    return first;
  }

  #join(byteLength: number): Uint8Array {
    const joined = new Uint8Array(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      const chunk = this.#chunks[this.#head];
      if (chunk === undefined) break;
      const wanted = byteLength - filled;
      if (chunk.length > wanted) {
        joined.set(chunk.subarray(0, wanted), filled);
        this.#chunks[this.#head] = chunk.subarray(wanted);
        this.#length -= wanted;
        filled += wanted;
      } else {
        joined.set(chunk, filled);
        filled += chunk.length;
        this.#shift(chunk);
      }
    }
    return joined;
  }
}

/** Chunks smaller than this are joined with what follows. */
const JOIN_BELOW = 4096;
/** The most that joining copies at once. */
const JOIN_UP_TO = 65536;
