/** Folders as a new user has them: nothing but the packed tarball, installed with what its `dependencies` name. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../vendor/cache.ts";

const run = promisify(execFile);

/** Longer than any of these commands takes on two cores. */
const COMMAND_TIMEOUT_MS = 120_000;

/** A temporary folder with the packed tarball and the projects that use it. */
export class Packed implements Disposable {
  readonly #folder: string;
  readonly tarball: string;

  private constructor(folder: string, tarball: string) {
    this.#folder = folder;
    this.tarball = tarball;
  }

  /** Packs `dist/` as it is. */
  static async pack(): Promise<Packed> {
    const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-package-"));
    const { stdout } = await run(
      "npm",
      ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder],
      { cwd: ROOT, timeout: COMMAND_TIMEOUT_MS },
    );
    return new Packed(folder, join(folder, stdout.trim()));
  }

  /** Makes a project of these files, with the package installed. */
  async project(name: string, files: Readonly<Record<string, string>>): Promise<Project> {
    const project = new Project(join(this.#folder, name));
    project.write("package.json", JSON.stringify({ name, private: true, type: "module" }));
    for (const [path, text] of Object.entries(files)) project.write(path, text);
    await install(this.tarball, join(project.folder, "node_modules"));
    return project;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One project's folder. */
export class Project {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /** Copies what the package's documents tell the user of a bundler to copy. */
  copyFromPackage(entries: readonly string[], folder: string): void {
    for (const entry of entries) {
      cpSync(this.path("node_modules", "pyodide-ssl", "dist", entry), this.path(folder, entry), {
        recursive: true,
      });
    }
  }

  /** Lends a development dependency of the repository, which the user would install. */
  borrow(name: string): void {
    const target = this.path("node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), target);
  }

  /**
   * Runs a JavaScript file in the project by this Node.
   * @returns what it wrote; @throws with it when the exit code is not 0
   */
  async node(parameters: readonly string[]): Promise<string> {
    try {
      const { stdout } = await run(process.execPath, parameters, {
        cwd: this.folder,
        timeout: COMMAND_TIMEOUT_MS,
      });
      return stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`node ${parameters.join(" ")} failed:\n${`${stdout}\n${stderr}`.slice(0, 5000)}`, {
        cause: error,
      });
    }
  }
}

/**
 * What `npm install TARBALL` makes, without a registry: the tarball unpacked, and beside it the packages that it says it depends
 * on, those and no others. What these in turn need, they find in the repository, where they are.
 */
async function install(tarball: string, modules: string): Promise<void> {
  const folder = join(modules, "pyodide-ssl");
  mkdirSync(folder, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const target = join(modules, name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), target);
  }
}
