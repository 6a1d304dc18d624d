/**
 * Debian packages of any suite, without root and without touching the machine's own apt: the ordinary apt client with a
 * private configuration, lists and archives in the cache. apt checks the archive's signature, and each file by its hash.
 *
 * Follows apt.conf(5), sources.list(5), apt-get(8). The mirror is the machine's own, read at run time.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CACHE } from "./cache.ts";

const run = promisify(execFile);

/** Debian's archive keys, as its own package installs them. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Suites in the order they are asked: the next release, which has the newest packages, then what moves, then stable. */
export const SUITES = ["forky", "sid", "trixie"] as const;
export type Suite = (typeof SUITES)[number];

/** Package lists younger than this are not fetched again. */
const LISTS_FRESH_MS = 12 * 3_600_000;

/** Why a package could not be had; `message` says what was tried. */
class AptError extends Error {
  override readonly name = "AptError";
}

/** One downloaded package: where its `.deb` is, and which version it was. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

function firstLine(error: unknown): string {
  const stderr = (error as { stderr?: string }).stderr ?? "";
  const line = stderr.split("\n").find((text) => text.startsWith("E:")) ?? String(error).split("\n")[0];
  return (line ?? "unknown failure").trim();
}

/** The base URL of the machine's Debian mirror, from its own apt configuration; undefined where it has none. */
function findMirror(): string | undefined {
  const targets = spawnSync(
    "apt-get",
    ["indextargets", "--format", "$(SITE) $(COMPONENT)", "Created-By: Packages"],
    { encoding: "utf8" },
  );
  if (targets.status !== 0) return undefined;
  const sites = targets.stdout
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([site, component]) => component === "main" && /\/debian\/?$/.test(site ?? ""))
    .map(([site]) => site ?? "");
  return sites[0];
}

/** A Debian archive reached by the machine's apt client under a private configuration. */
export class DebianArchive {
  readonly #configuration: string;
  readonly #folder: string;
  readonly #report: (line: string) => void;
  readonly #versions = new Map<string, string[]>();

  private constructor(folder: string, configuration: string, report: (line: string) => void) {
    this.#folder = folder;
    this.#configuration = configuration;
    this.#report = report;
  }

