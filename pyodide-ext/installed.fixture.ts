/** For tests: a Pyodide with this folder's sources installed, the test PKI at /pki and the vendored packages at /packages. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPyodide, type PyodideAPI } from "pyodide";
import { testPki } from "../e2e/peers/certs.ts";
import { trustStore } from "../scripts/assets.ts";
import { compileOpenSsl } from "../shim/openssl/index.ts";
import { PLACES, ROOT } from "../vendor/cache.ts";
import type { Assets } from "./assets.ts";
import { type Installation, type InstallOptions, install } from "./install.ts";

/** A Python with TLS in it. */
export interface InstalledPython extends Disposable {
  readonly pyodide: PyodideAPI;
  readonly installation: Installation;
  /** Runs Python that may block; answers its last expression, which is to be JSON-like, as data. */
  run(code: string): Promise<unknown>;
}

/** What the build puts into `dist/assets`, from the sources. */
export async function sourceAssets(): Promise<Assets> {
  const folder = join(ROOT, "pyodide-ext", "python");
  const python: Record<string, string> = { "ssl.py": readFileSync(PLACES.sslModule, "utf8") };
  for (const path of globSync("**/*.py", { cwd: folder }))
    python[path] = readFileSync(join(folder, path), "utf8");
  const openssl = await compileOpenSsl(readFileSync(join(ROOT, "openssl", "openssl.wasm")));
  return { openssl, roots: await trustStore(), python: { files: python } };
}

/** @param before Python to run before the installation */
export async function installedPython(
  options: Omit<InstallOptions, "assets"> = {},
  before = "",
): Promise<InstalledPython> {
  const [pyodide, assets, pki] = await Promise.all([loadPyodide(), sourceAssets(), testPki()]);
  pyodide.FS.mkdirTree("/pki");
  for (const entry of readdirSync(pki.folder, { withFileTypes: true })) {
    if (entry.isFile())
      pyodide.FS.writeFile(`/pki/${entry.name}`, readFileSync(join(pki.folder, entry.name)));
  }
  pyodide.mountNodeFS("/packages", PLACES.packages);
  pyodide.runPython("import sys; sys.path.append('/packages')");
  pyodide.runPython(before);
  const installation = await install(pyodide, { ...options, assets });
  return {
    pyodide,
    installation,
    run: async (code) => {
      const names = pyodide.globals as unknown as { set(name: string, value: unknown): void };
      names.set("_code", code);
      const text = (await pyodide.runPythonAsync(RUN)) as string;
      return JSON.parse(text) as unknown;
    },
    [Symbol.dispose]: () => installation.close(),
  };
}

/** A test's names are its own; what it leaves behind is collected. */
const RUN = `
import ast, gc, json
def _run(code):
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    names = {"__name__": "test"}
    exec(compile(tree, "<test>", "exec"), names)
    return json.dumps(last and eval(compile(ast.Expression(last.value), "<test>", "eval"), names), default=repr)
_result = _run(_code)
gc.collect()
_result
`;
