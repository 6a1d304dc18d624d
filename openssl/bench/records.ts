/**
 * `npm run bench:records`: TLS 1.3's record layer in our build beside OpenSSL's own C at its best flags, which is built for
 * it once. Builds take turns in each round; what is compared is the fastest lot of records of all rounds, so that a busy machine
 * spoils little.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { markdownTable } from "../../bench/statistics.ts";
import { makeCertificate } from "../../shim/openssl/certificate.fixture.ts";
import { CACHE, readPin } from "../source.ts";
import { Build } from "./record-layer.ts";

const HELP = `Usage: npm run bench:records -- [--rounds N] [--milliseconds N] [--against NAME=FILE.wasm]…

  --rounds        how often each build is measured (default: 7)
  --milliseconds  how long each time (default: 60)
  --against       other builds of openssl.wasm to measure; without it the plain ones, which are built when they are not there
  --ours          another build to measure as ours
`;

/** The sets of flags that suit OpenSSL's own C best, each for some of its ciphers: which one depends on the cipher. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  "plain -O3": ["-O3"],
  "plain -O3 -mbulk-memory": ["-O3", "-mbulk-memory"],
  "plain -O3 -msimd128, no SLP": ["-O3", "-msimd128", "-fno-slp-vectorize"],
};

const SIZES = [16_384, 1_024, 64];

/** How many times the best plain build's speed is aimed at, for SSL_read. */
const SUITES: Readonly<Record<string, readonly [at16K: number, at1K: number, at64: number]>> = {
  TLS_AES_128_GCM_SHA256: [2.7, 1.6, 1],
  TLS_AES_256_GCM_SHA384: [2.5, 1.6, 1],
  TLS_CHACHA20_POLY1305_SHA256: [2.5, 1.6, 1],
};

/** Paths of the plain builds, by their names. */
function plainBuilds(): Record<string, string> {
  mkdirSync(CACHE, { recursive: true });
  const paths: Record<string, string> = {};
  for (const [name, flags] of Object.entries(PLAIN)) {
    const path = join(CACHE, `plain-${readPin().version}${flags.join("")}.wasm`);
    if (!existsSync(path)) {
      const script = join(import.meta.dirname, "..", "build.ts");
      const { status } = spawnSync(process.execPath, [script, "--plain", path, ...flags], {
        stdio: "inherit",
      });
      if (status !== 0) throw new Error(`OpenSSL's own C could not be built with ${flags.join(" ")}`);
    }
    paths[name] = path;
  }
  return paths;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    milliseconds: { type: "string", default: "60" },
    against: { type: "string", multiple: true },
    ours: { type: "string", default: join(import.meta.dirname, "..", "openssl.wasm") },
    help: { type: "boolean" },
  },
});

/** MB/s, by build. */
type Samples = Map<string, { read: number[]; write: number[] }>;

async function main(): Promise<void> {
  const others = values.against
    ? Object.fromEntries(values.against.map((pair) => pair.split("=") as [string, string]))
    : plainBuilds();
  const certificate = makeCertificate();
  const builds = [await Build.open("ours", values.ours, certificate)];
  for (const [name, path] of Object.entries(others)) builds.push(await Build.open(name, path, certificate));
  const rows: string[][] = [];
  for (const [suite, targets] of Object.entries(SUITES)) {
    for (const [index, size] of SIZES.entries()) {
      const samples: Samples = new Map(builds.map(({ name }) => [name, { read: [], write: [] }]));
      // Round 0 warms up and does not count.
      for (let round = 0; round <= Number(values.rounds); round++) {
        for (const build of builds) {
          const speed = build.measure(suite, size, Number(values.milliseconds));
          if (round === 0) continue;
          samples.get(build.name)?.read.push(speed.read / 1e6);
          samples.get(build.name)?.write.push(speed.write / 1e6);
        }
      }
      const all = [...samples.values()].map(({ read, write }) => ({
        read: Math.max(...read),
        write: Math.max(...write),
      }));
      const [ours, ...plain] = all;
      if (ours === undefined) continue;
      const ratio = (way: "read" | "write"): string =>
        `${(ours[way] / Math.max(...plain.map((speed) => speed[way]))).toFixed(2)}×`;
      const speeds = all.map(({ read, write }) => `${read.toFixed(0)} / ${write.toFixed(0)}`);
      rows.push([suite, String(size), ...speeds, ratio("read"), ratio("write"), `≥ ${targets[index]}×`]);
    }
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? "?"}; MB/s, SSL_read / SSL_write\n`,
  );
  const head = ["suite", "record", ...builds.map(({ name }) => name), "read", "write", "target"];
  console.log(markdownTable(head, rows));
}

if (values.help) process.stdout.write(HELP);
else await main();
