/** One TLS 1.3 connection inside one OpenSSL, and how fast records go through it. */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { TestCertificate } from "../../shim/openssl/certificate.fixture.ts";
import {
  clientContext,
  JoinedPair,
  serverContext,
  serverFiles,
} from "../../shim/openssl/handshake.fixture.ts";
import { compileOpenSsl, constants, MemoryFiles, OpenSsl, type Ptr } from "../../shim/openssl/index.ts";

/** Bytes of plaintext per second. */
export interface Speed {
  readonly read: number;
  readonly write: number;
}

/** Records are written into a memory BIO in lots of as many bytes of plaintext, or of as many records, and then read. */
const LOT = { bytes: 64 * 1024, records: 256 };

/** A build of OpenSSL to measure. */
export class Build {
  readonly name: string;
  readonly #openssl: OpenSsl;

  private constructor(name: string, openssl: OpenSsl) {
    this.name = name;
    this.#openssl = openssl;
  }

  /** Starts the wasm in a file, with a certificate for its server. */
  static async open(name: string, wasm: string, certificate: TestCertificate): Promise<Build> {
    const files = new MemoryFiles(serverFiles(certificate));
    const module = await compileOpenSsl(readFileSync(wasm));
    return new Build(name, OpenSsl.instantiate(module, { files, env: () => undefined }));
  }

  /**
   * Writes and reads records of `size` bytes for about `milliseconds`. The fastest lot counts: whatever else the machine does
   * meanwhile can only make a lot slower.
   */
  measure(suite: string, size: number, milliseconds: number): Speed {
    const { fn, memory } = this.#openssl;
    using client = clientContext(this.#openssl);
    using server = serverContext(this.#openssl);
    using scope = memory.scope();
    fn.SSL_CTX_set_verify(client.ptr, constants.SSL_VERIFY_NONE, 0 as Ptr<never>);
    if (fn.SSL_CTX_set_ciphersuites(client.ptr, scope.cString(suite)) !== 1) throw new Error(`no ${suite}`);
    using pair = new JoinedPair(this.#openssl, client.ptr, server.ptr);
    pair.shakeHands();
    // The session tickets that come first.
    pair.carry(pair.server, pair.client, new Uint8Array(1));
    const buffer = scope.alloc(16_384);
    const count = Math.min(LOT.records, Math.max(1, Math.floor(LOT.bytes / size)));
    let read = Number.POSITIVE_INFINITY;
    let write = Number.POSITIVE_INFINITY;
    const end = performance.now() + milliseconds;
    do {
      const begun = performance.now();
      for (let i = 0; i < count; i++)
        if (fn.glue_SSL_write_ex(pair.server.ptr, buffer, size) !== 1) throw new Error("SSL_write_ex failed");
      const written = performance.now();
      for (let i = 0; i < count; i++)
        if (fn.glue_SSL_read_ex(pair.client.ptr, buffer, size) !== 1) throw new Error("SSL_read_ex failed");
      read = Math.min(read, performance.now() - written);
      write = Math.min(write, written - begun);
    } while (performance.now() < end);
    const bytes = count * size * 1000;
    return { read: bytes / read, write: bytes / write };
  }
}
