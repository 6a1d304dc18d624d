/** Names and texts of OpenSSL's error codes, which are not in the wasm. Names are as CPython's `SSLError.library` and `.reason` have them. */
import { ERR_LIB_MASK, ERR_LIB_OFFSET, ERR_LIB_SYS, ERR_REASON_MASK } from "./generated/constants.ts";
import { LIBRARY_NAMES, REASON_NAMES, REASON_TEXTS } from "./generated/errors.ts";

/** Set in codes whose reason is an errno: `ERR_SYSTEM_FLAG` of err.h. */
const SYSTEM_FLAG = 0x8000_0000;
const SYSTEM_MASK = 0x7fff_ffff;

/** `ERR_GET_LIB`. */
export function errorLibrary(code: number): number {
  return isSystemError(code) ? ERR_LIB_SYS : (code >>> ERR_LIB_OFFSET) & ERR_LIB_MASK;
}

/** `ERR_GET_REASON`. For a system error it is the errno (WASI's number). */
export function errorReason(code: number): number {
  return isSystemError(code) ? code & SYSTEM_MASK : code & ERR_REASON_MASK;
}

/** `ERR_SYSTEM_ERROR`: the code stands for an errno. */
export function isSystemError(code: number): boolean {
  return (code & SYSTEM_FLAG) !== 0;
}

function parse(words: string): Map<number, string> {
  const parts = words.split(" ");
  const names = new Map<number, string>();
  for (let index = 0; index + 1 < parts.length; index += 2)
    names.set(Number(parts[index]), parts[index + 1] ?? "");
  return names;
}

let libraries: Map<number, string> | undefined;
const reasons = new Map<number, Map<number, string>>();

/** `"SSL"`, `"PEM"`, …; `undefined` for a library without a name. */
export function libraryName(code: number): string | undefined {
  libraries ??= parse(LIBRARY_NAMES);
  return libraries.get(errorLibrary(code));
}

/** `"CERTIFICATE_VERIFY_FAILED"`, …; `undefined` for a reason without a name, as those common to all libraries. */
export function reasonName(code: number): string | undefined {
  const library = errorLibrary(code);
  let names = reasons.get(library);
  if (names === undefined) {
    names = parse(REASON_NAMES.find(([entry]) => entry === library)?.[1] ?? "");
    reasons.set(library, names);
  }
  return names.get(errorReason(code));
}

/** The text of most reasons: their name in small letters. */
export function plainText(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("_", " ")
    .replace(/^sslv3 alert /, "ssl/tls alert ");
}

/** `ERR_reason_error_string`: `"certificate verify failed"`; `undefined` for a reason without a text, as those of the system. */
export function reasonText(code: number): string | undefined {
  if (isSystemError(code)) return undefined;
  const textOf = (library: number): string | undefined =>
    REASON_TEXTS.find((entry) => entry[0] === library && entry[1] === errorReason(code))?.[2];
  const name = reasonName(code);
  return textOf(errorLibrary(code)) ?? (name === undefined ? textOf(0) : plainText(name));
}
