/** A folder out of a package of npm's registry that is no dependency: for tests alone, and by its SHA-512. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { publish, withScratch } from "./cache.ts";

const run = promisify(execFile);

/** A package fixed by its content. */
export interface NpmPin {
  /** `name@version`. */
  readonly spec: string;
  /** Of the tarball, in base64, as npm's `integrity` has it. */
  readonly sha512: string;
  /** The folder that is wanted, inside the package. */
  readonly folder: string;
}

/**
 * Puts the folder in its place. Answers the package's name and version.
 * @throws when the registry can't be reached, or the package is not the pinned one
 */
export function fetchFromNpm(
  { spec, sha512: pinned, folder: wanted }: NpmPin,
  place: string,
): Promise<string> {
  return withScratch(async (folder) => {
    const { stdout } = await run("npm", ["pack", spec, "--silent", "--pack-destination", folder], {
      cwd: folder,
    });
    const tarball = join(folder, stdout.trim());
    const sha512 = createHash("sha512").update(readFileSync(tarball)).digest("base64");
    if (sha512 !== pinned) throw new Error(`${spec} has SHA-512 ${sha512}, pinned is ${pinned}`);
    const inside = `package/${wanted}`;
    await run("tar", ["-xzf", tarball, "-C", folder, inside]);
    await publish(place, (temporary) => renameSync(join(folder, inside), temporary));
    return spec;
  });
}
