/** A server that speaks HTTPS with the test PKI's good certificate, and a gateway that knows every name as this machine. */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { GatewayOptions } from "pyodide-ssl/gateway";
import { testPki } from "../peers/certs.ts";

export const GREETING = "hello over TLS";

/** For any of the packages' gateways. */
export const GATEWAY_OPTIONS: GatewayOptions = {
  port: 0,
  dangerAllowPrivate: true,
  dangerAnyPort: true,
  stopTimeoutSeconds: 0,
  resolve: async () => [{ address: "127.0.0.1", family: 4 }],
};

export interface HttpsSite extends AsyncDisposable {
  readonly port: number;
  /** PEM of the root to trust. */
  readonly ca: string;
  /** How many requests for `/held` have come and wait for their answers. */
  readonly heldCount: number;
  /** Answers them. */
  release(): void;
}

/** Starts it on loopback. Clients that have a certificate are greeted by its name. */
export async function startHttpsSite(): Promise<HttpsSite> {
  const pki = await testPki();
  const { chain, key } = pki.leaf("good");
  const ca = readFileSync(pki.ca, "utf8");
  const intermediate = readFileSync(pki.intermediate, "utf8");
  const options = {
    cert: readFileSync(chain),
    key: readFileSync(key),
    ca: [ca, intermediate],
    requestCert: true,
    rejectUnauthorized: false,
  };
  const held = new Set<() => void>();
  const server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket;
    const who = socket.authorized ? `, ${String(socket.getPeerCertificate().subject.CN)}` : "";
    const answer = () => response.setHeader("connection", "close").end(GREETING + who);
    if (request.url === "/held") {
      held.add(answer);
      response.once("close", () => held.delete(answer));
    } else {
      answer();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as AddressInfo).port,
    ca,
    get heldCount() {
      return held.size;
    },
    release() {
      for (const answer of held) answer();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Python that asks the site; a name that the certificate is not for must fail. */
export function requestCode(port: number): string {
  return `
import ssl, urllib.error, urllib.request
with urllib.request.urlopen("https://localhost:${port}/") as response:
    body = response.read().decode()
try:
    urllib.request.urlopen("https://other.test:${port}/")
    body += ", but any name will do"
except urllib.error.URLError as error:
    assert isinstance(error.reason, ssl.SSLCertVerificationError), error
body
`;
}
