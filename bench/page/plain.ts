/** This package's Wisp transport alone, with plain HTTP over it: what the way through the gateway costs without TLS. */
import { type ByteStream, createWispTransport, type Transport } from "../../transports/index.ts";
import { type BenchPage, fetchSettings } from "./settings.ts";

const HOST = "localhost";
const LARGE_READ = 1 << 20;

/** A connection that answers one request after another. */
class Client {
  readonly #stream: ByteStream;
  readonly #decoder = new TextDecoder("latin1");

  constructor(transport: Transport, port: number) {
    this.#stream = transport.connect(HOST, port);
  }

  /** @returns the length of the body */
  async get(path: string, headers = ""): Promise<number> {
    await this.#until(() => this.#stream.isWritable);
    this.#stream.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\n${headers}\r\n`));
    let head = "";
    let end = -1;
    while (end < 0) {
      const bytes = await this.#read();
      head += this.#decoder.decode(bytes);
      end = head.indexOf("\r\n\r\n");
    }
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    let received = head.length - end - 4;
    while (received < length) received += (await this.#read()).length;
    return received;
  }

  close(): void {
    this.#stream.close();
  }

  async #read(): Promise<Uint8Array> {
    for (;;) {
      const bytes = this.#stream.read(LARGE_READ);
      if (bytes === "eof") throw new Error("the server closed the connection");
      if (bytes !== "would-block") return bytes;
      await this.#until(() => this.#stream.isReadable);
    }
  }

  async #until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return;
    await new Promise<void>((resolve) => {
      const unsubscribe = this.#stream.subscribe(() => {
        if (!isTrue() && this.#stream.error === undefined) return;
        unsubscribe();
        resolve();
      });
    });
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function start(): Promise<BenchPage> {
  const settings = await fetchSettings();
  const transport = createWispTransport(settings.gateway);
  const once = async (port: number): Promise<void> => {
    const client = new Client(transport, port);
    await client.get("/");
    client.close();
  };
  await once(settings.port);
  return {
    startupMs: performance.now(),
    async measure(what, port, count) {
      if (what === "connections") {
        return timed(async () => {
          for (let done = 0; done < count; done += 1) await once(port);
        });
      }
      const client = new Client(transport, port);
      await client.get("/");
      const took = await timed(async () => {
        if (what === "requests") {
          for (let done = 0; done < count; done += 1) await client.get("/");
          return;
        }
        const length = await client.get("/big.bin", `Range: bytes=0-${count - 1}\r\n`);
        if (length !== count) throw new Error(`${length} bytes instead of ${count}`);
      });
      client.close();
      return took;
    },
  };
}

window.bench = start();
