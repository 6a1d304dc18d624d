/** A port of 127.0.0.1 that answers no connect: its queue of connections to accept is full, and nobody accepts. */
import { connect, type Socket } from "node:net";
import { type Peer, ServerProcess } from "./child.ts";

const LISTENER = `
const server = require("node:net").createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  console.log("PORT " + server.address().port);
});
`;

/** A connect on loopback that took longer than this is not going to be answered. */
const UNANSWERED_MS = 300;
/** Linux lets in one more than the backlog; far more than that means that somebody accepts. */
const MAX_FILLERS = 16;

function isAnswered(socket: Socket): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  socket.setTimeout(UNANSWERED_MS, () => resolve(false));
  socket.once("connect", () => resolve(true));
  socket.once("error", reject);
  return promise;
}

/** Starts a listener, stops its process (SIGSTOP) and fills its backlog. */
export async function startFullPeer(): Promise<Peer> {
  const server = new ServerProcess(process.execPath, ["--eval", LISTENER]);
  const fillers: Socket[] = [];
  const stop = async (): Promise<void> => {
    for (const filler of fillers) filler.destroy();
    server.child.kill("SIGKILL");
    await server.stop();
  };
  try {
    const port = await server.untilReady((output) => {
      const found = /^PORT (\d+)$/m.exec(output);
      return found === null ? undefined : Number(found[1]);
    });
    server.child.kill("SIGSTOP");
    for (;;) {
      const filler = connect(port, "127.0.0.1").on("error", () => {});
      fillers.push(filler);
      if (!(await isAnswered(filler))) break;
      if (fillers.length > MAX_FILLERS) throw new Error("the backlog does not fill");
    }
    return { port, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