  /**
   * Opens one suite of the archive and makes sure that its package list is fresh.
   * @param withSources also list source packages, for {@link downloadSource}
   * @throws {AptError} when this is no Debian machine, or its mirror can't be reached or has no such suite
   */
  static async open(
    suite: Suite,
    report: (line: string) => void,
    { withSources = false } = {},
  ): Promise<DebianArchive> {
    if (!existsSync(KEYRING)) throw new AptError("this machine has no Debian archive keyring");
    const mirror = findMirror();
    if (mirror === undefined) throw new AptError("no Debian mirror in this machine's apt sources");
    const folder = join(CACHE, "apt", withSources ? `${suite}-sources` : suite);
    for (const name of ["lists/partial", "archives/partial"])
      mkdirSync(join(folder, name), { recursive: true });
    const kinds = withSources ? ["deb", "deb-src"] : ["deb"];
    const lines = kinds.map((kind) => `${kind} [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
    writeFileSync(join(folder, "sources.list"), lines.join(""));
    const configuration = join(folder, "apt.conf");
    // Read after the machine's own configuration: keeps its proxy, drops its hooks, which may need root.
    writeFileSync(
      configuration,
      `Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}";
Dir::State::lists "${folder}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${folder}";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Log "${folder}";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::CNF;
`,
    );
    const archive = new DebianArchive(folder, configuration, report);
    await archive.#refresh(suite);
    return archive;
  }

  async #apt(
    program: "apt-get" | "apt-cache",
    parameters: readonly string[],
    cwd = this.#folder,
  ): Promise<string> {
    const { stdout } = await run(program, ["-c", this.#configuration, ...parameters], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      maxBuffer: 64 << 20,
    });
    return stdout;
  }

  async #refresh(suite: Suite): Promise<void> {
    const stamp = join(this.#folder, "refreshed");
    if (existsSync(stamp) && Date.now() - statSync(stamp).mtimeMs < LISTS_FRESH_MS) return;
    this.#report(`reading the package list of Debian ${suite}`);
    try {
      await this.#apt("apt-get", ["update", "-qq"]);
    } catch (error) {
      throw new AptError(`the package list of Debian ${suite} could not be read: ${firstLine(error)}`);
    }
    const lists = readdirSync(join(this.#folder, "lists"));
    if (!lists.some((name) => name.includes("_Packages"))) {
      throw new AptError(`the mirror has no Debian ${suite}`);
    }
    writeFileSync(stamp, "");
  }

  /** The versions of a package that the suite lists, newest first. */
  async versions(name: string): Promise<readonly string[]> {
    const known = this.#versions.get(name);
    if (known !== undefined) return known;
    const table = await this.#apt("apt-cache", ["madison", name]);
    const rows = table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const versions = rows
      .filter(([found, , origin]) => found === name && !(origin ?? "").endsWith("Sources"))
      .map(([, version]) => version ?? "");
    this.#versions.set(name, [...new Set(versions)]);
    return this.#versions.get(name) ?? [];
  }

  /**
   * Downloads one package. A pool file may lag behind the list: then the next version listed is taken.
   * @throws {AptError} when the suite lists no such package, or none of its versions can be fetched
   */
  async download(name: string): Promise<DebianPackage> {
    const versions = await this.versions(name);
    if (versions.length === 0) throw new AptError(`Debian lists no package ${name}`);
    let failure: unknown;
    for (const version of versions) {
      const folder = mkdtempSync(join(this.#folder, "archives", `${name}-`));
      try {
        await this.#apt("apt-get", ["download", "-qq", `${name}=${version}`], folder);
        const file = readdirSync(folder).find((entry) => entry.endsWith(".deb"));
        if (file !== undefined) return { name, version, file: join(folder, file) };
      } catch (error) {
        failure = error;
        rmSync(folder, { recursive: true, force: true });
        this.#report(`${name} ${version} is listed but can't be fetched; trying the next version`);
      }
    }
    throw new AptError(`${name} could not be fetched: ${firstLine(failure)}`);
  }

  /** Downloads packages and unpacks their files below `folder`. Nothing is installed and no script of theirs runs. */
  async unpack(names: readonly string[], folder: string): Promise<DebianPackage[]> {
    mkdirSync(folder, { recursive: true });
    const packages: DebianPackage[] = [];
    for (const name of names) {
      const found = await this.download(name);
      await run("dpkg-deb", ["--extract", found.file, folder]);
      rmSync(dirname(found.file), { recursive: true });
      packages.push(found);
    }
    return packages;
  }

  /** The versions of a source package that the suite lists, in no order. The archive must be opened `withSources`. */
  async sourceVersions(name: string): Promise<readonly string[]> {
    const table = await this.#apt("apt-cache", ["madison", name]);
    const rows = table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const versions = rows.filter(([found, , origin]) => found === name && (origin ?? "").endsWith("Sources"));
    return [...new Set(versions.map(([, version]) => version ?? ""))];
  }

  /**
   * Downloads the upstream archives of a source package (its `.orig` files) without unpacking them.
   * The archive must be opened `withSources`.
   * @returns the folder that holds them
   */
  async downloadSource(name: string, version: string): Promise<string> {
    const folder = mkdtempSync(join(this.#folder, "archives", `${name}-source-`));
    const options = ["source", "-qq", "--download-only", "--tar-only"];
    try {
      await this.#apt("apt-get", [...options, `${name}=${version}`], folder);
      return folder;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw new AptError(`the source of ${name} ${version} could not be fetched: ${firstLine(error)}`);
    }
  }
}
