/**
 * TCP through a gateway that speaks Wisp (version 1 or 2), over the platform's WebSocket: browsers, workers, Node.
 * One WebSocket carries all streams; it is opened with the first and opened anew after a loss.
 */
import { FailedStream } from "./buffered-stream.ts";
import type { ByteStream, Transport } from "./stream.ts";
import { TransportError } from "./stream.ts";
import { WispLink } from "./wisp-link.ts";

export interface WispTransportOptions {
  /** How long the gateway may take to answer before its streams end with ETIMEDOUT. Default 20,000. */
  readonly connectTimeoutMs?: number;
  /** How long a WebSocket without streams is kept. Default 60,000. */
  readonly idleCloseMs?: number;
  /**
   * Streams are open at once, without a word of the gateway's: what is written goes out in one flight with the request for the
   * connection. That there is none is told as the stream's failure. Default false.
   */
  readonly optimisticConnect?: boolean;
}

/**
 * @param url the gateway: `wss://host/path/`, `ws://…`, or the same with `https:`/`http:`. A missing final slash, which
 *   Wisp demands, is added.
 * @throws {TypeError} when the URL is none of those
 */
export function createWispTransport(url: string, options: WispTransportOptions = {}): Transport {
  return new WispTransport(gatewayUrl(url), options);
}

class WispTransport implements Transport {
  readonly name = "wisp";
  /** Names are resolved by the gateway. */
  readonly resolvesNames = false;
  #url: string;
  #options: WispTransportOptions;
  #link: WispLink | undefined;
  #isClosed = false;

  constructor(url: string, options: WispTransportOptions) {
    this.#url = url;
    this.#options = options;
  }

  async lookup(host: string, family: 0 | 4 | 6): Promise<readonly { family: 4 | 6; host: string }[]> {
    const literal = numericFamily(host);
    if (literal === 0) {
      throw new TransportError("EAI_NONAME", `${host}: names are resolved by the gateway, when connecting`);
    }
    if (family !== 0 && family !== literal) {
      throw new TransportError("EAI_NONAME", `${host} is not an IPv${family} address.`);
    }
    return [{ family: literal, host }];
  }

  connect(host: string, port: number): ByteStream {
    if (this.#isClosed) return new FailedStream("ENETDOWN", "The transport was closed.");
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      return new FailedStream(port === 0 ? "ECONNREFUSED" : "EINVAL", `${port} is not a port to connect to.`);
    }
    // What a packet can't carry is refused here as a resolver would: an empty name, or one no DNS name can be.
    if (host === "" || host.length > 255 || /[\s\0]/.test(host)) {
      return new FailedStream("EAI_NONAME", `${JSON.stringify(host)} is not a host name.`);
    }
    return this.#currentLink().open(host, port, numericFamily(host));
  }

  close(): void {
    this.#isClosed = true;
    this.#link?.close();
  }

  #currentLink(): WispLink {
    if (this.#link !== undefined) return this.#link;
    const link = new WispLink({
      url: this.#url,
      connectTimeoutMs: this.#options.connectTimeoutMs ?? 20_000,
      idleCloseMs: this.#options.idleCloseMs ?? 60_000,
      isOptimistic: this.#options.optimisticConnect ?? false,
      onGone: () => {
        if (this.#link === link) this.#link = undefined;
      },
    });
    this.#link = link;
    return link;
  }
}

function gatewayUrl(text: string): string {
  const base = typeof location === "undefined" ? undefined : location.href;
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url?.protocol === "https:") url.protocol = "wss:";
  if (url?.protocol === "http:") url.protocol = "ws:";
  if (url === undefined || (url.protocol !== "wss:" && url.protocol !== "ws:")) {
    throw new TypeError(
      `${JSON.stringify(text)} is not the address of a gateway: it must start with wss:// or ws://`,
    );
  }
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url.href;
}

/** 4 or 6 for a numeric address, 0 for a name. */
function numericFamily(host: string): 0 | 4 | 6 {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host))
    return host.split(".").every((part) => Number(part) < 256) ? 4 : 0;
  // The URL parser knows IPv6 literals; it does not take a zone ("%eth0"), which means nothing at a gateway anyway.
  return host.includes(":") && URL.canParse(`http://[${host}]/`) ? 6 : 0;
}
