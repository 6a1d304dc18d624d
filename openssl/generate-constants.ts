/**
 * Values of OpenSSL's macros and enumerators. The compiler evaluates them: a file that holds them in a table is compiled
 * for the same target, and the table is read out of the resulting wasm.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMPILER, TARGET_FLAGS } from "./toolchain.ts";

const HEADERS = ["ssl", "err", "x509", "x509_vfy", "x509v3", "objects", "asn1", "opensslv"];

/** Macros that are taken when their name fits: what `_ssl` shows, and what the shim compares with. */
const PATTERNS = [
  /^SSL_(ERROR|OP|MODE|AD|VERIFY|FILETYPE|SESS_CACHE|SENT|RECEIVED|TLSEXT_ERR)_[A-Za-z0-9_]+$/,
  /^SSL_R_(CERTIFICATE_VERIFY_FAILED|UNEXPECTED_EOF_WHILE_READING|NO_CIPHER_MATCH|BAD_LENGTH|PROTOCOL_IS_SHUTDOWN)$/,
  /^SSL_(NOTHING|WRITING|READING|X509_LOOKUP)$/,
  /^(SSL3|TLS1|TLS1_1|TLS1_2|TLS1_3)_VERSION$/,
  /^SSL3_(RT|MT)_[A-Z0-9_]+$/,
  /^TLSEXT_NAMETYPE_host_name$/,
  /^X509_V_(OK|ERR_[A-Z0-9_]+|FLAG_[A-Z0-9_]+)$/,
  /^X509_CHECK_FLAG_[A-Z0-9_]+$/,
  /^X509_R_CERT_ALREADY_IN_HASH_TABLE$/,
  /^X509_PURPOSE_SSL_(CLIENT|SERVER)$/,
  /^PEM_R_(NO_START_LINE|BAD_PASSWORD_READ|BAD_DECRYPT)$/,
  /^ERR_(LIB|R)_[A-Z0-9_]+$/,
  /^ERR_(REASON_MASK|LIB_MASK|LIB_OFFSET|SYSTEM_FLAG|SYSTEM_MASK)$/,
  /^GEN_[A-Z0-9]+$/,
  /^V_ASN1_[A-Z0-9_]+$/,
  /^(XN_FLAG|ASN1_STRFLGS)_[A-Z0-9_]+$/,
  /^NID_(ad_OCSP|ad_ca_issuers|subject_alt_name|info_access|crl_distribution_points|undef|commonName)$/,
  /^OPENSSL_(VERSION_NUMBER|VERSION_MAJOR|VERSION_MINOR|VERSION_PATCH|VERSION)$/,
  /^BIO_(NOCLOSE|CLOSE|FLAGS_SHOULD_RETRY)$/,
];

/** Enumerators, which are no macros. */
const ENUMERATORS = ["X509_LU_X509", "X509_LU_CRL"];

/** Macros that fit but hold a string, a type or nothing. */
const NOT_NUMBERS = /^(GEN_.*_fields|ERR_LIB_MASK_.*|X509_V_FLAG_.*_TEXT)$/;

/** Reads all of them, sorted by name. */
export function readConstants(source: string, scratch: string): ReadonlyMap<string, bigint> {
  const unit = join(scratch, "constants.c");
  const includes = HEADERS.map((header) => `#include <openssl/${header}.h>\n`).join("");
  writeFileSync(unit, includes);
  const flags = [...TARGET_FLAGS, `-I${join(source, "include")}`];
  const macros = execFileSync(COMPILER, [...flags, "-E", "-dM", unit], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  const names = [...macros.matchAll(/^#define (\w+) +\S/gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => PATTERNS.some((pattern) => pattern.test(name)) && !NOT_NUMBERS.test(name));
  const all = [...new Set([...names, ...ENUMERATORS])].sort();
  const table = all.map((name) => `  (long long)(${name}),\n`).join("");
  writeFileSync(unit, `${includes}const long long values[] = {\n${table}};\n`);
  const wasm = join(scratch, "constants.wasm");
  execFileSync(COMPILER, [...flags, "-nostdlib", "-Wl,--no-entry,--export=values", "-o", wasm, unit]);
  const { memory, values } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)))
    .exports as unknown as {
    memory: WebAssembly.Memory;
    values: WebAssembly.Global<"i32">;
  };
  const numbers = new BigInt64Array(memory.buffer, values.value, all.length);
  return new Map(all.map((name, index) => [name, numbers[index] ?? 0n]));
}
