/** `hashlib.pbkdf2_hmac`, which Pyodide lacks, against Node's. */
import { pbkdf2Sync } from "node:crypto";
import { loadPyodide } from "pyodide";
import { afterAll, beforeAll, expect, it } from "vitest";
import { install } from "./install.ts";
import { type InstalledPython, installedPython, sourceAssets } from "./installed.fixture.ts";

let python: InstalledPython;
beforeAll(async () => {
  python = await installedPython();
});
afterAll(() => python[Symbol.dispose]());

const long =
  "a password that is longer than one block of the hash function is, in bytes, and so is hashed first, ".repeat(
    2,
  );

it.each([
  ["sha1", "password", "salt", 2, 20],
  ["sha256", "password", "salt", 4096, 32],
  ["sha512", "", "", 1, 100],
  ["sha256", long, "salt", 3, 31],
  ["md5", "ünïcode", long, 5, 1],
  ["sha3-256", "password", "salt", 2, 64],
] as const)(
  "hashlib.pbkdf2_hmac with %s derives what OpenSSL derives",
  async (name, password, salt, iterations, length) => {
    const expected = pbkdf2Sync(password, salt, iterations, length, name).toString("hex");
    const parameters = JSON.stringify([name.replace("-", "_"), password, salt, iterations, length]);
    const code = `
import hashlib, json
name, password, salt, iterations, length = json.loads(${JSON.stringify(parameters)})
hashlib.pbkdf2_hmac(name, password.encode(), salt.encode(), iterations, length).hex()`;
    expect(await python.run(code)).toBe(expected);
  },
);

it("without a length it is as long as the hash, and what can't be is refused in CPython's words", async () => {
  const outcome = await python.run(`
import hashlib
def refused(*arguments):
    try:
        return hashlib.pbkdf2_hmac(*arguments).hex()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
[len(hashlib.pbkdf2_hmac("sha384", b"a", memoryview(b"b"), iterations=1)), "pbkdf2_hmac" in hashlib.__all__,
 *(refused(*arguments) for arguments in [
    ("sha256", b"a", b"b", 0), ("sha256", b"a", b"b", 1, 0), ("sha256", b"a", b"b", 1, 1 << 40), ("sha256", b"a", b"b", 1 << 40),
    (3, b"a", b"b", 1), ("sha256", b"a", b"b", 2.5), ("shake_128", b"a", b"b", 1), ("foo", b"a", b"b", 1)])]`);
  expect(outcome).toEqual([
    48,
    true,
    "ValueError: iteration value must be greater than 0.",
    "ValueError: key length must be greater than 0.",
    "OverflowError: key length is too great.",
    "OverflowError: iteration value is too great.",
    "TypeError: pbkdf2_hmac() argument 'hash_name' must be str, not int",
    "TypeError: 'float' object cannot be interpreted as an integer",
    "ValueError: key length must be greater than 0.",
    "ValueError: unsupported hash type foo",
  ]);
});

it("who has imported hashlib before has it too, and hashlib tells the same of itself as without", async () => {
  const told = "(lambda spec: [str(spec.loader), spec.origin, spec.cached])(hashlib.__spec__)";
  const pyodide = await loadPyodide();
  const alone: unknown = JSON.parse(pyodide.runPython(`import hashlib, json\njson.dumps(${told})`) as string);
  const installation = await install(pyodide, { assets: await sourceAssets() });
  expect(pyodide.runPython("hashlib.pbkdf2_hmac('sha1', b'a', b'b', 1).hex()")).toBe(
    pbkdf2Sync("a", "b", 1, 20, "sha1").toString("hex"),
  );
  installation.close();
  const withoutAddress = (value: unknown) => JSON.stringify(value).replace(/0x[0-9a-f]+/g, "");
  const ours = await python.run(`import hashlib\n${told}`);
  expect(withoutAddress(ours)).toBe(withoutAddress(alone));
});
