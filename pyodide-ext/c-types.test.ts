import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPython, installedPython } from "./installed.fixture.ts";

/** What becomes of each of these; the classes are made by `_c_types.py`. */
const ATTEMPTS = `
import _ssl, ssl

def outcome(function):
    try:
        return repr(function())
    except Exception as error:
        return f"{type(error).__name__}: {error}"

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations("/pki/root.pem")
connection = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")._sslobj

class Derived(ssl.SSLContext):
    _state = "its own"

derived = Derived(ssl.PROTOCOL_TLS_CLIENT)
{
    "set": outcome(lambda: setattr(_ssl._SSLContext, "x", 1)),
    "made": outcome(lambda: _ssl._SSLSocket()),
    "made by object": outcome(lambda: object.__new__(_ssl.Certificate)),
    "derived": outcome(lambda: type("Other", (_ssl.MemoryBIO,), {})),
    "works": outcome(lambda: [type(connection).__name__, connection.server_hostname, context.cert_store_stats()["x509"]]),
    "its own": outcome(lambda: [derived._state, derived.protocol]),
}
`;

describe("the classes of _ssl", () => {
  let python: InstalledPython;
  beforeAll(async () => {
    python = await installedPython();
  });
  afterAll(() => python[Symbol.dispose]());

  it("are immutable, closed and named as types of C, and keep nothing in a subclass's way", async () => {
    expect(await python.run(ATTEMPTS)).toEqual({
      set: "TypeError: cannot set 'x' attribute of immutable type '_ssl._SSLContext'",
      made: "TypeError: cannot create '_ssl._SSLSocket' instances",
      "made by object": "TypeError: cannot create '_ssl.Certificate' instances",
      derived: "TypeError: type '_ssl.MemoryBIO' is not an acceptable base type",
      works: "['_SSLSocket', 'localhost', 1]",
      "its own": "['its own', <_SSLMethod.PROTOCOL_TLS_CLIENT: 16>]",
    });
  });

  it("are not touched when a field is not where it is looked for", async () => {
    expect(
      await python.run(`
from pyodide_ssl import _c_types
before = _c_types._verify()
outcomes = []
for name in ("_NAME", "_BASIC_SIZE", "_FLAGS", "_BASE", "_INIT", "_ALLOC", "_NEW"):
    index = getattr(_c_types, name)
    setattr(_c_types, name, 1)  # ob_type: a word that is something else in every type
    outcomes.append(_c_types._verify())
    setattr(_c_types, name, index)
[before, outcomes]
`),
    ).toEqual([true, Array(7).fill(false)]);
  });
});

describe("the classes of _ssl where the memory of types is not to be touched", () => {
  let python: InstalledPython;
  beforeAll(async () => {
    python = await installedPython({}, "sys.modules['_ctypes'] = None");
  });
  afterAll(() => python[Symbol.dispose]());

  it("refuse what Python can refuse", async () => {
    expect(await python.run(ATTEMPTS)).toMatchObject({
      made: "TypeError: cannot create '_ssl._SSLSocket' instances",
      derived: "TypeError: type '_ssl.MemoryBIO' is not an acceptable base type",
      works: "['_SSLSocket', 'localhost', 1]",
    });
  });
});
