/**
 * Builds openssl.wasm: OpenSSL for wasm32-wasi, linked with the C in glue/, and generates shim/openssl/generated/.
 *
 * The result depends on the pinned source, the files of this folder and the compiler's version, on nothing else: not on
 * the folder, the machine or the time. `--verify` shows it by building again in a new folder.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { MemoryFiles, OpenSsl } from "../shim/openssl/index.ts";
import { ABSENT_FLAGS } from "./absent.ts";
import { generate, readExports, staleFiles, writeGenerated } from "./generate.ts";
import { HOT_OPTIMISATION, hotObjects } from "./hot.ts";
import { CONFIGURE_OPTIONS } from "./options.ts";
import { compileSimd, internalHeaders, SIMD_DEFINES, SIMD_FLAGS, withoutRelaxedSimd } from "./simd-build.ts";
import {
  CACHE,
  fetchSource,
  findNewest,
  type Pin,
  readPin,
  SourceUnavailableError,
  writePin,
} from "./source.ts";
import { compileTables, TABLES_FLAGS, withoutTables } from "./tables-build.ts";
import {
  COMPILER,
  EMULATIONS,
  GLUE,
  missingPackages,
  OPTIMISATION,
  SMALL,
  TARGET_FLAGS,
  toolchain,
} from "./toolchain.ts";
import { weights, weightsTable } from "./weights.ts";

const HELP = `Usage: node openssl/build.ts [--verify | --update | --plain FILE [FLAG…] | --help]

Builds openssl/openssl.wasm from the pinned source and writes shim/openssl/generated/.

  --verify   build in a new folder and compare with what is committed, byte by byte.
             Exit status: 0 the same, 1 different, 3 could not be rebuilt here (the reason is printed)
  --update   move the pin to the newest patch level of OpenSSL 3.5 that can be had, and build
  --plain    build OpenSSL's own C alone, with these flags of the compiler's (-O3 without any), into FILE: what bench/records
             compares with
`;

const WASM = join(import.meta.dirname, "openssl.wasm");
const MANIFEST = join(import.meta.dirname, "manifest.json");
const LICENSE = join(import.meta.dirname, "openssl.LICENSE.txt");

/** Exit status of `--verify` when there is nothing to compare with. */
const SKIPPED = 3;

/** What a build is made of besides OpenSSL's source. */
interface Recipe {
  /** The compiler's flags for OpenSSL's C. */
  readonly flags: readonly string[];
  /** Whether it is ours: simd/ in the place of OpenSSL's own ciphers, and hot.ts's files compiled for speed. */
  readonly isOurs: boolean;
}

/** What is read before each file of OpenSSL's; copied among its headers, so that no path gets into the wasm. */
const RAISE = "raise.h";

const RECIPE: Recipe = { flags: [...SMALL, `-include${RAISE}`, ...SIMD_DEFINES], isOurs: true };

/** Functions of OpenSSL's whose calls come to `glue/certificates.c`. */
const WRAPPED = [
  "d2i_X509",
  "X509_verify",
  "ossl_statem_client_process_message",
  "ossl_statem_server_process_message",
];

/** The linker's flags. No `-O` here: with it clang runs whichever wasm-opt the machine has. */
const LINK_FLAGS = [
  // A library: _initialize() instead of main().
  "-mexec-model=reactor",
  // Below the data, so that an overflow traps instead of overwriting it. OpenSSL's deepest stacks are ML-DSA's.
  "-Wl,--stack-first,-z,stack-size=524288",
  // Addresses stay positive as 32-bit integers, and a leak ends in an error instead of taking the machine's memory.
  "-Wl,--max-memory=1073741824",
  "-Wl,--strip-all",
  // Numbers as short as they can be written: a tenth of the file. `-Wl,-O2` is the linker's own, and runs no wasm-opt.
  "-Wl,-O2,--compress-relocations",
  ...WRAPPED.map((name) => `-Wl,--wrap=${name}`),
];

const startedAt = performance.now();

