/** A plain HTTP server in a process of its own, for the transport without TLS: `/` is small, `/big.bin` as long as asked. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const BLOCK = Buffer.alloc(256 * 1024, 0x5a);
const SMALL = "hello\n";

const server = createServer((request, response) => {
  const range = /^bytes=0-(\d+)$/.exec(request.headers.range ?? "");
  if (request.url !== "/big.bin" || !range) {
    response.writeHead(200, { "Content-Length": SMALL.length }).end(SMALL);
    return;
  }
  let left = Number(range[1]) + 1;
  response.writeHead(206, { "Content-Length": left });
  const push = (): void => {
    while (left > 0) {
      const length = Math.min(left, BLOCK.length);
      left -= length;
      const accepted = response.write(length === BLOCK.length ? BLOCK : BLOCK.subarray(0, length));
      if (!accepted && left > 0) return void response.once("drain", push);
    }
    response.end();
  };
  push();
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
