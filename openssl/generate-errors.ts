/** Names of OpenSSL's error libraries and reasons, from the files that CPython's Tools/ssl/make_ssl_data.py reads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

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
}

function matches(file: string, pattern: RegExp): RegExpMatchArray[] {
  return [...readFileSync(file, "utf8").matchAll(pattern)];
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
  const reasons = new Map<number, (readonly [number, string])[]>();
  for (const [, library, name, reason] of found) {
    const code = codeOf.get(library ?? "");
    if (code === undefined || ABSENT.has(library ?? "")) continue;
    const list = reasons.get(code) ?? [];
    list.push([Number(reason), name ?? ""]);
    reasons.set(code, list);
  }
  for (const list of reasons.values()) list.sort(([a], [b]) => a - b);
  return { libraries, reasons: new Map([...reasons].sort(([a], [b]) => a - b)) };
}
