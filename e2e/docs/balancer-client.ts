/**
 * A client of the load balancer test, in a process of its own since Node learns of authorities when it starts: TLS to an echo
 * server through a gateway. `node balancer-client.ts GATEWAY CA PORT`; says `connected`, then for each line what the echo says.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";
import { connect } from "node:tls";
import { type ByteStream, createWispTransport } from "../../transports/index.ts";

/** A stream of a transport as Node's TLS takes it. */
class StreamDuplex extends Duplex {
  readonly #stream: ByteStream;
  #unsent: { readonly bytes: Uint8Array; readonly done: (error?: Error) => void } | undefined;

  constructor(stream: ByteStream) {
    super();
    this.#stream = stream;
    stream.subscribe(() => this.#move());
  }

  override _read(): void {
    this.#move();
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#unsent = { bytes, done };
    this.#move();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.close();
    done(error);
  }

  #move(): void {
    const stream = this.#stream;
    if (stream.error !== undefined) {
      this.destroy(stream.error);
      return;
    }
    if (this.#unsent !== undefined && stream.isWritable) {
      const { bytes, done } = this.#unsent;
      const rest = bytes.subarray(stream.write(bytes));
      this.#unsent = rest.length === 0 ? undefined : { bytes: rest, done };
      if (rest.length === 0) done();
    }
    while (stream.isReadable) {
      const chunk = stream.read(65_536);
      if (chunk === "would-block") break;
      if (!this.push(chunk === "eof" ? null : chunk) || chunk === "eof") break;
    }
  }
}

const [gateway = "", ca = "", port = ""] = process.argv.slice(2);
const transport = createWispTransport(gateway);
const socket = new StreamDuplex(transport.connect("localhost", Number(port)));
socket.on("error", (error) => console.log(error.message));
const tls = connect({ socket, servername: "localhost", ca: readFileSync(ca) }, () =>
  console.log("connected"),
);
tls.on("error", (error) => console.log(error.message));
tls.setEncoding("utf8").on("data", (text: string) => console.log(text));
for await (const line of createInterface(process.stdin)) tls.write(line);
tls.destroy();
socket.destroy();
transport.close();
