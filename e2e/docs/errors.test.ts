/** docs/errors.md and the sources: what it quotes is there, and what is there it quotes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../vendor/cache.ts";
import { readDocument } from "./markdown.ts";

const PARTS = ["shim", "transports", "pyodide-ext", "worker", "gateway", "cli"];

/** Sections that quote OpenSSL's texts, which the oracle compares with native CPython. */
const OF_OPENSSL = ["Certificates", "TLS"];

interface Source {
  readonly file: string;
  readonly text: string;
}

/** The product's sources, with strings that go on in the next line put together, and what is filled in as `…`. */
const sources: readonly Source[] = PARTS.flatMap((part) =>
  readdirSync(join(ROOT, part), { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /\.(ts|py)$/.test(name) && !/\.(test|fixture)\.ts$|generated|deploy\/|test-peers/.test(name),
    )
    .map((name) => ({ file: join(part, name), text: joined(readFileSync(join(ROOT, part, name), "utf8")) })),
);

function joined(text: string): string {
  return text
    .replaceAll(/(["'`]) *\+?\n\s*(?:\+ *)?f?(["'`])/g, "")
    .replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, "…")
    .replaceAll(/\{[\w.!()', ]*\}/g, "…")
    .replaceAll('\\"', '"');
}

/** The parts of a text between what changes; punctuation at the ends says nothing. */
function fixedParts(text: string): string[] {
  return text
    .split("…")
    .map((part) => part.replaceAll(/^[\s:;,.()'"]+|[\s:;,.()'"]+$/g, ""))
    .filter((part) => part.length >= 4);
}

interface Quote {
  readonly section: string;
  readonly text: string;
}

/** The code spans in the first column of the tables. */
function quotes(): Quote[] {
  let section = "";
  return readDocument("docs/errors.md")
    .split("\n")
    .flatMap((line) => {
      section = /^## (.+)$/.exec(line)?.[1] ?? section;
      const first = /^\| ([^|]*) \|/.exec(line)?.[1] ?? "";
      return [...first.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => ({ section, text }));
    })
    .filter(
      ({ text }) => !/^\w*(Error|workerUrl)$|^(packages|crashed|exited|terminated|mountHost)$/.test(text),
    );
}

describe("docs/errors.md", () => {
  const ours = quotes().filter(({ section }) => !OF_OPENSSL.includes(section));

  it.each(ours)("quotes what the sources say: $text", ({ text }) => {
    const parts = fixedParts(text);
    expect(parts.length, "nothing to look for").toBeGreaterThan(0);
    const missing = parts.filter((part) => !sources.some(({ text: source }) => source.includes(part)));
    expect(missing).toEqual([]);
  });

  /** Errors that no user meets, by their file or a part of their text. */
  const INTERNAL: Readonly<Record<string, string>> = {
    "worker.node.js runs in a worker thread": "somebody runs the worker's script by hand",
    "only Node reads files": "a branch that only Node takes",
    "OpenSSL's C called exit": "inside the trap, which has its entry",
    "openssl.wasm could not be fetched from": "inside `pyodide-ssl could not load`",
    "names are resolved by the gateway, when connecting": "asked of a numeric lookup only",
    "a packet that only the handshake has": "a malformed packet closes the WebSocket",
    "a stream id that is taken": "a malformed packet closes the WebSocket",
    "start-up failed": "inside PythonStartError",
    "… (through …)": "put around other texts",
    "wrong options": "Node's own text comes in its place",
    ECONNREFUSED: "a code, with the system's text",
  };

  /** Texts that are natively the same: CPython's own, and the system's. */
  const AS_NATIVELY =
    /^(The connection|The other end|The sending side|Nobody is there|.*IPv|.*Name or service)/;

  const raised = sources.flatMap(({ file, text }) => {
    const pattern =
      /new (?:Error|TypeError|TransportError|PythonStartError|PythonFileError|SettingError|WorkerLostError|ConnectError)\(([^;]*?)(?:,? *\{ *cause|\);|\)\)|\) *,|\n *\))|raise (?:ConfigurationError|BlockingImpossibleError)\((.*)\)/gs;
    return [...text.matchAll(pattern)].flatMap((match) => {
      const literals = [...(match[1] ?? match[2] ?? "").matchAll(/(["'`])((?:(?!\1)[^\n])*)\1/g)].map(
        ([, , literal = ""]) => literal,
      );
      const longest = literals.sort((one, other) => other.length - one.length)[0] ?? "";
      return longest.length < 12 ? [] : [{ file, text: longest }];
    });
  });

  it("finds the errors in the sources", () => {
    expect(raised.length).toBeGreaterThan(50);
  });

  it("has every error that our own code raises", () => {
    const page = readDocument("docs/errors.md");
    const missing = raised.filter(({ text }) => {
      if (AS_NATIVELY.test(text) || Object.keys(INTERNAL).some((part) => text.includes(part))) return false;
      return !fixedParts(text).some((part) => part.length >= 8 && page.includes(part.slice(0, 60)));
    });
    expect(missing).toEqual([]);
  });
});
