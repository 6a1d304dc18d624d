/**
 * Our Python files and `ssl.py`, compiled: Python takes that for what it would compile itself, which is half of what `install()`
 * takes. And those modules of Python's library that run after `install()`, of which Pyodide has the sources only. Each `.pyc` has its
 * source's hash in it (PEP 552, checked): of a changed source Python uses the source.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadPyodide } from "pyodide";
import { packBytecode } from "../pyodide-ext/bytecode.ts";
import { pathInPackage, SITE_PACKAGES } from "../pyodide-ext/python-tree.ts";
import { isSupported } from "../pyodide-ext/python-version.ts";
import { ROOT } from "../vendor/cache.ts";
import { PYTHON_MINOR } from "../vendor/python-version.ts";
import { PYODIDE_VERSION } from "../worker/versions.ts";

/** What few programs import, or only late. */
const LEFT_OUT = /^pyodide_ssl\/(_cli|_deactivate|_install|_legacy_match_hostname|legacy)\.py$/;

/** Of Python's library: what runs again on our `_thread` and `_socket`, and the codec for host names. */
const LIBRARY = ["threading", "socket", "selectors", "encodings.idna", "stringprep"];

const COMPILE = `
import importlib.util
from importlib._bootstrap_external import _code_to_hash_pyc

def compiled(data, path):
    return _code_to_hash_pyc(importlib.machinery.SourceFileLoader("", path).source_to_code(data, path), importlib.util.source_hash(data))

def pyc(path, source=None):
    if source is not None:
        return compiled(source.encode(), path)
    spec = importlib.util.find_spec(path)
    return compiled(spec.loader.get_data(spec.origin), spec.origin)
pyc
`;

interface PythonBytes extends Disposable {
  toJs(): Uint8Array;
}

/** Compiles by Pyodide's own Python. Takes seconds, so the result is kept by the sources' hash. */
async function compiled(sources: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const pyodide = await loadPyodide();
  using pyc = pyodide.runPython(COMPILE) as ((path: string, source?: string) => PythonBytes) & Disposable;
  const entries = Object.entries(sources).map(([path, source]) => {
    using bytes = pyc(`${SITE_PACKAGES}/${pathInPackage(path)}`, source);
    return [path, bytes.toJs()] as const;
  });
  const library = LIBRARY.map((name) => {
    using bytes = pyc(name);
    return [`library/${name}.py`, bytes.toJs()] as const;
  });
  return packBytecode(Object.fromEntries([...entries, ...library]));
}

/** The asset `bytecode.bin`: without files where the build is for another Python than the one that could compile them here. */
export async function pythonBytecode(all: Readonly<Record<string, string>>): Promise<Uint8Array> {
  if (PYTHON_MINOR !== "3.14" || !isSupported(PYODIDE_VERSION)) return packBytecode({});
  const sources = Object.fromEntries(Object.entries(all).filter(([path]) => !LEFT_OUT.test(path)));
  const what = JSON.stringify([PYODIDE_VERSION, COMPILE, LIBRARY, sources]);
  const hash = createHash("sha256").update(what).digest("hex").slice(0, 16);
  const kept = join(ROOT, "build", `bytecode-${hash}.bin`);
  if (!existsSync(kept)) {
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, await compiled(sources));
  }
  return readFileSync(kept);
}
