/**
 * The surface of `_ssl` against native CPython's: `ssl-surface.json` lists every name, class member, signature and constant
 * of Python 3.14.8's (with OpenSSL 3.6, Debian's build). What differs is listed here with its reason, and nothing else may.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPython, installedPython } from "./installed.fixture.ts";

type Member = readonly [kind: string, signature: string | null];

interface Surface {
  readonly _ssl: Readonly<Record<string, readonly [type: string, value: unknown]>>;
  readonly classes: Readonly<
    Record<string, { readonly bases: readonly string[]; readonly members: Readonly<Record<string, Member>> }>
  >;
  readonly ssl_all: readonly string[];
}

const native = JSON.parse(readFileSync(new URL("ssl-surface.json", import.meta.url), "utf8")) as Surface;

/** Constants whose values are others, and why. */
const OTHER_VALUES: Readonly<Record<string, string>> = {
  OPENSSL_VERSION: "OpenSSL 3.5 LTS here",
  OPENSSL_VERSION_INFO: "OpenSSL 3.5 LTS here",
  OPENSSL_VERSION_NUMBER: "OpenSSL 3.5 LTS here",
  _OPENSSL_API_VERSION: "OpenSSL 3.5 LTS here",
  _DEFAULT_CIPHERS: "Debian configures CPython with OpenSSL's own list; here it is CPython's",
};

/** Members that only types written in Python have: what they hold, and what refuses instances and subclasses. */
const PYTHON_MEMBERS = new Set([
  "__init_subclass__",
  "__slots__",
  "__static_attributes__",
  "__firstlineno__",
]);

/** The kind of a member of a Python class that stands for one of C's. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  builtin_function_or_method: ["staticmethod", "function"],
  getset_descriptor: ["getset_descriptor"],
  method_descriptor: ["function"],
  wrapper_descriptor: ["function"],
  NoneType: ["NoneType"],
};

/** Signatures that read otherwise, and why. */
const OTHER_SIGNATURES: Readonly<Record<string, string>> = {
  "Certificate.public_bytes": "the default is the number that the name Encoding.PEM stands for",
  "MemoryBIO.__new__": "refuses arguments itself, with native texts",
  "_SSLContext.__new__": "checks the number of arguments itself, with native texts",
  "_SSLSocket.read": "native has none: the second argument is optional and positional",
};

let python: InstalledPython;
let here: Surface;
beforeAll(async () => {
  python = await installedPython();
  here = (await python.run(`
import _ssl, inspect, ssl

def signature(member):
    if isinstance(member, staticmethod):
        member = member.__func__
    try:
        return str(inspect.signature(member))
    except (TypeError, ValueError):
        return None

def describe(value):
    if isinstance(value, type):
        return ["class", None]
    if callable(value):
        return ["function", signature(value)]
    return [type(value).__name__, value]

names = {name: describe(value) for name, value in vars(_ssl).items() if not (name.startswith("__") and name.endswith("__"))}
classes = {
    name: {
        "bases": [base.__name__ for base in cls.__bases__],
        "members": {key: [type(member).__name__, signature(member)] for key, member in vars(cls).items()},
    }
    for name, cls in vars(_ssl).items() if isinstance(cls, type)
}
{"_ssl": names, "classes": classes, "ssl_all": sorted(name for name in dir(ssl) if not name.startswith("__"))}
`)) as Surface;
});
afterAll(() => python[Symbol.dispose]());

/** `($self, /, a, b=1)` as `inspect` writes it. */
function plain(signature: string): string {
  return signature
    .replace(/\$(self|module|type)(, \/)?,?\s*/, "")
    .replace(/\s+/g, " ")
    .replace("(, ", "(");
}

/** The same without the first parameter, which C's methods show as `$self`. */
function withoutSelf(signature: string): string {
  return signature.replace(/\((self|cls|string)?(, \/)?,?\s*/, (all, name: string | undefined) =>
    name === "string" ? all : "(",
  );
}

/** Whether positional-only marks stand differs where everything is positional: compared are names and defaults. */
function parameters(signature: string): string[] {
  return signature
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "/");
}

describe("_ssl", () => {
  it("has exactly the names that the native module has", () => {
    expect(Object.keys(here._ssl).sort()).toEqual(Object.keys(native._ssl).sort());
  });

  it.each(Object.entries(native._ssl))("%s is what it is natively", (name, [type, value]) => {
    const mine = here._ssl[name];
    expect(mine?.[0]).toBe(type);
    if (name in OTHER_VALUES) expect(mine?.[1]).not.toEqual(value);
    else if (type === "function") {
      expect(parameters(mine?.[1] as string)).toEqual(parameters(plain(value as string)));
    } else expect(mine?.[1]).toEqual(value);
  });

  describe.each(Object.entries(native.classes))("%s", (name, { bases, members }) => {
    it("has the native bases", () => {
      expect(here.classes[name]?.bases).toEqual(bases);
    });

    it("has the native members, and none that a program would take for public", () => {
      const mine = here.classes[name]?.members ?? {};
      const extra = Object.keys(mine).filter((key) => !(key in members));
      const visible = extra.filter((key) => !key.startsWith("_"));
      expect(visible).toEqual([]);
      const dunders = extra.filter((key) => key.startsWith("__") && !PYTHON_MEMBERS.has(key));
      expect(dunders.filter((key) => !["__new__", "__doc__", "__module__"].includes(key))).toEqual([]);
      expect(Object.keys(members).filter((key) => !(key in mine))).toEqual([]);
    });

    it.each(Object.entries(members))("%s is of the native kind and signature", (key, [kind, signature]) => {
      const mine = here.classes[name]?.members[key];
      if (key !== "__weakref__") expect(KINDS[kind]).toContain(mine?.[0]);
      const place = `${name}.${key}`;
      if (signature === null || place in OTHER_SIGNATURES || kind === "wrapper_descriptor") return;
      expect(parameters(withoutSelf(mine?.[1] ?? ""))).toEqual(parameters(plain(signature)));
    });
  });
});

describe("ssl", () => {
  it("has the native public names", () => {
    expect(native.ssl_all.filter((name) => !here.ssl_all.includes(name))).toEqual([]);
  });
});
