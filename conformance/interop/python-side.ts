/** Python's side of the matrix: one interpreter, started as any program would, through the package's public entry. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPython } from "pyodide-ssl";
import type { Report, Settings } from "./settings.ts";

const SOURCE = readFileSync(join(import.meta.dirname, "python", "interop_side.py"), "utf8");

export class PythonSide implements AsyncDisposable {
  readonly #python: Awaited<ReturnType<typeof createPython>>;

  private constructor(python: Awaited<ReturnType<typeof createPython>>) {
    this.#python = python;
  }

  static async start(): Promise<PythonSide> {
    // The certificates are files of this machine.
    const python = await createPython({ mountHost: true });
    await python.files.mkdir("/lib/interop", { recursive: true });
    await python.files.writeFile("/lib/interop/interop_side.py", SOURCE);
    await python.run("import sys; sys.path.insert(0, '/lib/interop')");
    return new PythonSide(python);
  }

  /** Which Python, Pyodide and OpenSSL these are. */
  get versions(): Awaited<ReturnType<typeof createPython>>["versions"] {
    return this.#python.versions;
  }

  connect(settings: Settings): Promise<Report[]> {
    return this.#call("connect", settings);
  }

  /** Opens the socket of the next {@link serve}; its port. */
  async listen(): Promise<number> {
    return (await this.#python.run("import interop_side; interop_side.listen()")) as number;
  }

  serve(settings: Settings): Promise<Report[]> {
    return this.#call("serve", settings);
  }

  async #call(name: string, settings: Settings): Promise<Report[]> {
    const globals = { settings: JSON.stringify(settings) };
    const reports = await this.#python.run(`import interop_side; interop_side.${name}(settings)`, {
      globals,
    });
    return JSON.parse(reports as string) as Report[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#python.terminate();
  }
}
