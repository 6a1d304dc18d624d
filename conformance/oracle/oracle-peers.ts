/** The peers of the scenarios: those of the browser tests, and servers that go over to TLS on request. */
import { type AllPeers, startAllPeers } from "../../e2e/peers/all-peers.ts";
import { STARTTLS_PROTOCOLS, startStartTlsPeer } from "./starttls-peers.ts";

/** Starts everything. When one fails to start, those that did are stopped. */
export async function startOraclePeers(): Promise<AllPeers> {
  const stack = new AsyncDisposableStack();
  try {
    const peers = stack.use(await startAllPeers());
    const ports: Record<string, number> = { ...peers.ports };
    for (const protocol of STARTTLS_PROTOCOLS) {
      ports[protocol] = stack.use(await startStartTlsPeer(protocol, peers.pki.leaf("good"))).port;
    }
    const all = stack.move();
    return {
      ...peers,
      ports,
      stop: () => all.disposeAsync(),
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
