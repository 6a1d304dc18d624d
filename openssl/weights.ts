/** What each part of openssl.wasm weighs, from the linker's map. */
import { globSync } from "node:fs";
import { basename } from "node:path";
import { markdownTable } from "../bench/statistics.ts";

/** Bytes of one part, before compression. */
export interface Weight {
  readonly part: string;
  code: number;
  data: number;
}

/** Parts by where their C is; the first that fits counts. */
const PARTS: readonly (readonly [part: string, path: RegExp])[] = [
  ["our C: ciphers in SIMD", /^ours\/simd-/],
  ["Ed25519 and X25519", /^ours\/tables-curve25519/],
  ["Ed448 and X448", /^ours\/tables-curve448/],
  ["our C: glue", /^ours\//],
  ["C library", /^libc\//],
  ["TLS: records", /^ssl\/record\//],
  ["TLS: handshake, connections, contexts", /^ssl\//],
  ["Ed25519 and X25519", /^crypto\/ec\/curve25519/],
  ["Ed448 and X448", /^crypto\/ec\/curve448\//],
  ["P-256", /^crypto\/ec\/ecp_nistp256/],
  ["P-384", /^crypto\/ec\/ecp_nistp384/],
  ["P-521", /^crypto\/ec\/ecp_nistp521/],
  ["other elliptic curves", /^crypto\/ec\//],
  ["ML-KEM", /ml_kem|mlx_/],
  ["ML-DSA", /ml_dsa/],
  ["RSA", /rsa/],
  ["Diffie-Hellman", /^crypto\/(dh|ffc)\/|dh_/],
  ["DES", /des/],
  ["hashes", /^crypto\/(sha|md5)\//],
  ["big numbers", /^crypto\/bn\//],
  ["X.509", /^crypto\/x509\//],
  ["ASN.1", /^crypto\/asn1\//],
  ["object names", /^crypto\/objects\//],
  ["EVP", /^crypto\/evp\//],
  ["key files", /^crypto\/(pem|pkcs7|pkcs12|encode_decode|store)\/|encode_decode|storemgmt/],
  ["providers", /^providers\/|^crypto\/(provider|core_|property|params)/],
  ["texts of errors", /err/],
  ["configuration", /^crypto\/conf\//],
];
/** The linker merges equal texts of all files, and no longer says whose they are. */
const TEXTS = "texts of all parts";
const OTHER = "other";

/** Where the C of each object file is, by the object's name. */
function sources(folder: string): Map<string, string> {
  const paths = globSync("{crypto,ssl,providers}/**/*.o", { cwd: folder });
  return new Map(paths.map((path) => [basename(path), path.replace(/[^/]*-lib-/, "")]));
}

function partOf(object: string, places: ReadonlyMap<string, string>): string {
  if (object === "<internal>") return TEXTS;
  const name = basename(object).replace(/^.*\((.*)\)$/, "$1");
  const place = /lib(ssl|crypto)\.a\(/.test(object)
    ? (places.get(name) ?? "")
    : `${name.endsWith(".c.o") ? "ours" : "libc"}/${name}`;
  return PARTS.find(([, pattern]) => pattern.test(place))?.[0] ?? OTHER;
}

/**
 * Adds up the map.
 * @param map the text that `wasm-ld -Map` wrote
 * @param source the folder of the built OpenSSL
 */
export function weights(map: string, source: string): Weight[] {
  const places = sources(source);
  const found = new Map<string, Weight>();
  let isCode = false;
  // Address, offset, size; then one blank before a section's name, nine before a piece of it, and more before symbols.
  for (const [, size, blanks, name] of map.matchAll(/^ *\S+ +[0-9a-f]+ +([0-9a-f]+)( +)(.*)$/gm)) {
    if (blanks?.length === 1) isCode = name === "CODE";
    const object = blanks?.length === 9 ? /^(.*):\(.*\)$/.exec(name ?? "")?.[1] : undefined;
    if (object === undefined) continue;
    const part = partOf(object, places);
    const weight = found.get(part) ?? { part, code: 0, data: 0 };
    weight[isCode ? "code" : "data"] += Number.parseInt(size ?? "0", 16);
    found.set(part, weight);
  }
  return [...found.values()].sort((a, b) => b.code + b.data - (a.code + a.data));
}

/** The weights as a table in kB. */
export function weightsTable(list: readonly Weight[]): string {
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
  const sum = { part: "sum", code: 0, data: 0 };
  for (const { code, data } of list) {
    sum.code += code;
    sum.data += data;
  }
  const rows = [...list, sum].map(({ part, code, data }) => [part, kilobytes(code), kilobytes(data)]);
  return markdownTable(["part", "code, kB", "data, kB"], rows);
}
