/**
 * The surface of `_ssl` against native CPython's: `ssl-surface.json` lists every name, class member, signature and constant
 * of Python 3.14.8's (with OpenSSL 3.6, Debian's build). What differs is listed with its reason in `ssl-surface-differences.json`;
 * anything else that differs fails, and so does an entry here that no difference needs.
 *
 * What a list can't hold (documentation, texts, what may be set, called, derived, copied) is compared with native CPython
 * itself, by `conformance/oracle`: `types_described`, `types_immutable`, `constants` and those beside them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../vendor/cache.ts";
import { type InstalledPython, installedPython } from "./installed.fixture.ts";

/** `signature` is `__text_signature__`, as Argument Clinic writes it. */
type Member = readonly [kind: string, signature: string | null];

interface Surface {
  /** Constants with their value, functions with their signature, classes with null. */
  readonly _ssl: Readonly<Record<string, readonly [type: string, value: unknown]>>;
  readonly classes: Readonly<
    Record<string, { readonly bases: readonly string[]; readonly members: Readonly<Record<string, Member>> }>
  >;
  /** The names of `ssl`. */
  readonly ssl_all: readonly string[];
}

const copy = readFileSync(new URL("ssl-surface.json", import.meta.url), "utf8");
const native = JSON.parse(copy) as Surface;

/** Where the list comes from; it stands beside the checkout where there is one. */
const REFERENCE = join(ROOT, "..", "shared", "reference", "_ssl-3.14.8.json");

/** The differences that are right, each with its reason; docs/deviations.md is made from them. */
interface Differences {
  /** Constants whose values are others. */
  readonly values: Readonly<Record<string, string>>;
  /** What stands for a member of C's kind, and why: descriptors of C need functions of C (docs/decisions/0008-types-of-c.md). */
  readonly kinds: Readonly<Record<string, readonly [here: string, reason: string]>>;
  /** Members whose signature reads otherwise. */
  readonly signatures: Readonly<Record<string, string>>;
  /** Names of `ssl` that Python 3.14.8's has and that of Pyodide's release has not, or the other way round. */
  readonly names: Readonly<Record<string, string>>;
}

const {
  values: OTHER_VALUES,
  kinds: KINDS,
  signatures: OTHER_SIGNATURES,
  names: OTHER_SSL_NAMES,
} = JSON.parse(readFileSync(new URL("ssl-surface-differences.json", import.meta.url), "utf8")) as Differences;

let python: InstalledPython;
let here: Surface;
beforeAll(async () => {
  python = await installedPython();
  here = (await python.run(`
import _ssl, ssl

def describe(value):
    if isinstance(value, type):
        return ["class", None]
    if callable(value):
        return ["function", getattr(value, "__text_signature__", None)]
    return [type(value).__name__, value]

def is_hidden(name):
    return name.startswith("__") and name.endswith("__")

names = {name: describe(value) for name, value in vars(_ssl).items() if not is_hidden(name)}
classes = {
    name: {
        "bases": [base.__name__ for base in cls.__bases__],
        "members": {
            key: [type(member).__name__, getattr(member, "__text_signature__", None)]
            for key, member in vars(cls).items()
            if key not in ("__doc__", "__module__")
        },
    }
    for name, cls in vars(_ssl).items() if isinstance(cls, type)
}
{"_ssl": names, "classes": classes, "ssl_all": sorted(name for name in dir(ssl) if not name.startswith("__"))}
`)) as Surface;
});
afterAll(() => python[Symbol.dispose]());

/** Clinic breaks long signatures into lines. */
function onOneLine(signature: string | null): string | null {
  return signature && signature.replace(/\s+/g, " ");
}

describe("the list", () => {
  it.skipIf(!existsSync(REFERENCE))("is the reference that stands beside the checkout, if one does", () => {
    expect(JSON.parse(readFileSync(REFERENCE, "utf8"))).toEqual(native);
  });
});

describe("_ssl", () => {
  it("has exactly the names that the native module has", () => {
    expect(Object.keys(here._ssl).sort()).toEqual(Object.keys(native._ssl).sort());
  });

  it.each(Object.entries(native._ssl))("%s is what it is natively", (name, [type, value]) => {
    const mine = here._ssl[name];
    expect(mine?.[0]).toBe(type);
    if (name in OTHER_VALUES) expect(mine?.[1], "no difference any more").not.toEqual(value);
    else expect(mine?.[1]).toEqual(value);
  });

  it("has exactly the native classes", () => {
    expect(Object.keys(here.classes).sort()).toEqual(Object.keys(native.classes).sort());
  });

  describe.each(Object.entries(native.classes))("%s", (name, { bases, members }) => {
    it("has the native bases", () => {
      expect(here.classes[name]?.bases).toEqual(bases);
    });

    it("has exactly the native members", () => {
      expect(Object.keys(here.classes[name]?.members ?? {}).sort()).toEqual(Object.keys(members).sort());
    });

    it.each(Object.entries(members))("%s is of the native kind and signature", (key, [kind, signature]) => {
      const [myKind, mySignature] = here.classes[name]?.members[key] ?? [];
      expect(myKind).toBe(KINDS[kind]?.[0] ?? kind);
      if (`${name}.${key}` in OTHER_SIGNATURES) {
        expect(mySignature, "no difference any more").not.toEqual(onOneLine(signature));
      } else expect(onOneLine(mySignature ?? null)).toEqual(onOneLine(signature));
    });
  });
});

describe("ssl", () => {
  it("has exactly the native names", () => {
    const mine = new Set(here.ssl_all);
    const differing = [...native.ssl_all.filter((name) => !mine.delete(name)), ...mine];
    expect(differing.sort()).toEqual(Object.keys(OTHER_SSL_NAMES).sort());
  });
});

describe("the differences that are right", () => {
  const kinds = new Set(
    Object.values(native.classes).flatMap(({ members }) => Object.values(members).map(([kind]) => kind)),
  );

  it("are of things that there are", () => {
    const unknown = [
      ...Object.keys(OTHER_VALUES).filter((name) => !(name in native._ssl)),
      ...Object.keys(KINDS).filter((kind) => !kinds.has(kind)),
      ...Object.keys(OTHER_SIGNATURES).filter((place) => {
        const [name = "", key = ""] = place.split(".");
        return native.classes[name]?.members[key] === undefined;
      }),
    ];
    expect(unknown).toEqual([]);
  });
});
