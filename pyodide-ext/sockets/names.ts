/** From names to addresses and back, by the transport or with synthetic addresses. */
import type { Address, Transport } from "../../transports/stream.ts";
import { TransportError } from "../../transports/stream.ts";
import { SyntheticAddresses } from "./synthetic-addresses.ts";

/** The outcome of a lookup: addresses in the order to try, or why there are none. */
export type LookupResult =
  | { readonly addresses: readonly { readonly family: 4 | 6; readonly host: string }[] }
  | { readonly code: string };

/** The names of one interpreter. */
export class Names {
  readonly #transport: Transport | undefined;
  readonly #synthetic = new SyntheticAddresses();

  constructor(transport: Transport | undefined) {
    this.#transport = transport;
  }

  /**
   * Addresses of a name. A promise only where the transport looks names up; otherwise the far end does at connect, and the
   * answer is a synthetic IPv4 address. Without a transport too, so that it is `connect` that fails and says why.
   */
  lookup(host: string, family: 0 | 4 | 6): LookupResult | Promise<LookupResult> {
    if (this.#transport?.resolvesNames) return this.#ask(this.#transport, host, family);
    if (isLocalName(host)) return localAddresses(family);
    if (!isHostName(host)) return { code: "EAI_NONAME" };
    if (family === 6) return { code: "EAI_ADDRFAMILY" };
    const address = this.#synthetic.addressFor(host);
    return address === undefined ? { code: "EAI_MEMORY" } : { addresses: [{ family: 4, host: address }] };
  }

  /** The name that a synthetic address stands for. */
  nameFor(address: string): string | undefined {
    return this.#synthetic.nameFor(address);
  }

  async #ask(transport: Transport, host: string, family: 0 | 4 | 6): Promise<LookupResult> {
    try {
      return { addresses: await transport.lookup(host, family) };
    } catch (error) {
      if (error instanceof TransportError) return { code: error.code };
      throw error;
    }
  }
}

/** The address `0.0.0.0:0` or `[::]:0` of a socket that has none yet. */
export function unspecifiedAddress(family: 4 | 6): Address {
  return { family, host: family === 6 ? "::" : "0.0.0.0", port: 0 };
}

/** What a socket without any way to the network says. */
export const NO_GATEWAY: string =
  "No gateway is configured, so Python has no way to the network. Give its address, " +
  'createPython({ gateway: "wss://…" }) or install(pyodide, { gateway: "wss://…" }); ' +
  "`npx pyodide-ssl gateway` starts one";

/**
 * Whether a name can be one of a host: RFC 1123 section 2.1, with the underscores that are found in use. A last label of digits would
 * be a malformed address.
 */
function isHostName(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  const isWritten = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  return isWritten && host.length <= 254 && !/^\d+$/.test(labels.at(-1) ?? "");
}

function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost");
}

function localAddresses(family: 0 | 4 | 6): LookupResult {
  return { addresses: [family === 6 ? { family, host: "::1" } : { family: 4, host: "127.0.0.1" }] };
}
