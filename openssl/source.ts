/** Gets the pinned source archive of OpenSSL: from the cache, from Debian, or from the project's release page. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DebianArchive, SUITES } from "../vendor/apt.ts";
import { ROOT } from "../vendor/cache.ts";
import { downloadPinned } from "../vendor/download.ts";

/** Everything that the build makes on its way; deleting it is always safe. */
export const CACHE = join(ROOT, ".cache", "openssl");

const PIN_FILE = join(import.meta.dirname, "pin.json");

/** Only patch levels of this line are taken: OpenSSL's long-term support until April 2030. */
const LINE = "3.5.";

/** Which source is built. */
export interface Pin {
  readonly version: string;
  /** Of the archive. */
  readonly sha256: string;
  /** The Debian source package whose `.orig` archive it is. */
  readonly debian: { readonly source: string; readonly version: string };
  /** The same archive where the open internet can be reached. */
  readonly url: string;
}

/** No route leads to the pinned source at present. Not a fault of the tree. */
export class SourceUnavailableError extends Error {
  override readonly name = "SourceUnavailableError";
}

/** The committed pin. */
export function readPin(): Pin {
  return JSON.parse(readFileSync(PIN_FILE, "utf8")) as Pin;
}

/** Commits to another source; the caller rebuilds. */
export function writePin(pin: Pin): void {
  const debian = JSON.stringify(pin.debian, null, 1).replace(/\n\s*/g, " ");
  const lines = [
    `"version": "${pin.version}"`,
    `"sha256": "${pin.sha256}"`,
    `"debian": ${debian}`,
    `"url": "${pin.url}"`,
  ];
  writeFileSync(PIN_FILE, `{\n  ${lines.join(",\n  ")}\n}\n`);
}

function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Tries every suite for one version of Debian's package; answers the archive's path, or why there is none. */
async function fromDebian(
  pin: Pick<Pin, "debian">,
  report: (line: string) => void,
): Promise<string | string[]> {
  const failures: string[] = [];
  for (const suite of SUITES) {
    try {
      const archive = await DebianArchive.open(suite, report, { withSources: true });
      if (!(await archive.sourceVersions(pin.debian.source)).includes(pin.debian.version)) continue;
      const folder = await archive.downloadSource(pin.debian.source, pin.debian.version);
      const file = readdirSync(folder).find((name) => name.endsWith(".orig.tar.gz"));
      if (file === undefined) throw new Error(`Debian ${suite} has no .orig.tar.gz of ${pin.debian.version}`);
      const kept = join(CACHE, file);
      copyFileSync(join(folder, file), kept);
      rmSync(folder, { recursive: true });
      return kept;
    } catch (error) {
      failures.push(message(error));
    }
  }
  return failures.length > 0
    ? failures
    : [`no Debian suite lists ${pin.debian.source} ${pin.debian.version}`];
}

/**
 * The path of the pinned archive, verified.
 * @throws {SourceUnavailableError} when no route has it
 */
export async function fetchSource(pin: Pin, report: (line: string) => void): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const place = join(CACHE, `openssl-${pin.version}.tar.gz`);
  if (existsSync(place) && sha256Of(place) === pin.sha256) return place;
  report(`fetching the source of OpenSSL ${pin.version} (53 MB)`);
  const found = await fromDebian(pin, report);
  if (typeof found === "string") {
    const sha256 = sha256Of(found);
    if (sha256 !== pin.sha256) throw new Error(`${found} has SHA-256 ${sha256}, pinned is ${pin.sha256}`);
    renameSync(found, place);
    return place;
  }
  try {
    writeFileSync(place, await downloadPinned(pin));
    return place;
  } catch (error) {
    const tried = [...found, message(error)].map((line) => `\n  - ${line}`).join("");
    throw new SourceUnavailableError(`the source of OpenSSL ${pin.version} can't be had from here:${tried}`);
  }
}

/** The patch level, as a number to sort by. */
function patchLevel(debianVersion: string): number {
  return Number(/^3\.5\.(\d+)/.exec(debianVersion)?.[1] ?? -1);
}

/**
 * The newest patch level of the line that Debian really has, its archive already in the cache.
 * @throws {SourceUnavailableError} when there is none
 */
export async function findNewest(report: (line: string) => void): Promise<Pin> {
  mkdirSync(CACHE, { recursive: true });
  const listed = new Set<string>();
  for (const suite of SUITES) {
    try {
      const archive = await DebianArchive.open(suite, report, { withSources: true });
      for (const version of await archive.sourceVersions("openssl"))
        if (version.startsWith(LINE)) listed.add(version);
    } catch (error) {
      report(message(error));
    }
  }
  for (const debianVersion of [...listed].sort((a, b) => patchLevel(b) - patchLevel(a))) {
    const version = `${LINE}${patchLevel(debianVersion)}`;
    const url = `https://github.com/openssl/openssl/releases/download/openssl-${version}/openssl-${version}.tar.gz`;
    const debian = { source: "openssl", version: debianVersion };
    const found = await fromDebian({ debian }, report);
    if (typeof found !== "string") {
      report(`${debianVersion} is listed, but its source can't be fetched: trying the patch level before it`);
      continue;
    }
    // apt has checked the archive against the signed index.
    const pin = { version, sha256: sha256Of(found), debian, url };
    renameSync(found, join(CACHE, `openssl-${version}.tar.gz`));
    return pin;
  }
  throw new SourceUnavailableError(`no Debian suite has a source of OpenSSL ${LINE}x that can be fetched`);
}
