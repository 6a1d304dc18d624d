/**
 * Where a server of the machine's runs: a folder of its own, and a user without rights where the tests run as root (several
 * servers refuse to be root). Nothing of the system's configuration of that server is read or changed.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { testPki } from "../peers/certs.ts";
import { ServerProcess } from "../peers/child.ts";

/** What servers run as when the tests are root. */
const UNPRIVILEGED = { user: "nobody", group: "nogroup" } as const;

const isRoot = process.getuid?.() === 0;

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, UNPRIVILEGED.user], { encoding: "utf8" }));
}

/** Folders in which Debian has servers that are not on a user's PATH. */
const SERVER_FOLDERS = ["/usr/sbin", "/sbin", "/usr/lib/postgresql/15/bin", "/usr/lib/dovecot"];

/** The path of a server's program; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A folder, a user and a certificate for one server. */
export class Sandbox implements AsyncDisposable {
  readonly folder: string;
  /** Whom the server runs as. */
  readonly user: string;
  readonly group: string;
  /** The certificate's chain, valid for `localhost` and no other name, and its key. */
  readonly chain: string;
  readonly key: string;
  readonly #processes: ServerProcess[] = [];

  private constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `pyodide-ssl-${name}-`));
    this.user = isRoot ? UNPRIVILEGED.user : userInfo().username;
    this.group = isRoot ? UNPRIVILEGED.group : execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
    this.chain = join(this.folder, "chain.pem");
    this.key = join(this.folder, "key.pem");
  }

  /** @param name of the server, for the folder's name */
  static async create(name: string): Promise<Sandbox> {
    const leaf = (await testPki()).leaf("localhost-only");
    const sandbox = new Sandbox(name);
    sandbox.#give(sandbox.folder);
    copyFileSync(leaf.chain, sandbox.chain);
    copyFileSync(leaf.key, sandbox.key);
    for (const file of [sandbox.chain, sandbox.key]) sandbox.#give(file);
    chmodSync(sandbox.key, 0o600);
    return sandbox;
  }

  #give(path: string): void {
    if (isRoot) chownSync(path, idOf("-u"), idOf("-g"));
  }

  /** A path in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file that belongs to the server's user. Answers its path. */
  file(name: string, content: string): string {
    const path = this.path(name);
    writeFileSync(path, content, { mode: 0o600 });
    this.#give(path);
    return path;
  }

  /** Makes a folder that belongs to the server's user. Answers its path. */
  directory(name: string): string {
    const path = this.path(name);
    mkdirSync(path, { mode: 0o700 });
    this.#give(path);
    return path;
  }

  /** A command as the server's user. setpriv(1) ends it with this process, however that ends. */
  #asUser(program: string, parameters: readonly string[]): [command: string, parameters: string[]] {
    const path = findProgram(program);
    if (path === undefined) throw new Error(`${program} is not installed`);
    const user = isRoot ? ["--reuid", this.user, "--regid", this.group, "--clear-groups"] : [];
    return ["setpriv", [...user, "--pdeathsig", "TERM", "--", path, ...parameters]];
  }

  /** Runs a program to its end, as the server's user. */
  run(program: string, parameters: readonly string[], input = ""): string {
    const [command, all] = this.#asUser(program, parameters);
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", HOME: this.folder };
    return execFileSync(command, all, { input, encoding: "utf8", env, cwd: this.folder, stdio: "pipe" });
  }

  /** Starts the server; it ends with the sandbox. */
  start(program: string, parameters: readonly string[]): ServerProcess {
    const child = new ServerProcess(...this.#asUser(program, parameters));
    this.#processes.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes.reverse()) await child.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
