/** One running copy of every peer, for suites that talk to many of them. */
import { type LeafName, type TestPki, testPki } from "./certs.ts";
import type { Peer } from "./child.ts";
import { startFullPeer } from "./full-backlog.ts";
import { type NginxSite, startNginx } from "./nginx.ts";
import { refusedPort, startCuttingProxy, startTcpPeer } from "./plain-tcp.ts";
import { startSServer } from "./s-server.ts";

/** Cut in the middle of `/big.bin`, well after the handshake and the response's headers. */
const CUT_AFTER_BYTES = 200_000;

/** Leaves that a site of the same name shows, in this order for a table of tests. */
const LEAF_SITES = [
  "good",
  "good-ec",
  "good-ed25519",
  "expired",
  "not-yet-valid",
  "wrong-host",
  "wrong-ip",
  "common-name-only",
  "self-signed",
  "unknown-ca",
] as const satisfies readonly LeafName[];

function nginxSites(pki: TestPki) {
  const good = pki.leaf("good");
  const sites: [string, NginxSite][] = LEAF_SITES.map((name) => [name, { leaf: pki.leaf(name) }]);
  const byLeaf = Object.fromEntries(sites) as Record<(typeof LEAF_SITES)[number], NginxSite>;
  return {
    ...byLeaf,
    good: { leaf: good, names: { "one.example.test": pki.leaf("sni-one") } },
    "missing-intermediate": { leaf: good, withoutChain: true },
    "tls-1.2": { leaf: good, protocols: "TLSv1.2" },
    "tls-1.3": { leaf: good, protocols: "TLSv1.3" },
    "no-tickets": { leaf: good, protocols: "TLSv1.2", resumption: "none" },
    "aes-128": { leaf: good, ciphers: "ECDHE-RSA-AES128-GCM-SHA256", ciphersuites: "TLS_AES_128_GCM_SHA256" },
    chacha20: {
      leaf: good,
      ciphers: "ECDHE-RSA-CHACHA20-POLY1305",
      ciphersuites: "TLS_CHACHA20_POLY1305_SHA256",
    },
    "client-certificate": { leaf: good, clientCa: { file: pki.ca } },
    "client-certificate-optional": { leaf: good, clientCa: { file: pki.ca, isOptional: true } },
  } satisfies Record<string, NginxSite>;
}

/** All peers, with a name for each port. */
export interface AllPeers extends AsyncDisposable {
  readonly pki: TestPki;
  readonly ports: Readonly<Record<string, number>>;
  /** What `/big.bin` is. */
  readonly big: { readonly byteLength: number; readonly sha256: string };
  /** @throws when there is no such peer */
  port(name: string): number;
  stop(): Promise<void>;
}

/** Starts everything. When one fails to start, those that did are stopped. */
export async function startAllPeers(): Promise<AllPeers> {
  const pki = await testPki();
  const stack = new AsyncDisposableStack();
  try {
    const nginx = stack.use(await startNginx(nginxSites(pki)));
    const ports: Record<string, number> = { ...nginx.ports };
    const add = async (name: string, started: Promise<Peer>): Promise<void> => {
      ports[name] = stack.use(await started).port;
    };
    const leaf = pki.leaf("good");
    await add("alpn", startSServer({ leaf, arguments: ["-alpn", "h2,http/1.1"] }));
    await add("reversing", startSServer({ leaf, mode: "rev" }));
    await add(
      "client-certificate-1.2",
      startSServer({
        leaf,
        arguments: ["-tls1_2", "-Verify", "3", "-CAfile", pki.ca, "-verify_return_error"],
      }),
    );
    await add("plain-http", startTcpPeer("plain-http"));
    await add("close-in-handshake", startTcpPeer("close-in-handshake"));
    await add("reset-in-handshake", startTcpPeer("reset-in-handshake"));
    await add("never-answers", startTcpPeer("never-answers"));
    await add("garbage", startTcpPeer("garbage"));
    await add("echo", startTcpPeer("echo"));
    await add("refused", refusedPort());
    await add("full", startFullPeer());
    await add("truncated", startCuttingProxy(nginx.ports.good, CUT_AFTER_BYTES));
    const all = stack.move();
    return {
      pki,
      ports,
      big: nginx.big,
      port: (name) => {
        const port = ports[name];
        if (port === undefined) throw new Error(`there is no peer ${name}`);
        return port;
      },
      stop: () => all.disposeAsync(),
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
