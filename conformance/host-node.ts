/** Tests in Node, through the package's public entry. Sockets are TCP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Build, type Host, type Interpreter, type OutputListener, TEST_ENVIRONMENT } from "./host.ts";

class NodeHost implements Host {
  readonly #folder: string;
  readonly #archive: URL;
  readonly #build: Build;

  constructor(archive: Uint8Array, build: Build) {
    this.#build = build;
    this.#folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-conformance-"));
    const file = join(this.#folder, "tests.zip");
    writeFileSync(file, archive);
    this.#archive = pathToFileURL(file);
  }

  async start(onOutput: OutputListener): Promise<Interpreter> {
    const { createPython } = (await import(
      pathToFileURL(join(this.#build.dist, "index.node.js")).href
    )) as typeof import("pyodide-ssl");
    const python = await createPython({
      pyodideUrl: pathToFileURL(join(this.#build.pyodide, "pyodide.mjs")),
      packages: [this.#archive],
      env: TEST_ENVIRONMENT,
      stdout: (text) => onOutput("stdout", text),
      stderr: (text) => onOutput("stderr", text),
    });
    return {
      python: python.versions.python,
      openssl: python.versions.openssl,
      run: async (code) => void (await python.run(code)),
      interrupt: async () => python.interrupt(),
      terminate: () => python.terminate(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @param archive what {@link packTests} made */
export async function startNodeHost(archive: Uint8Array, build: Build): Promise<Host> {
  return new NodeHost(archive, build);
}