function progress(line: string): void {
  console.log(`[openssl ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

/** Runs a command; its output goes to a log, whose end is shown when the command fails. */
async function run(
  folder: string,
  program: string,
  parameters: readonly string[],
  onLine?: () => void,
): Promise<void> {
  // No locale, no time zone, no flags of the user's: the environment must not show in the result.
  const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC", SOURCE_DATE_EPOCH: "0" };
  const child = spawn(program, parameters, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log.push(text);
      for (const _ of text.matchAll(/\n/g)) onLine?.();
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return;
  console.error(log.join("").split("\n").slice(-40).join("\n"));
  throw new Error(`${program} failed with status ${code}; the lines above say why`);
}

/** Unpacks, configures and compiles OpenSSL in `folder`; answers the folder of the built tree. */
async function compileOpenSsl(pin: Pin, archive: string, folder: string, recipe: Recipe): Promise<string> {
  const source = join(folder, "source");
  mkdirSync(source, { recursive: true });
  progress(`unpacking OpenSSL ${pin.version}`);
  await run(folder, "tar", ["-xzf", archive, "-C", source, "--strip-components=1"]);
  progress("configuring");
  // A function that WASI lacks fails the link if it is really needed, and not the compilation of what is never linked.
  const flags = [...recipe.flags, "-Wno-error=implicit-function-declaration", ...TARGET_FLAGS.slice(1)];
  copyFileSync(join(import.meta.dirname, "wasi.conf"), join(source, "pyodide-ssl.conf"));
  copyFileSync(join(GLUE, RAISE), join(source, "include", RAISE));
  const target = ["--config=pyodide-ssl.conf", "wasm32-wasi-clang"];
  await run(source, "perl", ["Configure", ...target, ...CONFIGURE_OPTIONS, ...flags]);
  let lines = 0;
  const count = (): void => {
    if (++lines % 200 === 0) progress(`compiling (${lines} steps)`);
  };
  const jobs = `-j${availableParallelism()}`;
  await run(source, "make", [jobs, "build_generated"], count);
  if (recipe.isOurs) {
    // Compiled already, they are left as they are when the libraries are made.
    const hot = hotObjects(readFileSync(join(source, "Makefile"), "utf8"));
    const hotFlags = flags.map((flag) => (SMALL.includes(flag) ? HOT_OPTIMISATION : flag));
    const isDefine = (flag: string): boolean => flag.startsWith("-D");
    await run(
      source,
      "make",
      [jobs, `CFLAGS=${hotFlags.filter((flag) => !isDefine(flag)).join(" ")}`, ...hot],
      count,
    );
  }
  await run(source, "make", [jobs, "libssl.a", "libcrypto.a"], count);
  return source;
}

/** Compiles the C that is ours and links everything; answers the wasm's path. */
async function link(source: string, folder: string, recipe: Recipe): Promise<string> {
  progress("linking with the C that is ours");
  const units = readdirSync(GLUE)
    .filter((name) => name.endsWith(".c"))
    .sort();
  const flags = [...TARGET_FLAGS, ...OPTIMISATION, "-Wall", "-Wextra", "-Werror", ...internalHeaders(source)];
  for (const unit of units)
    await run(GLUE, COMPILER, [...flags, "-c", unit, "-o", join(folder, `${unit}.o`)]);
  const tables = await compileTables(source, folder, run);
  const simd = recipe.isOurs ? await compileSimd(source, folder, run) : [];
  const wasm = join(folder, "openssl.wasm");
  await run(folder, COMPILER, [
    ...TARGET_FLAGS,
    ...LINK_FLAGS,
    ...TABLES_FLAGS,
    ...(recipe.isOurs ? ABSENT_FLAGS : []),
    ...readExports().map((name) => `-Wl,--export=${name}`),
    ...units.map((unit) => `${unit}.o`),
    // Before the archives: what these define is not looked for there.
    ...tables,
    ...simd,
    join(source, "libssl.a"),
    join(source, "libcrypto.a"),
    ...EMULATIONS.map((name) => `-lwasi-emulated-${name.toLowerCase().replaceAll("_", "-")}`),
    `-Wl,-Map=${wasm}.map`,
    "-o",
    wasm,
  ]);
  return wasm;
}

interface Built {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** What each part weighs, as a table. */
  readonly weights: string;
  readonly license: string;
  readonly generated: ReadonlyMap<string, string>;
  readonly manifest: string;
}

function describe(pin: Pin, wasm: Uint8Array<ArrayBuffer>): string {
  const brotli = brotliCompressSync(wasm, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length },
  });
  const manifest = {
    openssl: pin.version,
    source: { sha256: pin.sha256 },
    wasm: {
      sha256: createHash("sha256").update(wasm).digest("hex"),
      bytes: wasm.length,
      brotliBytes: brotli.length,
    },
    imports: WebAssembly.Module.imports(new WebAssembly.Module(wasm)).map(
      ({ module, name }) => `${module}.${name}`,
    ),
    flags: [...TARGET_FLAGS, ...RECIPE.flags],
    hotFlags: [HOT_OPTIMISATION],
    simdFlags: SIMD_FLAGS,
    linkFlags: LINK_FLAGS,
    configure: CONFIGURE_OPTIONS,
    toolchain: toolchain(),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Starts it once: an import that the shim does not provide fails here and not in a user's page. */
function checkStarts(wasm: Uint8Array<ArrayBuffer>): void {
  OpenSsl.instantiate(new WebAssembly.Module(wasm), { files: new MemoryFiles(), env: () => undefined });
}

/** Where a compiled OpenSSL is kept, so that a change in the C that is ours takes seconds. `--verify` starts from nothing. */
function keptTree(pin: Pin): string {
  const conf = readFileSync(join(import.meta.dirname, "wasi.conf"), "utf8");
  const files = ["hot.ts", join("glue", RAISE)].map((name) =>
    readFileSync(join(import.meta.dirname, name), "utf8"),
  );
  const facts = [pin.sha256, CONFIGURE_OPTIONS, RECIPE.flags, TARGET_FLAGS, toolchain(), conf, files];
  const name = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  return join(CACHE, `compiled-${name}`);
}

/** The compiled OpenSSL of an earlier run, or a new one, which takes the place of any earlier one. */
async function compileOrReuse(pin: Pin, folder: string): Promise<string> {
  const kept = keptTree(pin);
  if (existsSync(kept)) {
    progress("OpenSSL is compiled already");
    return kept;
  }
  const source = await compileOpenSsl(pin, await fetchSource(pin, progress), folder, RECIPE);
  for (const name of readdirSync(CACHE).filter((entry) => entry.startsWith("compiled-")))
    rmSync(join(CACHE, name), { recursive: true, force: true });
  renameSync(source, kept);
  return kept;
}

async function build(pin: Pin, folder: string, mayReuse: boolean): Promise<Built> {
  const source = mayReuse
    ? await compileOrReuse(pin, folder)
    : await compileOpenSsl(pin, await fetchSource(pin, progress), folder, RECIPE);
  const path = await link(source, folder, RECIPE);
  const map = readFileSync(`${path}.map`, "utf8");
  const wasm = withoutTables(withoutRelaxedSimd(path), map);
  progress("reading OpenSSL's headers");
  const generated = generate(source, folder);
  checkStarts(wasm);
  const license = readFileSync(join(source, "LICENSE.txt"), "utf8");
  return {
    wasm,
    weights: weightsTable(weights(map, source)),
    license,
    generated,
    manifest: describe(pin, wasm),
  };
}

/** Lets `use` build in a new folder, which is removed afterwards. */
async function inNewFolder<R>(use: (folder: string) => Promise<R>): Promise<R> {
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(`tools are missing; as root: apt-get install ${missing.join(" ")}`);
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "build-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const buildAfresh = (pin: Pin): Promise<Built> => inNewFolder((folder) => build(pin, folder, false));
const buildQuickly = (pin: Pin): Promise<Built> => inNewFolder((folder) => build(pin, folder, true));

/** OpenSSL's own C, to measure ours against. */
async function buildPlain(file: string, flags: readonly string[]): Promise<void> {
  const recipe = { flags: flags.length > 0 ? flags : OPTIMISATION, isOurs: false };
  await inNewFolder(async (folder) => {
    const pin = readPin();
    const source = await compileOpenSsl(pin, await fetchSource(pin, progress), folder, recipe);
    copyFileSync(await link(source, folder, recipe), file);
  });
  progress(`${file}: OpenSSL's own C, ${recipe.flags.join(" ")}`);
}

function keep(built: Built): void {
  writeFileSync(WASM, built.wasm);
  writeFileSync(LICENSE, built.license);
  writeFileSync(MANIFEST, built.manifest);
  writeGenerated(built.generated);
  console.log(`\n${built.weights}\n`);
  progress(`openssl.wasm: ${(built.wasm.length / 1e6).toFixed(2)} MB; see openssl/manifest.json`);
}

/** Says why nothing was compared, so that nobody takes it for a success. */
function skip(reason: string): number {
  console.log(`SKIPPED: openssl.wasm was not rebuilt: ${reason}`);
  return SKIPPED;
}

/** Whether the committed manifest says the same; how small brotli gets is up to Node's version of it. */
function sameManifest(made: string): boolean {
  const facts = (text: string): string => text.replace(/"brotliBytes": \d+/, "");
  return facts(readFileSync(MANIFEST, "utf8")) === facts(made);
}

/** Rebuilds and compares; answers the exit status. */
async function verify(): Promise<number> {
  const missing = missingPackages();
  if (missing.length > 0) return skip(`tools are missing (apt-get install ${missing.join(" ")})`);
  const committed = JSON.parse(readFileSync(MANIFEST, "utf8")) as { toolchain: Record<string, string> };
  const here = toolchain();
  const other = Object.keys(here).filter((tool) => here[tool] !== committed.toolchain[tool]);
  if (other.length > 0) {
    const differences = other.map(
      (tool) => `${tool} is ${here[tool]}, it was built with ${committed.toolchain[tool]}`,
    );
    return skip(differences.join("; "));
  }
  let built: Built;
  try {
    built = await buildAfresh(readPin());
  } catch (error) {
    if (error instanceof SourceUnavailableError) return skip(error.message);
    throw error;
  }
  const isSame = (file: string, content: Uint8Array | string): boolean =>
    existsSync(file) && readFileSync(file).equals(Buffer.from(content));
  const different = [
    ...(isSame(WASM, built.wasm) ? [] : ["openssl/openssl.wasm"]),
    ...(isSame(LICENSE, built.license) ? [] : ["openssl/openssl.LICENSE.txt"]),
    ...(sameManifest(built.manifest) ? [] : ["openssl/manifest.json"]),
    ...staleFiles(built.generated).map((name) => `shim/openssl/generated/${name}`),
  ];
  for (const name of different)
    console.error(`${name} is not what the sources make; run: npm run openssl:build`);
  if (different.length === 0) progress("the committed files are what the sources make, byte by byte");
  return different.length === 0 ? 0 : 1;
}

async function update(): Promise<void> {
  const before = readPin();
  const newest = await findNewest(progress);
  if (newest.sha256 === before.sha256) progress(`OpenSSL ${before.version} is the newest that can be had`);
  else progress(`from OpenSSL ${before.version} to ${newest.version}`);
  const built = await buildAfresh(newest);
  writePin(newest);
  keep(built);
}

// Flags of the compiler's begin with a dash, as options do: they are what comes after --plain and its file.
const words = process.argv.slice(2);
const plainAt = words.indexOf("--plain");
const { values } = parseArgs({
  args: plainAt < 0 ? words : words.slice(0, plainAt),
  options: {
    verify: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
try {
  if (values.help) process.stdout.write(HELP);
  else if (plainAt >= 0) await buildPlain(resolve(words[plainAt + 1] ?? ""), words.slice(plainAt + 2));
  else if (values.verify) process.exitCode = await verify();
  else if (values.update) await update();
  else keep(await buildQuickly(readPin()));
} catch (error) {
  console.error(`openssl build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
