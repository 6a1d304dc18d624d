/**
 * The one line between a worker and its owner. Comlink's calls and our one-way events share it, so they arrive in the
 * order in which they were sent: what Python printed is there before `run()` settles.
 */
import type { Endpoint } from "comlink";

/** What every kind of port can do: a browser's Worker and worker scope, Node's Worker and parentPort. */
export interface Port {
  post(message: unknown, transfer: Transferable[]): void;
  onMessage(listener: (message: unknown) => void): void;
}

type Envelope<Event> = { readonly call: unknown } | { readonly event: Event };

/** Calls and events over one port. `Out` and `In` are the events that this side sends and gets. */
export class Channel<Out, In> {
  /** For Comlink. */
  readonly endpoint: Endpoint;
  readonly #port: Port;

  constructor(port: Port, onEvent: (event: In) => void) {
    this.#port = port;
    const listeners = new Set<EventListenerOrEventListenerObject>();
    this.endpoint = {
      postMessage: (message: unknown, transfer?: Transferable[]) =>
        port.post({ call: message }, transfer ?? []),
      addEventListener: (_type, listener) => void listeners.add(listener),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
    };
    port.onMessage((message) => {
      const envelope = message as Envelope<In> | undefined;
      if (typeof envelope !== "object") return;
      if ("event" in envelope) {
        onEvent(envelope.event);
        return;
      }
      if (!("call" in envelope)) return;
      const event = { data: envelope.call } as MessageEvent;
      for (const listener of listeners) {
        if (typeof listener === "function") listener(event);
        else listener.handleEvent(event);
      }
    });
  }

  /** Sends an event; nobody answers it. */
  send(event: Out): void {
    this.#port.post({ event }, []);
  }
}
