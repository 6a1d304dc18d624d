import { type GatewayOptions, startGateway } from "../gateway/index.ts";
import { describeTransport, type Subject } from "./contract.ts";
import { createLoopbackTransport, LoopbackNetwork } from "./loopback.ts";
import { LOOPBACK_BUFFER_SIZE } from "./loopback-stream.ts";
import { createNodeTransport } from "./node.ts";
import { RECEIVE_HIGH_WATER } from "./node-tcp.ts";
import { loopbackPeers, startForeignGateway } from "./test-peers.ts";
import { createWispTransport } from "./wisp.ts";
import { FOREIGN_UNREAD_LIMIT, RECEIVE_WINDOW } from "./wisp-stream.ts";

/** The tests' peers are on loopback and on any port, which a gateway refuses unless told. */
const LOOPBACK: GatewayOptions = {
  port: 0,
  dangerAllowAddresses: ["127.0.0.1"],
  dangerAnyPort: true,
  newStreamsPerSecond: 1000,
};

describeTransport(
  "Node TCP",
  {
    halfCloses: true,
    tellsResets: true,
    deliversAfterClose: true,
    refused: "ECONNREFUSED",
    unknownName: "EAI_NONAME",
    unreadBound: RECEIVE_HIGH_WATER + 65_536,
  },
  async () => {
    const transport = await createNodeTransport();
    return {
      transport,
      async [Symbol.asyncDispose]() {
        transport.close();
      },
    };
  },
);

describeTransport(
  "loopback",
  {
    halfCloses: true,
    connectsAtOnce: true,
    tellsResets: true,
    deliversAfterClose: true,
    refused: "ECONNREFUSED",
    unknownName: "EAI_NONAME",
    unreadBound: 2 * LOOPBACK_BUFFER_SIZE,
  },
  async () => {
    const network = new LoopbackNetwork();
    const transport = createLoopbackTransport(network);
    return {
      transport,
      startPeer: loopbackPeers(network),
      async [Symbol.asyncDispose]() {
        transport.close();
      },
    };
  },
);

describeTransport(
  "Wisp through our gateway",
  {
    halfCloses: true,
    tellsResets: true,
    deliversAfterClose: true,
    refused: "ECONNREFUSED",
    unknownName: "EAI_NONAME",
    unreadBound: RECEIVE_WINDOW,
  },
  () => wispSubject(startGateway(LOOPBACK)),
);

for (const version of [1, 2] as const) {
  describeTransport(
    `Wisp through another project's gateway, version ${version}`,
    {
      halfCloses: false,
      // wisp-js ends every stream as "voluntary", and says of a failed connection only that the network failed.
      tellsResets: false,
      deliversAfterClose: false,
      refused: "ECONNRESET",
      unknownName: "ECONNRESET",
      unreadBound: FOREIGN_UNREAD_LIMIT,
    },
    () => wispSubject(startForeignGateway(version)),
  );
}

async function wispSubject(starting: Promise<{ readonly url: string } & AsyncDisposable>): Promise<Subject> {
  const gateway = await starting;
  const transport = createWispTransport(gateway.url);
  return {
    transport,
    async [Symbol.asyncDispose]() {
      transport.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}
