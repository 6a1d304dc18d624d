import type { GatewaySettings } from "./settings.ts";

/** Counts what is open and how fast streams are asked for, and says no. One instance for a whole gateway. */
export class Limits {
  #settings: GatewaySettings;
  #connections = 0;
  #streams = 0;
  #clients = new Map<string, Client>();

  #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(settings: GatewaySettings, now: () => number = () => performance.now()) {
    this.#settings = settings;
    this.#now = now;
  }

  get connections(): number {
    return this.#connections;
  }

  get streams(): number {
    return this.#streams;
  }

  /** Takes a place for a WebSocket, or says why there is none. */
  enterConnection(client: string): string | undefined {
    if (this.#connections >= this.#settings.maxConnections)
      return "the gateway has no room for further connections";
    const entry = this.#clientEntry(client);
    if (entry.connections >= this.#settings.maxConnectionsPerClient)
      return "too many connections from your address";
    entry.connections++;
    this.#connections++;
    return undefined;
  }

  leaveConnection(client: string): void {
    this.#connections--;
    const entry = this.#clients.get(client);
    if (entry !== undefined) entry.connections--;
    this.#forgetIdleClients();
  }

  /** Takes a place for a stream, or says why there is none. `onConnection` is how many the WebSocket has. */
  enterStream(client: string, onConnection: number): string | undefined {
    const { maxStreams, maxStreamsPerConnection, newStreamsBurst, newStreamsPerSecond } = this.#settings;
    if (onConnection >= maxStreamsPerConnection)
      return `more than ${maxStreamsPerConnection} streams on one connection`;
    if (this.#streams >= maxStreams) return "the gateway has no room for further streams";
    const entry = this.#clientEntry(client);
    const now = this.#now();
    entry.tokens = Math.min(
      newStreamsBurst,
      entry.tokens + ((now - entry.filledAt) / 1000) * newStreamsPerSecond,
    );
    entry.filledAt = now;
    if (entry.tokens < 1) return `more than ${newStreamsPerSecond} new streams a second`;
    entry.tokens--;
    this.#streams++;
    return undefined;
  }

  leaveStream(): void {
    this.#streams--;
  }

  #clientEntry(client: string): Client {
    let entry = this.#clients.get(client);
    if (entry === undefined) {
      entry = { connections: 0, tokens: this.#settings.newStreamsBurst, filledAt: this.#now() };
      this.#clients.set(client, entry);
    }
    return entry;
  }

  /**
   * Whoever left stays on the books until the bucket would be full again: leaving and coming back must not refill it.
   * Swept when the book has grown, so that it costs nothing on the way.
   */
  #forgetIdleClients(): void {
    if (this.#clients.size < 1024) return;
    const { newStreamsBurst, newStreamsPerSecond } = this.#settings;
    const refillMs = (newStreamsBurst / newStreamsPerSecond) * 1000;
    const now = this.#now();
    for (const [client, entry] of this.#clients) {
      if (entry.connections === 0 && now - entry.filledAt > refillMs) this.#clients.delete(client);
    }
  }
}

interface Client {
  connections: number;
  /** Streams that may be opened now; a token bucket. */
  tokens: number;
  filledAt: number;
}
