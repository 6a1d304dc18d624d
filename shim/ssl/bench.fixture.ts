import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LeafName, type TestPki, testPki } from "../../e2e/peers/certs.ts";
import { compileOpenSsl, MemoryFiles, OpenSsl } from "../openssl/index.ts";
import { type SslContext, SslEngine } from "./index.ts";

const WASM = new URL("../../openssl/openssl.wasm", import.meta.url);

/** An engine over the real OpenSSL, with the test PKI under `/pki` in a file system in memory. */
export interface Bench {
  readonly engine: SslEngine;
  readonly files: MemoryFiles;
  readonly pki: TestPki;
  /** OpenSSL's environment. */
  readonly env: Map<string, string>;
  /** A PROTOCOL_TLS_CLIENT context that trusts the test root. */
  clientContext(): SslContext;
  /** A PROTOCOL_TLS_SERVER context with a leaf's chain and key. */
  serverContext(leaf?: LeafName): SslContext;
}

/** PROTOCOL_TLS_CLIENT and PROTOCOL_TLS_SERVER. */
const TLS_CLIENT = 16;
const TLS_SERVER = 17;

/** @param roots trust anchors that the engine knows, as `cacert.pem` has them */
export async function openBench(roots = "", files: MemoryFiles = new MemoryFiles()): Promise<Bench> {
  const pki = await testPki();
  for (const folder of ["", "capath"]) {
    for (const entry of readdirSync(join(pki.folder, folder), { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      files.put(join("/pki", folder, entry.name), readFileSync(join(pki.folder, folder, entry.name)));
    }
  }
  const env = new Map<string, string>();
  const module = await compileOpenSsl(readFileSync(WASM));
  const engine = new SslEngine(OpenSsl.instantiate(module, { files, env: (name) => env.get(name) }), roots);
  return {
    engine,
    files,
    pki,
    env,
    clientContext() {
      const context = engine.newContext(TLS_CLIENT);
      context.loadVerifyLocations("/pki/root.pem", null, null);
      return context;
    },
    serverContext(leaf = "good") {
      const context = engine.newContext(TLS_SERVER);
      context.loadCertChain(`/pki/${leaf}.chain.pem`, `/pki/${leaf}.key`);
      return context;
    },
  };
}
