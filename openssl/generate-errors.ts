/** Names of OpenSSL's error libraries and reasons, from the files that CPython's Tools/ssl/make_ssl_data.py reads. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { plainText } from "../shim/openssl/error-names.ts";

/** Libraries that this build leaves out: their reasons can't occur. */
const ABSENT = new Set([
  "ASYNC",
  "CMP",
  "CMS",
  "CRMF",
  "CT",
  "DSA",
  "DSO",
  "ENGINE",
  "ESS",
  "HTTP",
  "OCSP",
  "SM2",
  "TS",
]);

/** Library and reason names by code. */
export interface ErrorNames {
  readonly libraries: readonly (readonly [name: string, code: number])[];
  readonly reasons: ReadonlyMap<number, readonly (readonly [reason: number, name: string])[]>;
  /** The texts that are not what {@link plainText} makes of the name, by library. */
  readonly texts: ReadonlyMap<number, readonly (readonly [reason: number, text: string])[]>;
  /** The names and texts of reasons that all libraries share. */
  readonly common: readonly (readonly [name: string, text: string])[];
}

function matches(file: string, pattern: RegExp): RegExpMatchArray[] {
  return [...readFileSync(file, "utf8").matchAll(pattern)];
}

/** The texts of reasons in OpenSSL's C, by `LIBRARY_R_NAME`. */
function readTexts(source: string): Map<string, string> {
  const files = ["crypto/**/*err.c", "providers/common/provider_err.c"].flatMap((pattern) =>
    globSync(pattern, { cwd: source }),
  );
  const entries = files.flatMap((file) =>
    matches(join(source, file), /ERR_PACK\(ERR_LIB_\w+, 0, (\w+)\),\s*"([^"]*)"/g),
  );
  return new Map(entries.map(([, name, text]) => [name ?? "", text ?? ""]));
}

/** Reads err.h (libraries), openssl.txt (reasons) and openssl.ec (reasons that stand for a peer's alerts). */
export function readErrorNames(source: string): ErrorNames {
  const libraries = matches(join(source, "include/openssl/err.h"), /^# *define +ERR_LIB_(\w+)\s+(\d+)/gm).map(
    ([, name, code]) => [name ?? "", Number(code)] as const,
  );
  const codeOf = new Map(libraries);
  const found = [
    ...matches(join(source, "crypto/err/openssl.txt"), /^(\w+?)_R_(\w+):(\d+):/gm),
    ...matches(join(source, "crypto/err/openssl.ec"), /^R\s+(\w+?)_R_(\w+)\s+(\d+)/gm),
  ];
  const allTexts = readTexts(source);
  const reasons = new Map<number, (readonly [number, string])[]>();
  const texts = new Map<number, (readonly [number, string])[]>();
  for (const [, library, name, reason] of found) {
    const code = codeOf.get(library ?? "");
    if (code === undefined || ABSENT.has(library ?? "")) continue;
    const list = reasons.get(code) ?? [];
    list.push([Number(reason), name ?? ""]);
    reasons.set(code, list);
    const text = allTexts.get(`${library}_R_${name}`);
    if (text === undefined) throw new Error(`OpenSSL has no text for ${library}_R_${name}`);
    if (text !== plainText(name ?? "")) texts.set(code, [...(texts.get(code) ?? []), [Number(reason), text]]);
  }
  for (const list of reasons.values()) list.sort(([a], [b]) => a - b);
  const common = matches(join(source, "crypto/err/err.c"), /\{ (ERR_R_\w+),\s*"([^"]*)" \}/g).map(
    ([, name, text]) => [name ?? "", text ?? ""] as const,
  );
  return { libraries, reasons: new Map([...reasons].sort(([a], [b]) => a - b)), texts, common };
}
