/** `openssl s_server` as a peer: TLS settings that a web server does not offer. */

import type { LeafFiles } from "./certs.ts";
import { type Peer, ServerProcess } from "./child.ts";

/** How `s_server` is to behave; see openssl-s_server(1). */
export interface SServerOptions {
  /** The certificate it shows. */
  readonly leaf: LeafFiles;
  /** Leave the intermediate out of what is sent. */
  readonly withoutChain?: boolean;
  /** Answer `GET` with a page that describes the connection (`-www`); else echo lines reversed (`-rev`). */
  readonly mode?: "www" | "rev";
  /** More arguments, such as `-tls1_2` or `-cipher NAME`. */
  readonly arguments?: readonly string[];
}

/** Starts `openssl s_server` on a port of its own choice. */
export async function startSServer(options: SServerOptions): Promise<Peer> {
  const { leaf, mode = "www" } = options;
  const chain = options.withoutChain === true ? [] : ["-cert_chain", leaf.chain];
  const server = new ServerProcess(
    "openssl",
    ["s_server", "-accept", "127.0.0.1:0", "-cert", leaf.certificate, "-key", leaf.key, ...chain].concat(
      [`-${mode}`],
      options.arguments ?? [],
    ),
  );
  const port = await server.untilReady((output) => {
    const found = /^ACCEPT .*:(\d+)$/m.exec(output);
    return found === null ? undefined : Number(found[1]);
  });
  const stop = (): Promise<void> => server.stop();
  return { port, stop, [Symbol.asyncDispose]: stop };
}
