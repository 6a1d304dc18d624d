/**
 * Addresses for names that only the far end of the transport can resolve. Python wants numeric addresses from
 * `getaddrinfo` and hands one back to `connect`: each name gets an address of 198.18.0.0/15, the block that RFC 2544 sets
 * aside for benchmarks and no host on the internet has, and `connect` turns it back into the name.
 */
export class SyntheticAddresses {
  readonly #nameByAddress = new Map<string, string>();
  readonly #addressByName = new Map<string, string>();
  #next = 1;

  /**
   * The address that stands for a name, the same one each time. Undefined when all 131,070 are given out.
   * @param name in any case, with or without the final dot
   */
  addressFor(name: string): string | undefined {
    const key = normalize(name);
    const known = this.#addressByName.get(key);
    if (known !== undefined) return known;
    if (this.#next > LAST_OFFSET) return undefined;
    const offset = this.#next++;
    const address = `198.${18 + (offset >> 16)}.${(offset >> 8) & 0xff}.${offset & 0xff}`;
    this.#addressByName.set(key, address);
    this.#nameByAddress.set(address, key);
    return address;
  }

  /** The name that an address stands for; undefined for an address that was not given out here. */
  nameFor(address: string): string | undefined {
    return this.#nameByAddress.get(address);
  }
}

/** 198.18.0.0/15 without its first and last address. */
const LAST_OFFSET = 0x1_fffe;

function normalize(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
