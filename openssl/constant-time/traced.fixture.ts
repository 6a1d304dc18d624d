/**
 * What `openssl.wasm` does, step by step: Binaryen's `wasm-opt` puts a call before each load and store, with its address, and
 * at each function's and loop's beginning. Two runs whose lists are the same have taken the same way and touched the same
 * memory, so that neither the processor's caches nor its branch prediction can tell them apart. (`v128.load32_splat` is not
 * among them: in openssl.wasm it reads words of keys and counters, at places that are the same for each message.)
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileOpenSsl, MemoryFiles, OpenSsl } from "../../shim/openssl/index.ts";

const WASM = process.env["OPENSSL_WASM"] ?? fileURLToPath(new URL("../openssl.wasm", import.meta.url));

/** Whether the machine has the instrument (Debian: binaryen). */
export const canTrace: boolean = spawnSync("wasm-opt", ["--version"]).error === undefined;

/** `openssl.wasm`, instrumented. */
export async function compileTraced(): Promise<WebAssembly.Module> {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-"));
  try {
    const traced = join(folder, "traced.wasm");
    execFileSync("wasm-opt", ["-all", "--instrument-memory", "--log-execution", WASM, "-o", traced]);
    return await compileOpenSsl(readFileSync(traced));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The steps between {@link Tracer.begin} and {@link Tracer.end}: of each where in the code, and which address. */
export class Tracer {
  readonly openssl: OpenSsl;
  #steps = new Int32Array(1 << 16);
  #length = 0;
  #isOn = false;

  /** A new instance whose random numbers and clock are always the same, so that allocations are, too. */
  constructor(module: WebAssembly.Module, files: Readonly<Record<string, string>> = {}) {
    let seed = 1;
    this.openssl = OpenSsl.instantiate(module, {
      files: new MemoryFiles(files),
      env: () => undefined,
      random: (target) => {
        for (let i = 0; i < target.length; i++) {
          seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
          target[i] = seed >>> 16;
        }
      },
      instrumentation: this.#instrumentation(module),
    });
  }

  begin(): void {
    this.#length = 0;
    this.#isOn = true;
  }

  /** The steps since {@link begin}: a pair of numbers for each. */
  end(): Int32Array {
    this.#isOn = false;
    return this.#steps.slice(0, this.#length);
  }

  #note(where: number, address: number): void {
    if (!this.#isOn) return;
    if (this.#length + 2 > this.#steps.length) {
      const longer = new Int32Array(2 * this.#steps.length);
      longer.set(this.#steps);
      this.#steps = longer;
    }
    this.#steps[this.#length++] = where;
    this.#steps[this.#length++] = address;
  }

  /** One function for each import: values pass through, addresses and places are noted. */
  #instrumentation(module: WebAssembly.Module): WebAssembly.ModuleImports {
    const address = (where: number, _bytes: number, offset: number, pointer: number): number => {
      this.#note(where, pointer + offset);
      return pointer;
    };
    const known: WebAssembly.ModuleImports = {
      load_ptr: address,
      store_ptr: address,
      log_execution: (where: number) => this.#note(-1 - where, 0),
    };
    const value = (_where: number, passed: unknown): unknown => passed;
    const names = WebAssembly.Module.imports(module).filter((each) => each.module === "env");
    return Object.fromEntries(names.map(({ name }) => [name, known[name] ?? value]));
  }
}
