import { loadPyodide } from "pyodide";
import { expect, it } from "vitest";
import { pythonBytecode } from "../scripts/bytecode.ts";
import { isOfOneBuild } from "./assets.ts";
import { packBytecode, unpackBytecode, withoutChecks } from "./bytecode.ts";
import { install } from "./install.ts";
import { sourceAssets } from "./installed.fixture.ts";

/** Notes which of our sources Python compiles. */
const WATCH = `
from importlib.machinery import SourceFileLoader
compiled = []
def watched(self, data, path, *, _own=SourceFileLoader.source_to_code):
    compiled.append(path.rpartition("/")[2])
    return _own(self, data, path)
SourceFileLoader.source_to_code = watched
`;

/** Notes what of Python's own library Python compiles. */
const WATCH_LIBRARY = `
import sys
compiled = []
def watch(event, arguments):
    if event == "compile" and str(arguments[1]).startswith("/lib/python314.zip/"):
        compiled.append(arguments[1].rpartition("/")[2])
sys.addaudithook(watch)
`;

/** What modules of the library tell about themselves, which is to be the same whoever ran them. */
const TOLD = `
import json, re, encodings.idna, selectors, socket, stringprep, threading
re.sub("0x[0-9a-f]+", "", str([
    (module.__name__, module.__doc__, module.__file__, module.__package__, module.__loader__, vars(module.__spec__))
    for module in (encodings.idna, selectors, socket, stringprep, threading)
]))
`;

it("is the same files after it was packed", () => {
  const files = { "ssl.py": new Uint8Array([1, 2, 3]), "pyodide_ssl/_a.py": new Uint8Array() };
  expect(Object.fromEntries(unpackBytecode(packBytecode(files)))).toEqual(files);
});

it("spares Python compiling, but for a source that is not the one that was compiled", async () => {
  const [pyodide, assets] = await Promise.all([loadPyodide(), sourceAssets()]);
  const { files } = assets.python;
  const bytecode = await pythonBytecode(files);
  const changes = (path: string) => ({ [path]: `${files[path] ?? ""}\nCHANGED = True\n` });
  const changed = {
    ...files,
    ...changes("pyodide_ssl/_errors.py"),
    ...changes("pyodide_ssl/_names.py"),
  };
  pyodide.runPython(WATCH);
  const installation = await install(pyodide, {
    assets: { ...assets, python: { files: changed, bytecode } },
  });
  expect(JSON.parse(pyodide.runPython("import json; json.dumps(compiled)") as string)).toEqual([
    "_errors.py",
    "_names.py",
  ]);
  expect(
    pyodide.runPython("from pyodide_ssl import _errors, _names; _errors.CHANGED and _names.CHANGED"),
  ).toBe(true);
  installation.close();
});

it("is ignored where it is another Python's", async () => {
  const [pyodide, assets] = await Promise.all([loadPyodide(), sourceAssets()]);
  const { files } = assets.python;
  const other = unpackBytecode(await pythonBytecode(files)).map(([path, bytes]) => {
    const copy = bytes.slice();
    copy[0] = (copy[0] ?? 0) ^ 1;
    return [path, copy] as const;
  });
  const python = { files, bytecode: packBytecode(Object.fromEntries(other)) };
  const installation = await install(pyodide, { assets: { ...assets, python } });
  expect(pyodide.runPython("import ssl; ssl.SSLContext.__mro__[1].__module__")).toBe("_ssl");
  installation.close();
});

it("spares Python compiling those modules of its library that an installation runs, which tell the same as before", async () => {
  const [pyodide, assets] = await Promise.all([loadPyodide(), sourceAssets()]);
  const { files } = assets.python;
  const bytecode = await pythonBytecode(files);
  const before: unknown = pyodide.runPython(TOLD);
  pyodide.runPython(`${WATCH_LIBRARY}\ndel sys.modules["encodings.idna"], sys.modules["stringprep"]`);
  const installation = await install(pyodide, { assets: { ...assets, python: { files, bytecode } } });
  expect(pyodide.runPython(TOLD)).toBe(before);
  expect(pyodide.runPython("json.dumps(compiled)")).toBe("[]");
  installation.close();
});

it("leaves to Python what of its library was compiled from another source", async () => {
  const [pyodide, assets] = await Promise.all([loadPyodide(), sourceAssets()]);
  const { files } = assets.python;
  const other = unpackBytecode(await pythonBytecode(files)).map(([path, bytes]) => {
    const copy = bytes.slice();
    // The first byte of the source's hash.
    if (path.startsWith("library/")) copy[8] = (copy[8] ?? 0) ^ 1;
    return [path, copy] as const;
  });
  pyodide.runPython(WATCH_LIBRARY);
  const python = { files, bytecode: packBytecode(Object.fromEntries(other)) };
  const installation = await install(pyodide, { assets: { ...assets, python } });
  expect(pyodide.runPython(`"b\u00fccher.example".encode("idna").decode()`)).toBe("xn--bcher-kva.example");
  expect(JSON.parse(pyodide.runPython("import json; json.dumps(compiled)") as string)).toEqual(
    expect.arrayContaining(["idna.py", "selectors.py", "socket.py", "stringprep.py", "threading.py"]),
  );
  installation.close();
});

it("spares Python reading its sources where both are files of one build, but for the library's", async () => {
  const [pyodide, assets] = await Promise.all([loadPyodide(), sourceAssets()]);
  const { files } = assets.python;
  const loaded = { files, bytecode: await pythonBytecode(files) };
  const python = Object.defineProperty(loaded, Symbol.for("pyodide-ssl.ofOneBuild"), {});
  expect([isOfOneBuild(python), isOfOneBuild({ ...python })]).toEqual([true, false]);
  pyodide.runPython(`
import sys
opened = []
def watch(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".py"):
        opened.append(arguments[0])
sys.addaudithook(watch)
`);
  const installation = await install(pyodide, { assets: { ...assets, python } });
  expect(pyodide.runPython("import json; json.dumps(opened)")).toBe("[]");
  expect(pyodide.runPython("ssl = __import__('ssl'); ssl.SSLContext.__mro__[1].__module__")).toBe("_ssl");
  expect(() => {
    pyodide.runPython("import pyodide_ssl.legacy, pyodide_ssl.nothing");
  }).toThrow("ModuleNotFoundError: No module named 'pyodide_ssl.nothing'");
  installation.close();
  const [[, own], [, theirs]] = unpackBytecode(
    withoutChecks(
      packBytecode({ "a.py": new Uint8Array(16).fill(3), "library/b.py": new Uint8Array(16).fill(3) }),
    ),
  ) as [[string, Uint8Array], [string, Uint8Array]];
  expect([own[4], theirs[4]]).toEqual([1, 3]);
});
