/**
 * The target `cpython`: a native CPython 3.14 as the oracle of `conformance/`. An installed one is used as it is; else
 * Debian's is unpacked with the libraries it needs and run by its own dynamic loader: no root, nothing installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DebianArchive, SUITES } from "./apt.ts";
import { PLACES, publish } from "./cache.ts";
import { PYTHON_MINOR } from "./python-version.ts";
import { type Route, takeFirst } from "./routes.ts";

/** What the interpreter, `_ssl`, `_hashlib` and the standard library's network modules link against. */
const DEBIAN_PACKAGES = [
  `python${PYTHON_MINOR}-minimal`,
  `libpython${PYTHON_MINOR}-minimal`,
  `libpython${PYTHON_MINOR}-stdlib`,
  "libc6",
  "libssl3t64",
  "libexpat1",
  "zlib1g",
  "libzstd1",
  "libbz2-1.0",
  "liblzma5",
  "libffi8",
  "libuuid1",
];

/** How to start a native CPython: `spawn(command, [...args, "script.py"], { env })`. */
export interface NativePython {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing of the machine's that could change what TLS does. */
  readonly env: Readonly<Record<string, string>>;
}

const PLAIN_ENVIRONMENT = {
  PATH: "/usr/bin:/bin",
  LANG: "C.UTF-8",
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONPATH: PLACES.packages,
  // The machine's openssl.cnf would change protocol and cipher defaults; the wasm build reads none.
  OPENSSL_CONF: "/dev/null",
} as const;

function unpackedPython(): NativePython | undefined {
  const usr = join(PLACES.nativePython, "usr");
  if (!existsSync(join(usr, "bin", `python${PYTHON_MINOR}`))) return undefined;
  const triplet = readdirSync(join(usr, "lib")).find((name) => name.endsWith("-linux-gnu"));
  if (triplet === undefined) return undefined;
  const libraries = join(usr, "lib", triplet);
  const loader = readdirSync(libraries).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  if (loader === undefined) return undefined;
  return {
    command: join(libraries, loader),
    args: ["--library-path", libraries, join(usr, "bin", `python${PYTHON_MINOR}`)],
    env: { ...PLAIN_ENVIRONMENT, PYTHONHOME: usr },
  };
}

/** The version if `python` runs, is of the right minor, and has a working `ssl`. */
function checkPython(python: NativePython): string | undefined {
  const script =
    "import sys, ssl, socket, ctypes; print(sys.version.split()[0], 'with', ssl.OPENSSL_VERSION)";
  const { status, stdout } = spawnSync(python.command, [...python.args, "-c", script], {
    encoding: "utf8",
    env: python.env,
  });
  return status === 0 && stdout.startsWith(`${PYTHON_MINOR}.`) ? stdout.trim() : undefined;
}

function installedPython(): NativePython | undefined {
  const script = "import sys; print(sys.executable)";
  const found = spawnSync(`python${PYTHON_MINOR}`, ["-I", "-c", script], { encoding: "utf8" });
  if (found.status !== 0) return undefined;
  return { command: found.stdout.trim(), args: [], env: PLAIN_ENVIRONMENT };
}

/** The native CPython 3.14 of this machine, installed or vendored; undefined when there is none yet. */
export function nativePython(): NativePython | undefined {
  return [unpackedPython(), installedPython()].find(
    (python) => python !== undefined && checkPython(python) !== undefined,
  );
}

function routes(report: (line: string) => void): Route[] {
  return [
    {
      name: "installed CPython",
      take: async () => {
        const python = installedPython();
        return python === undefined ? undefined : checkPython(python);
      },
    },
    ...SUITES.map(
      (suite): Route => ({
        name: `Debian ${suite}`,
        take: async () => {
          const archive = await DebianArchive.open(suite, report);
          if ((await archive.versions(`python${PYTHON_MINOR}-minimal`)).length === 0) return undefined;
          await publish(PLACES.nativePython, (temporary) => archive.unpack(DEBIAN_PACKAGES, temporary));
          const python = unpackedPython();
          const version = python === undefined ? undefined : checkPython(python);
          if (version === undefined) throw new Error("what was unpacked does not run here");
          return version;
        },
      }),
    ),
  ];
}

/** Makes sure that {@link nativePython} has an answer. */
export async function vendorNativePython(report: (line: string) => void): Promise<void> {
  if (nativePython() !== undefined) return;
  const taken = await takeFirst(
    `A native CPython ${PYTHON_MINOR}`,
    routes(report),
    `Install Python ${PYTHON_MINOR}, or run this on a Debian machine that reaches Debian's packages.`,
  );
  report(`native CPython from ${taken}`);
}
