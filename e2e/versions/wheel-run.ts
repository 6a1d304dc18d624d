/** The wheel, and what it and `install()` say where they can't work, in one version of Pyodide on Node. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { wheelName } from "../../scripts/wheel.ts";
import { distOf } from "../../vendor/cache.ts";
import { pyodideFolder, pythonOfPyodide } from "../../vendor/pyodide-versions.ts";
import type { HttpsSite } from "../package/https-site.ts";

type Pyodide = import("pyodide").PyodideAPI;

async function freshPython(version: string, report: (line: string) => void): Promise<Pyodide> {
  const folder = await pyodideFolder(version, report);
  const { loadPyodide } = (await import(
    pathToFileURL(join(folder, "pyodide.mjs")).href
  )) as typeof import("pyodide");
  return loadPyodide({ indexURL: folder });
}

function unpackWheel(pyodide: Pyodide, python: string): void {
  const extractDir = pyodide.runPython("import site; site.getsitepackages()[0]") as string;
  pyodide.unpackArchive(new Uint8Array(readFileSync(join(distOf(python), wheelName()))), "wheel", {
    extractDir,
  });
}

/** Installs the wheel, uses it, uninstalls, and installs again. @throws {Error} what did not hold */
export async function wheelRound(
  version: string,
  site: HttpsSite,
  report: (line: string) => void,
): Promise<void> {
  const pyodide = await freshPython(version, report);
  unpackWheel(pyodide, pythonOfPyodide(version));
  pyodide.FS.writeFile("/tmp/ca.pem", site.ca);
  await pyodide.runPythonAsync(`
import ssl, socket, sys, urllib.request, pyodide_ssl
stub, finders = ssl.OPENSSL_VERSION, list(sys.meta_path)
for _ in range(2):
    pyodide_ssl.install(ca="/tmp/ca.pem")
    assert ssl.OPENSSL_VERSION.startswith("OpenSSL 3.5"), ssl.OPENSSL_VERSION
    with urllib.request.urlopen("https://localhost:${site.port}/") as response:
        assert response.read() == b"hello over TLS"
    pyodide_ssl.uninstall()
    assert (ssl.OPENSSL_VERSION, sys.meta_path) == (stub, finders), ssl.OPENSSL_VERSION
`);
}

/** What a Pyodide that is not supported is told: by `createPython()`, by `install()`, and by the wheel. */
export async function refusals(version: string, report: (line: string) => void): Promise<readonly string[]> {
  const python = "3.14";
  const { createPython, install } = (await import(
    pathToFileURL(join(distOf(python), "index.node.js")).href
  )) as typeof import("pyodide-ssl");
  const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
  const pyodideUrl = pathToFileURL(join(await pyodideFolder(version, report), "pyodide.mjs"));
  const ofWorker = await createPython({ pyodideUrl, stderr: () => undefined }).then(
    () => "nothing",
    messageOf,
  );
  const pyodide = await freshPython(version, report);
  const ofInstall = await install(pyodide).then(() => "nothing", messageOf);
  unpackWheel(pyodide, python);
  const ofWheel = await pyodide
    .runPythonAsync("import pyodide_ssl; await pyodide_ssl.install_async()")
    .then(() => "nothing", messageOf);
  return [ofWorker, ofInstall, ofWheel.trim().split("\n").at(-1) ?? ""];
}
